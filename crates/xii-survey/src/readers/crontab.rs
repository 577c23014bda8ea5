//! Crontabs: a schedule and a command a line.

use xii_model::{AdminTask, Facts, ScheduledJob};

use super::reader::{Reader, file_name};
use super::shell::{commands, name};
use crate::source::Source;

pub(super) static READER: Reader = Reader {
    name: "crontab",
    recognises: |path| {
        let name = file_name(path);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let cron_folder = ["cron.d", "crontabs"]
            .iter()
            .any(|one| folder.rsplit('/').next() == Some(one));
        name == "crontab"
            || name.starts_with("crontab.")
            || name.ends_with(".crontab")
            || name.ends_with(".cron")
            || (cron_folder && !name.starts_with('.'))
    },
    read,
};

/// More jobs than this in one file are not a person's.
const MAX_JOBS: usize = 500;

/// Commands in front of the one that does the work.
const SMALL: [&str; 8] = ["cd", "test", "[", "sleep", "source", ".", "export", "set"];

fn read(source: &Source<'_>, facts: &mut Facts) {
    let mut offset = 0;
    let mut jobs = 0;
    // Files of the system name the user in front of the command.
    let with_user = source.path.contains("cron.d/");
    for line in source.text.split_inclusive('\n') {
        let start = offset + (line.len() - line.trim_start().len());
        offset += line.len();
        let text = line.trim();
        let Some((schedule, command)) = split(text) else {
            continue;
        };
        jobs += 1;
        if jobs > MAX_JOBS {
            return;
        }
        let command = match command.split_once(char::is_whitespace) {
            Some((_, rest)) if with_user => rest.trim(),
            _ => command,
        };
        let found = commands(command);
        let first = found.iter().map(|simple| simple.program()).find(|words| {
            words
                .first()
                .is_some_and(|word| !SMALL.contains(&name(word)))
        });
        let job = ScheduledJob {
            through: "cron".to_owned(),
            schedule: Some(schedule.to_owned()),
            in_process: false,
            guarded: found
                .first()
                .is_some_and(|simple| simple.words.iter().any(|word| name(word) == "flock")),
        };
        let span = start..start + text.len();
        facts.push(source.fact(span.clone(), job));
        let program = first
            .and_then(|words| words.first())
            .map_or("", |word| name(word));
        let task = AdminTask {
            name: source.redacted(program),
            command: Some(source.redacted(command)),
            kind: "scheduled",
            source: "crontab",
        };
        facts.push(source.fact(span, task));
    }
}

/// The schedule and the command of a line: five fields or a word such as `@daily`.
fn split(line: &str) -> Option<(&str, &str)> {
    if line.starts_with('@') {
        let (schedule, command) = line.split_once(char::is_whitespace)?;
        let known = [
            "@reboot",
            "@yearly",
            "@annually",
            "@monthly",
            "@weekly",
            "@daily",
            "@midnight",
            "@hourly",
        ];
        return known
            .contains(&schedule)
            .then(|| (schedule, command.trim()));
    }
    let mut end = 0;
    for _ in 0..5 {
        let rest = line.get(end..)?;
        let field = rest.trim_start();
        let length = field.find(char::is_whitespace)?;
        let text = field.get(..length)?;
        if !text.split([',', '-', '/', '#']).all(is_part) {
            return None;
        }
        end += rest.len() - field.len() + length;
    }
    let command = line.get(end..)?.trim();
    (!command.is_empty()).then(|| (line.get(..end).unwrap_or_default(), command))
}

/// A part of a field: a number, `*`, or the short name of a month or a day.
fn is_part(text: &str) -> bool {
    let number = !text.is_empty() && text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
    let name = text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic());
    number || name || matches!(text, "*" | "?" | "L")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::read_text;
    use proptest::prelude::*;

    #[test]
    fn jobs_are_read_and_other_lines_are_not() {
        let facts = read_text(
            &READER,
            "crontab",
            "# m h dom mon dow command\nSHELL=/bin/sh\n*/5 * * * MON-FRI cd /app && API_TOKEN=hunter2hunter2 python manage.py clearsessions\n@daily flock -n /tmp/x ./report.sh\nthis is not a cron line at all\n",
        );
        assert_eq!(
            facts.lines(),
            [
                "crontab:3:1 AdminTask { name: \"python\", command: Some(\"cd /app && API_TOKEN=************** python manage.py clearsessions\"), kind: \"scheduled\", source: \"crontab\" }",
                "crontab:3:1 ScheduledJob { through: \"cron\", schedule: Some(\"*/5 * * * MON-FRI\"), in_process: false, guarded: false }",
                "crontab:4:1 AdminTask { name: \"flock\", command: Some(\"flock -n /tmp/x ./report.sh\"), kind: \"scheduled\", source: \"crontab\" }",
                "crontab:4:1 ScheduledJob { through: \"cron\", schedule: Some(\"@daily\"), in_process: false, guarded: true }",
            ]
        );
        let facts = read_text(&READER, "etc/cron.d/app", "0 3 * * * app ./backup\n");
        assert_eq!(facts.admin_tasks[0].command.as_deref(), Some("./backup"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "([*0-9a-zé@ /\n]|@daily ){0,60}") {
            read_text(&READER, "crontab", &text);
        }
    }
}

//! A PID or lock file that outlives a killed process and stops the next one from starting.
//!
//! ## What it looks for
//!
//! PID files named in start commands (`--pidfile`, `--pid`), in settings (`pidfile = …`), and written
//! by the program itself. A command that removes the file first, an empty name and `/dev/null` are
//! fine.
//!
//! ## Why it matters
//!
//! A process that is killed cannot remove its file. In a container the next process often has the very
//! number that stands in it, so the file looks alive and the start is refused until somebody deletes
//! it by hand. The platform knows its processes and needs no file.
//!
//! ## What to do instead
//!
//! Leave the option out; for tools that insist, name no file:
//!
//! ```text
//! beat: celery -A app beat --pidfile=
//! ```
//!
//! Where only one instance may run, take a lock in a backing service that ends with the connection,
//! such as `pg_try_advisory_lock`.

use std::collections::HashSet;

use xii_model::{App, Confidence, FilePlace, Severity, Written};

use crate::command::Command;
use crate::command::start;
use crate::{Claims, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "stale-pid-file",
    criteria: &["IX.4", "VIII.2"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut seen = HashSet::new();
    for start in start::all(app).iter().filter(|start| !start.development) {
        let programs = start.programs(app);
        let removed = programs.iter().any(|command| {
            command.program() == "rm" && command.words().iter().any(|word| word.contains("pid"))
        });
        if removed {
            continue;
        }
        for (program, file) in programs
            .iter()
            .filter_map(|one| Some((one, pid_file(one)?)))
        {
            if !seen.insert((start.at.path.clone(), start.at.start.line)) {
                continue;
            }
            let name = program.program();
            if refuses(name) {
                claims
                    .finding(
                        &start.at,
                        format!("{name} writes its number to `{file}` and refuses to start when the file is there: after a kill it stays, and the next start fails"),
                    )
                    .confidence(Confidence::Medium)
                    .subject(file)
                    .help(format!("name no file: `{name} … --pidfile=`; the platform knows its processes"));
            } else {
                claims
                    .finding_on(
                        "VIII.2",
                        &start.at,
                        format!("{name} writes a PID file, `{file}`: the platform knows its processes, and a file that outlives one tells the wrong number"),
                    )
                    .severity(Severity::Note)
                    .confidence(Confidence::Medium)
                    .subject(file)
                    .help("leave the option out and signal the process through the platform");
            }
        }
    }
    for fact in &app.facts.daemonizes {
        let Some(file) = fact.pid_file.as_deref().filter(|file| !is_no_file(file)) else {
            continue;
        };
        if !fact.scope.is_deployed() || !seen.insert((fact.at.path.clone(), fact.at.start.line)) {
            continue;
        }
        claims
            .finding_on(
                "VIII.2",
                &fact.at,
                format!("a PID file, `{file}`, is written: the platform knows its processes, and a file that outlives a killed one tells the wrong number"),
            )
            .severity(Severity::Note)
            .subject(file)
            .help("leave the setting out and signal the process through the platform");
    }
    for write in &app.facts.file_writes {
        if write.what.what != Written::PidFile
            || !write.scope.is_deployed()
            || !seen.insert((write.at.path.clone(), write.at.start.line))
        {
            continue;
        }
        claims
            .finding(
                &write.at,
                "the program writes a PID or lock file: after a kill it stays behind, and in a container the next process can have the same number, so a check of it refuses the start",
            )
            .confidence(if write.place == FilePlace::Temporary {
                Confidence::Low
            } else {
                Confidence::Medium
            })
            .subject("pid file")
            .help("drop it: the platform sees to it that the wanted number of processes runs. Where one instance only may work, take a lock in a backing service that ends with the connection:\n\n    SELECT pg_try_advisory_lock(42);");
    }
}

/// The PID file that a command names.
fn pid_file(command: &Command) -> Option<&str> {
    let file = match command.program() {
        "gunicorn" => command.option(&["--pid", "-p"]),
        _ => command.option(&["--pidfile", "--pid-file", "--pidfile2"]),
    }?;
    (!is_no_file(file)).then_some(file)
}

fn is_no_file(file: &str) -> bool {
    file.is_empty() || file == "/dev/null" || file.starts_with('-')
}

/// Programs that do not start while the file is there and its number is in use.
fn refuses(program: &str) -> bool {
    matches!(
        program,
        "celery" | "twistd" | "rails" | "puma" | "start-stop-daemon"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::parse;

    #[test]
    fn a_named_file_is_told_from_none() {
        let file = |line: &str| {
            parse(line)
                .iter()
                .find_map(|one| pid_file(one).map(str::to_owned))
        };
        assert_eq!(
            file("celery -A app beat --pidfile=/var/run/beat.pid").as_deref(),
            Some("/var/run/beat.pid")
        );
        assert_eq!(
            file("gunicorn -p /run/g.pid app:app").as_deref(),
            Some("/run/g.pid")
        );
        assert_eq!(file("celery -A app beat --pidfile="), None);
        assert_eq!(file("celery -A app beat --pidfile /dev/null"), None);
        assert_eq!(file("flask run -p 5000"), None);
    }
}

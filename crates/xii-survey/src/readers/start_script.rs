//! Shell scripts that start a process: `docker-entrypoint.sh`, `start.sh`, `run.sh`.

use xii_model::{Daemonize, Facts, MigrationAtStart, StartScript};

use super::deploy_name;
use super::reader::{Reader, file_name};
use super::shell::{Simple, commands, migration, name};
use super::skeleton;
use crate::source::Source;

pub(super) static READER: Reader = Reader {
    name: "start script",
    recognises: |path| is_start(&file_name(path)),
    read,
};

/// Words in the names of scripts that start something.
const START: [&str; 10] = [
    "entrypoint",
    "start",
    "startup",
    "run",
    "boot",
    "serve",
    "server",
    "launch",
    "prestart",
    "web",
];
/// Words in the names of scripts that do something else as well.
const OTHER: [&str; 14] = [
    "test",
    "tests",
    "lint",
    "build",
    "docs",
    "benchmark",
    "bench",
    "format",
    "check",
    "ci",
    "migrations",
    "deploy",
    "release",
    "install",
];
/// The most commands that a fact keeps.
const MAX_COMMANDS: usize = 100;

fn is_start(name: &str) -> bool {
    let (stem, script) = match name
        .strip_suffix(".sh")
        .or_else(|| name.strip_suffix(".bash"))
    {
        Some(stem) => (stem, true),
        None => (name, false),
    };
    if !script && name.contains('.') {
        return false;
    }
    let words: Vec<&str> = stem.split(['-', '_', '.']).collect();
    let starts = words.iter().any(|word| START.contains(word));
    let other = words.iter().any(|word| OTHER.contains(word));
    starts
        && !other
        && (script
            || words
                .first()
                .is_some_and(|word| matches!(*word, "entrypoint" | "docker" | "start" | "run")))
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    // Without an ending only the first line tells a script from a program.
    if source.name().rsplit_once('.').is_none() && !source.text.starts_with("#!") {
        return;
    }
    if source.text.starts_with("#!") && !first_line(source.text).contains("sh") {
        return;
    }
    let text = skeleton::blanked(source.text, false);
    let found = commands(&text);
    let Some(last) = found.last() else {
        return;
    };
    let mut own = Facts::default();
    let script = StartScript {
        execs: last.is_exec(),
        commands: found
            .iter()
            .take(MAX_COMMANDS)
            .map(|simple| source.redacted(&simple.line()))
            .collect(),
    };
    own.push(source.fact(last.span.clone(), script));
    // What a supervisor runs before the server, in a script of its own.
    let before = ["prestart", "s6-rc.d/init", "cont-init.d"];
    let prestart = before.iter().any(|part| source.path.contains(part));
    for (index, simple) in found.iter().enumerate() {
        if let Some(how) = migration(simple.program())
            && (prestart || found.iter().skip(index + 1).any(starts_something))
        {
            let locked = found.iter().any(|simple| {
                simple
                    .words
                    .iter()
                    .any(|word| matches!(name(word), "flock" | "s6-setlock"))
            });
            let migration = MigrationAtStart {
                how: source.redacted(&how),
                locked,
            };
            own.push(source.fact(simple.span.clone(), migration));
        }
        if let Some(daemonize) = daemonize(simple) {
            own.push(source.fact(simple.span.clone(), daemonize));
        }
    }
    let stem = file_name(source.path);
    let variant = stem.strip_suffix(".sh").unwrap_or(&stem);
    deploy_name::scope(&mut own, deploy_name::of_file(Some(variant), source.path));
    facts.append(own);
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Whether a command may be the process that stays: not one of the shell's own or a small tool.
fn starts_something(simple: &Simple) -> bool {
    const SMALL: [&str; 30] = [
        "echo", "printf", "set", "export", "cd", "sleep", "return", "exit", "source", ".", "[",
        "[[", "test", "wait", "trap", "mkdir", "chown", "chmod", "rm", "cp", "mv", "cat", "true",
        "false", "shift", "unset", "local", "break", "continue", "nc",
    ];
    let words = simple.program();
    words
        .first()
        .is_some_and(|word| !SMALL.contains(&name(word)) && !word.ends_with("()"))
        && migration(words).is_none()
        && !words.iter().any(|word| {
            matches!(
                word.as_str(),
                "collectstatic"
                    | "compilemessages"
                    | "loaddata"
                    | "createsuperuser"
                    | "seed"
                    | "db:seed"
            )
        })
}

/// How a command leaves the foreground, if it does.
fn daemonize(simple: &Simple) -> Option<Daemonize> {
    let words = simple.program();
    let first = name(words.first()?);
    let has = |word: &str| words.iter().any(|one| one == word);
    let second = words.get(1).map(String::as_str);
    let how = if simple
        .words
        .first()
        .is_some_and(|word| name(word) == "nohup")
    {
        "nohup".to_owned()
    } else if first == "pm2" && second == Some("start") && !has("--no-daemon") {
        "pm2 start".to_owned()
    } else if first == "forever" && second == Some("start") {
        "forever start".to_owned()
    } else if matches!(first, "gunicorn" | "hypercorn") && (has("--daemon") || has("-D")) {
        format!("{first} --daemon")
    } else if first == "celery" && (has("multi") || has("--detach") || has("-D")) {
        "celery --detach".to_owned()
    } else if first == "uwsgi" && words.iter().any(|word| word.starts_with("--daemonize")) {
        "uwsgi --daemonize".to_owned()
    } else if simple.background && starts_something(simple) {
        "&".to_owned()
    } else {
        return None;
    };
    let pid_file = words.iter().enumerate().find_map(|(index, word)| {
        let (option, value) = word.split_once('=').unwrap_or((word, ""));
        let named = matches!(option, "--pid" | "--pidfile");
        let value = if value.is_empty() && !word.contains('=') {
            words.get(index + 1).map_or("", String::as_str)
        } else {
            value
        };
        (named && !value.is_empty()).then(|| value.to_owned())
    });
    Some(Daemonize { how, pid_file })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::read_text;
    use proptest::prelude::*;

    #[test]
    fn an_entry_point_tells_migrations_background_work_and_exec() {
        let facts = read_text(
            &READER,
            "docker-entrypoint.sh",
            "#!/bin/bash\nset -e\n# python manage.py migrate\npython manage.py migrate --noinput\nDB_PASSWORD=hunter2 celery -A app worker --pidfile=/run/c.pid &\nexec \"$@\"\n",
        );
        assert_eq!(
            facts.lines(),
            [
                "docker-entrypoint.sh:4:1 MigrationAtStart { how: \"python manage.py migrate --noinput\", locked: false }",
                "docker-entrypoint.sh:5:21 Daemonize { how: \"&\", pid_file: Some(\"/run/c.pid\") }",
                "docker-entrypoint.sh:6:1 StartScript { execs: true, commands: [\"set -e\", \"python manage.py migrate --noinput\", \"celery -A app worker --pidfile=/run/c.pid\", \"exec $@\"] }",
            ]
        );
    }

    #[test]
    fn a_script_that_only_migrates_starts_nothing() {
        let facts = read_text(&READER, "run.sh", "alembic upgrade head\necho done\n");
        assert!(facts.migrations_at_start.is_empty());
        let facts = read_text(
            &READER,
            "run.sh",
            "alembic upgrade head && uvicorn app:app\n",
        );
        assert_eq!(facts.migrations_at_start.len(), 1);
        assert!(!facts.start_scripts[0].execs);
    }

    #[test]
    fn only_scripts_that_start_something_are_recognised() {
        for (path, yes) in [
            ("docker/docker-entrypoint.sh", true),
            ("compose/production/django/start", true),
            ("entrypoint", true),
            ("boot.sh", true),
            ("run-tests.sh", false),
            ("start.js", false),
            ("restart.sh", false),
            ("scripts/build.sh", false),
        ] {
            assert_eq!((READER.recognises)(path), yes, "{path}");
        }
        let facts = read_text(&READER, "start", "#!/usr/bin/env python3\nexec('x')\n");
        assert_eq!(facts.count(), 0);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in any::<String>()) {
            read_text(&READER, "start.sh", &text);
        }
    }
}

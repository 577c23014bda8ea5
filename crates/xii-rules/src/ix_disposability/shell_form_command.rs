//! A shell stands between the platform and the program, and keeps the signals.
//!
//! ## What it looks for
//!
//! CMD and ENTRYPOINT in shell form, and `sh -c '…'` in images, compose files and Kubernetes, whose
//! last command has no `exec` before it; and entrypoint scripts that they run whose last command starts
//! the program without `exec`. A command in exec form that starts the program itself is evidence for the
//! criterion, and so is a script that ends in `exec "$@"`.
//!
//! ## Why it matters
//!
//! The platform sends SIGTERM to the container's first process. When that is `/bin/sh`, the shell does
//! not pass it on: the program never hears that it should stop, serves on until the grace is over and
//! is killed with requests in flight. Every deploy then takes the whole grace and drops requests.
//!
//! ## What to do instead
//!
//! Exec form, so that the program is the first process:
//!
//! ```dockerfile
//! CMD ["node", "server.js"]
//! ```
//!
//! Where variables have to be expanded, let the shell replace itself:
//!
//! ```dockerfile
//! CMD exec gunicorn app:app --bind 0.0.0.0:$PORT
//! ```
//!
//! ## When it is fine
//!
//! Some shells (bash, Alpine's BusyBox) replace themselves by the last command without being told.
//! `exec` makes it certain.

use xii_model::{App, Confidence, Edit, Evidence, Fact, Severity, StartScript};

use crate::command::start::{self, Place, Start};
use crate::command::{self, Command};
use crate::{Claims, Rule, advice};

pub(crate) const RULE: Rule = Rule {
    name: "shell-form-command",
    criteria: &["IX.5"],
    severity: Severity::Warning,
    check,
};

/// Programs that are known to be the app's own process, not a script in front of it.
const PROGRAMS: [&str; 18] = [
    "node",
    "python",
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "daphne",
    "celery",
    "rq",
    "dramatiq",
    "flask",
    "fastapi",
    "uwsgi",
    "next",
    "deno",
    "java",
    "dotnet",
    "ruby",
    "puma",
];

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut direct = Vec::new();
    let mut opaque = false;
    for start in start::all(app) {
        if start.development || start.place == Place::Manifest {
            continue;
        }
        let commands = start.commands();
        let Some(last) = command::main(&commands) else {
            continue;
        };
        let known = PROGRAMS.contains(&last.program());
        let shell = start.command.shell || last.in_shell;
        if last.package_script().is_some() || commands.iter().any(|one| one.background) {
            // Told by `package-manager-as-init` and `daemonized-process`.
            opaque = true;
        } else if start.place == Place::Procfile {
            // A Procfile's platform puts a shell in front that replaces itself by a single command.
            match commands.as_slice() {
                [_] if known => direct.push((start.at.clone(), signalled(last))),
                _ => opaque = true,
            }
        } else if shell && (!last.exec || last.piped) {
            opaque = true;
            report(app, claims, &start, &commands, last);
        } else if let Some(script) = script(app, last) {
            if script.execs {
                direct.push((
                    script.at.clone(),
                    format!("`{}` replaces itself by the program", last.program()),
                ));
            } else {
                opaque = true;
                in_script(claims, &start, script);
            }
        } else if known {
            direct.push((start.at.clone(), signalled(last)));
        } else {
            opaque = true;
        }
    }
    if opaque {
        return;
    }
    for (at, reason) in direct {
        claims.holds("IX.5", reason, &at);
    }
}

fn signalled(command: &Command) -> String {
    format!("`{}` is the process that is signalled", command.program())
}

/// The script that a command runs, where the survey read it.
fn script<'a>(app: &'a App, command: &Command) -> Option<&'a Fact<StartScript>> {
    let name = command.program();
    let mut found = app.facts.start_scripts.iter().filter(|script| {
        script.at.path.rsplit('/').next() == Some(name) && !script.scope.development
    });
    let first = found.next()?;
    // Two scripts of one name: which of them is copied into the image does not show.
    found.next().is_none().then_some(first)
}

/// A start script whose last command does not replace its shell.
fn in_script(claims: &mut Claims<'_>, start: &Start, script: &Fact<StartScript>) {
    let last = script.commands.last().map(|line| command::parse(line));
    let Some(last) = last.as_deref().and_then(command::main) else {
        return;
    };
    if !PROGRAMS.contains(&last.program()) && last.package_script().is_none() {
        return;
    }
    let line = last.written.join(" ");
    claims
        .finding(
            &script.at,
            format!("this script starts `{}` without `exec`: its shell gets SIGTERM and does not pass it on, so the program is killed when the grace is over, with requests in flight", last.program()),
        )
        .confidence(Confidence::High)
        .subject(last.program().to_owned())
        .related(&start.at, "the container starts the script")
        .help(format!("let the script's shell replace itself by the program:\n\n    exec {line}"));
}

fn report(app: &App, claims: &mut Claims<'_>, start: &Start, commands: &[Command], last: &Command) {
    let head = commands.iter().find(|one| one.piped);
    let piped = head.is_some();
    let program = head.unwrap_or(last).program();
    let what = if piped {
        format!("`{program}` is run in a pipeline by a shell")
    } else if start.place == Place::Image && start.command.shell {
        format!("`{program}` is started in shell form")
    } else {
        format!("`{program}` is started through `sh -c` without `exec`")
    };
    let explicit_bash = start.command.line().contains("bash");
    let confidence = if piped || start.shell_stays() {
        Confidence::High
    } else if explicit_bash {
        Confidence::Low
    } else {
        Confidence::Medium
    };
    let simple = commands.len() == 1 && last.written.iter().all(|word| is_plain(word));
    let help = if simple {
        format!(
            "in exec form the program is the first process:\n\n    {}",
            advice::exec_form(app, start.place, Some(&last.written))
        )
    } else if piped {
        "let the program write to its own stdout and drop the pipe; the platform collects the stream".to_owned()
    } else if commands.len() == 1 {
        let line = last.written.join(" ");
        let command = if start.place == Place::Image && start.command.shell {
            format!("CMD exec {line}")
        } else {
            format!("[\"sh\", \"-c\", {:?}]", format!("exec {line}"))
        };
        format!("let the shell replace itself by the program:\n\n    {command}")
    } else {
        format!("let the shell replace itself by the last program: `… && exec {program} …`")
    };
    let draft = claims.finding(
        &start.at,
        format!("{what}: the shell gets SIGTERM and does not pass it on, so the program is killed when the grace is over, with requests in flight"),
    );
    draft
        .confidence(confidence)
        .subject(program.to_owned())
        .help(help);
    if simple && let Some(edit) = exec_form_edit(app, start, last) {
        draft.unsafe_fix("write the command in exec form", vec![edit]);
    }
}

/// A word that means the same with and without a shell.
fn is_plain(word: &str) -> bool {
    word.chars()
        .all(|c| c.is_ascii_alphanumeric() || "_-./:=@,+%".contains(c))
}

/// The edit, when the evidence spans the whole instruction and the line is nothing but plain words.
fn exec_form_edit(app: &App, start: &Start, command: &Command) -> Option<Edit> {
    let at: &Evidence = &start.at;
    let line = at.excerpt.lines().next()?;
    let whole = at.start.column == 1
        && at.start.line == at.end.line
        && line.chars().count() == usize::try_from(at.end.column).ok()?.checked_sub(1)?;
    let (keyword, rest) = line.split_once(' ')?;
    (whole
        && start.place == Place::Image
        && keyword == "CMD"
        && rest.trim() == command.written.join(" "))
    .then(|| Edit::Replace {
        at: at.clone(),
        with: advice::exec_form(app, start.place, Some(&command.written)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specimen::{brief, fact, image, said};

    fn of(base: &str, cmd: &[&str]) -> String {
        let mut app = App::default();
        app.facts.push(image(base, cmd));
        said(&RULE, &app)
            .iter()
            .map(|line| {
                line.split_whitespace()
                    .take(3)
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect::<Vec<_>>()
            .join("; ")
    }

    #[test]
    fn how_sure_it_is_hangs_on_the_shell() {
        assert_eq!(
            of("node:22-slim", &["node a.js"]),
            "Dockerfile:5:1 IX.5 warning/high"
        );
        assert_eq!(
            of("node:22-alpine", &["node a.js"]),
            "Dockerfile:5:1 IX.5 warning/medium"
        );
        assert_eq!(
            of("node:22-alpine", &["node a.js | tee a"]),
            "Dockerfile:5:1 IX.5 warning/high"
        );
        assert_eq!(
            of(
                "python:3.12",
                &["bash", "-c", "flask db upgrade && gunicorn app:app"]
            ),
            "Dockerfile:5:1 IX.5 warning/low"
        );
    }

    #[test]
    fn what_is_signalled_itself_keeps_it_and_a_script_says_nothing() {
        for cmd in [
            &["node", "a.js"][..],
            &["exec node a.js"],
            &["tini", "--", "node", "a.js"],
            &["sh", "-c", "flask db upgrade && exec gunicorn app:app"],
        ] {
            assert_eq!(
                of("node:22", cmd).split(' ').next(),
                Some("holds"),
                "{cmd:?}"
            );
        }
        assert_eq!(of("node:22", &["./start.sh", "node"]), "");
        assert_eq!(of("node:22", &["npm", "start"]), "");
    }

    #[test]
    fn a_script_is_judged_by_its_last_command() {
        for (execs, last, expected) in [
            (true, "exec \"$@\"", "holds IX.5 `start.sh`"),
            (
                false,
                "gunicorn app:app",
                "docker/start.sh:7:1 IX.5 warning/high",
            ),
            (
                false,
                "npm run start:prod",
                "docker/start.sh:7:1 IX.5 warning/high",
            ),
            (false, "echo done", ""),
        ] {
            let mut app = App::default();
            app.facts.push(image("python:3.12", &["/start.sh", "x"]));
            app.facts.push(fact(
                "docker/start.sh",
                7,
                StartScript {
                    execs,
                    commands: vec!["set -e".to_owned(), last.to_owned()],
                },
            ));
            assert_eq!(brief(&RULE, &app).join("; "), expected, "{last}");
        }
    }
}

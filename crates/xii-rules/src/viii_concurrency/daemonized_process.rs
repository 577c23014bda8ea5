//! A start command sends the program to the background, away from what started it.
//!
//! ## What it looks for
//!
//! Start commands (Procfile, CMD, compose, Kubernetes, the `start` scripts of package.json) and
//! settings that daemonize: `--daemon`, `--detach`, `-D` of gunicorn, `daemon = True`, `nohup`, a
//! trailing `&`, `service … start`, `pm2 start` without `--no-daemon`, `forever start`,
//! `celery multi start`, `supervisord` without `--nodaemon`.
//!
//! ## Why it matters
//!
//! The platform watches the process that it started. When that one leaves a child behind and ends, the
//! platform sees a crash, or sees nothing of the child's: not its exit, not its output, and no signal
//! reaches it. Restarting is the platform's task, so a second process manager only hides failures.
//!
//! ## What to do instead
//!
//! Run one program in the foreground for each process type, and let the platform restart and scale it:
//!
//! ```text
//! web: node server.js
//! worker: celery -A app worker
//! ```
//!
//! Drop `--daemon` from gunicorn and `detach` from Celery. If pm2 has to stay, `pm2-runtime server.js`
//! keeps it in the foreground. Two programs that one image starts with `&` are two process types.

use std::collections::HashSet;

use xii_model::{App, Confidence, Evidence, Severity, Written};

use crate::command::start::{self, Place};
use crate::command::{self, Command};
use crate::{Claims, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "daemonized-process",
    criteria: &["VIII.2"],
    severity: Severity::Warning,
    check,
};

/// Programs that stay in the foreground unless they are told otherwise.
const FOREGROUND: [&str; 16] = [
    "node",
    "python",
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "daphne",
    "waitress-serve",
    "celery",
    "rq",
    "dramatiq",
    "next",
    "nest",
    "pm2-runtime",
    "flask",
    "fastapi",
    "arq",
];

fn check(app: &App, claims: &mut Claims<'_>) {
    let supervised = app.facts.proxy_settings.iter().any(|setting| {
        setting.program == "supervisor"
            && setting.directive == "nodaemon"
            && setting.value != "false"
    });
    let mut flagged = HashSet::new();
    let mut foreground: Option<(Evidence, String)> = None;
    for start in start::all(app).iter().filter(|start| !start.development) {
        let programs = start.programs(app);
        let told = programs
            .iter()
            .find_map(|program| leaves(program, supervised).map(|how| (program, how)));
        if let Some((program, how)) = told {
            flagged.insert((start.at.path.clone(), start.at.start.line));
            let confidence = match start.place {
                Place::Manifest => Confidence::Medium,
                _ if how == Leaves::Ampersand => Confidence::Medium,
                _ => Confidence::High,
            };
            report(claims, &start.at, &how, program).confidence(confidence);
        } else if start.place != Place::Manifest
            && let Some(last) = command::main(&programs)
            && FOREGROUND.contains(&last.program())
        {
            foreground.get_or_insert_with(|| (start.at.clone(), last.program().to_owned()));
        }
    }
    for script in &app.facts.scripts {
        let starts = ["start:", "start-", "prod", "serve", "worker"]
            .iter()
            .any(|word| script.name.starts_with(word));
        if script.source != "package.json"
            || !starts
            || ["dev", "test", "watch", "debug", "local"]
                .iter()
                .any(|word| script.name.contains(word))
            || flagged.contains(&(script.at.path.clone(), script.at.start.line))
        {
            continue;
        }
        if let Some((program, how)) = command::parse(&script.command)
            .iter()
            .find_map(|program| leaves(program, supervised).map(|how| (program, how)))
        {
            flagged.insert((script.at.path.clone(), script.at.start.line));
            // A script that no process type is known to run.
            report(claims, &script.at, &how, program).confidence(Confidence::Low);
        }
    }
    for fact in app
        .facts
        .daemonizes
        .iter()
        .filter(|fact| fact.scope.is_deployed())
    {
        // A PID file alone is told by the rule `stale-pid-file`.
        if fact.how.contains("pid") || !flagged.insert((fact.at.path.clone(), fact.at.start.line)) {
            continue;
        }
        claims
            .finding(
                &fact.at,
                format!(
                    "`{}` sends the program to the background: the platform then neither sees its output and its end nor can signal it",
                    fact.how
                ),
            )
            .confidence(Confidence::High)
            .subject(fact.how.clone())
            .help("leave the program in the foreground; the platform restarts it and runs as many as are wanted");
    }
    if flagged.is_empty()
        && !names_pid_file(app)
        && let Some((at, program)) = foreground
    {
        claims.holds("VIII.2", format!("`{program}` runs in the foreground"), &at);
    }
}

/// Whether a PID file is named anywhere; the rule `stale-pid-file` tells what it does.
fn names_pid_file(app: &App) -> bool {
    start::all(app)
        .iter()
        .any(|start| start.command.line().contains("--pid"))
        || app
            .facts
            .daemonizes
            .iter()
            .any(|fact| fact.pid_file.is_some())
        || app
            .facts
            .file_writes
            .iter()
            .any(|write| write.what.what == Written::PidFile && write.scope.is_deployed())
}

/// How a command leaves the foreground.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Leaves {
    Ampersand,
    Manager(&'static str),
    Flag(String),
}

fn leaves(command: &Command, supervised: bool) -> Option<Leaves> {
    let first = command.written.first().map(String::as_str);
    let argument = command.words().get(1).map(String::as_str);
    let flag = |names: &[&str]| {
        names
            .iter()
            .find(|name| command.has(name))
            .map(|name| Leaves::Flag(format!("{} {name}", command.program())))
    };
    if matches!(first, Some("nohup" | "setsid")) {
        return Some(Leaves::Flag(first.unwrap_or_default().to_owned()));
    }
    match command.program() {
        "pm2"
            if matches!(
                argument,
                Some("start" | "restart" | "reload" | "startOrRestart")
            ) =>
        {
            if command.has("--no-daemon") {
                return None;
            }
            Some(Leaves::Manager("pm2 start"))
        }
        "forever" if matches!(argument, Some("start" | "restart")) => {
            Some(Leaves::Manager("forever start"))
        }
        "supervisord" if !supervised && !command.has("-n") && !command.has("--nodaemon") => {
            // Its config file may say `nodaemon=true`; then the survey has read it.
            command
                .option(&["-c", "--configuration"])
                .is_none()
                .then_some(Leaves::Manager("supervisord"))
        }
        "service" if command.has("start") => Some(Leaves::Manager("service … start")),
        "start-stop-daemon" => Some(Leaves::Manager("start-stop-daemon")),
        "celery" if command.has("multi") => Some(Leaves::Manager("celery multi")),
        "celery" => flag(&["--detach", "-D"]),
        "gunicorn" => flag(&["--daemon", "-D"]),
        "uwsgi" => flag(&["--daemonize", "-d"]),
        "redis-server" => (command.option(&["--daemonize"]) == Some("yes"))
            .then(|| Leaves::Flag("redis-server --daemonize yes".to_owned())),
        "docker" | "docker-compose" | "git" | "wait" | "echo" => None,
        _ if command.background => Some(Leaves::Ampersand),
        _ => flag(&["--daemon", "--daemonize", "--detach"]),
    }
}

fn report<'c>(
    claims: &'c mut Claims<'_>,
    at: &Evidence,
    how: &Leaves,
    program: &Command,
) -> &'c mut crate::Draft {
    let name = program.program();
    let (message, help) = match how {
        Leaves::Ampersand => (
            format!("`&` sends `{name}` to the background of another process: when it dies nothing notices, and SIGTERM does not reach it"),
            "declare each program as a process type of its own, so that the platform restarts, scales and signals it".to_owned(),
        ),
        Leaves::Manager(manager) => (
            format!("`{manager}` leaves the program in the background and ends: the platform then watches a process that is gone, and the app's output and signals pass it by"),
            match *manager {
                "pm2 start" => "run the program itself, in exec form:\n\n    CMD [\"node\", \"server.js\"]\n\nor `pm2-runtime server.js`, which stays in the foreground".to_owned(),
                "celery multi" => "run one worker in the foreground and scale by instances:\n\n    celery -A app worker".to_owned(),
                "supervisord" => "declare each program as a process type of its own; where one container must hold several, `supervisord --nodaemon`".to_owned(),
                _ => "run the program itself in the foreground; the platform restarts it".to_owned(),
            },
        ),
        Leaves::Flag(flag) => (
            format!("`{flag}` sends the program to the background: the platform then neither sees its output and its end nor can signal it"),
            "drop it: the program stays in the foreground and the platform restarts it".to_owned(),
        ),
    };
    claims
        .finding(at, message)
        .subject(name.to_owned())
        .help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn how(line: &str) -> Option<Leaves> {
        command::parse(line)
            .iter()
            .find_map(|command| leaves(command, false))
    }

    #[test]
    fn what_leaves_the_foreground_is_told_from_what_stays() {
        for line in [
            "pm2 start ecosystem.config.js",
            "nohup node a.js > out.log 2>&1",
            "gunicorn -D app:app",
            "python -m celery multi start w1 -A app",
            "node worker.js & node server.js",
            "service cron start && node server.js",
        ] {
            assert!(how(line).is_some(), "{line}");
        }
        for line in [
            "pm2 start app.js --no-daemon",
            "pm2-runtime app.js",
            "forever -m 5 server.js",
            "node server.js && echo done",
            "supervisord -n",
            "supervisord -c /etc/supervisord.conf",
            "node -D server.js",
            "docker compose up -d",
        ] {
            assert_eq!(how(line), None, "{line}");
        }
    }
}

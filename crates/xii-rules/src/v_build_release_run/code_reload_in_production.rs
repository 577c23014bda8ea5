//! Finds deploys that watch their code for changes, and code that writes code.
//!
//! ## What it looks for
//!
//! Start commands of deploys with a reloader (`nodemon`, `node --watch`, `uvicorn --reload`,
//! `gunicorn --reload`, `flask --debug`, `pm2 --watch`), and code that writes program files below the
//! app's own root.
//!
//! ## Why it matters
//!
//! A release is a build and a config, and neither changes after the fact. A process that reloads
//! changed files invites changes on the server, which the next deploy loses and no other instance has.
//!
//! ## What to do instead
//!
//! Start the server itself, and keep the reloader in the script for development:
//!
//! ```json
//! { "scripts": { "dev": "nodemon server.js", "start": "node server.js" } }
//! ```
//! ```text
//! web: uvicorn app.main:app --host 0.0.0.0 --port $PORT
//! ```

use xii_model::{App, AppKind, Confidence, FilePlace, Framework, Severity};

use crate::command::Command;
use crate::command::start_lines::{self, Standing};
use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "code-reload-in-production",
    criteria: &["V.3"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    if app.kind != AppKind::Service {
        return;
    }
    let mut said = false;
    for start in &start_lines::of(app) {
        let Some((reloader, command)) = start
            .commands()
            .iter()
            .find_map(|command| Some((reloader(command)?, command.line())))
        else {
            continue;
        };
        said = true;
        let draft = claims.finding(
            start.at,
            format!(
                "starting `{}` runs `{command}`: {reloader} restarts the app when its code changes, but the code of a release never does",
                start.name
            ),
        );
        draft
            .confidence(match start.standing {
                Standing::Production => Confidence::High,
                Standing::Likely => Confidence::Medium,
                Standing::Unclear => Confidence::Low,
            })
            .subject(command)
            .help(advice(app));
        if let Some(from) = start.from.filter(|from| *from != start.at) {
            draft.related(from, "started from here");
        }
    }
    for write in app
        .facts
        .file_writes
        .iter()
        .filter(|write| write.scope.is_deployed())
    {
        if let (FilePlace::AppRoot, Some(path)) = (write.place, write.path.fallback())
            && is_program(path)
        {
            said = true;
            claims
                .finding(
                    &write.at,
                    format!("this writes {path}, which looks like a program of the app itself: the code then differs from the release, and from instance to instance"),
                )
                .confidence(Confidence::Low)
                .subject(path)
                .help("make such files in the build, or keep what changes in a database");
        }
    }
    // A root that cannot be written to keeps the code as it was released.
    let read_only = app.facts.workloads.iter().find_map(|workload| {
        let mut own = workload
            .containers
            .iter()
            .filter(|container| !container.init);
        own.find(|container| container.security.read_only_root == Some(true))
    });
    if let (false, Some(container)) = (said, read_only) {
        claims.holds(
            "V.3",
            format!(
                "container `{}` runs with a root that cannot be written to",
                container.name
            ),
            &container.at,
        );
    }
}

/// The start without a reloader, in the app's framework.
fn advice(app: &App) -> &'static str {
    if app.uses(Framework::Django) {
        "start the server itself:\n    web: gunicorn project.wsgi --bind 0.0.0.0:$PORT"
    } else if app.uses(Framework::FastApi) || app.uses(Framework::Starlette) {
        "start the server itself, and keep --reload for development:\n    web: uvicorn app.main:app --host 0.0.0.0 --port $PORT"
    } else if app.is_python() {
        "start the server itself, and keep the reloader for development:\n    web: gunicorn app:app --bind 0.0.0.0:$PORT"
    } else {
        "start the server itself, and keep the reloader for development:\n    \"dev\": \"nodemon server.js\", \"start\": \"node server.js\""
    }
}

/// What watches the code in a command.
fn reloader(command: &Command) -> Option<&'static str> {
    Some(match command.program() {
        "nodemon" | "node-dev" | "supervisor" | "ts-node-dev" | "tsnd"
            // Python's supervisor is a process manager, and takes its config with -c.
            if !(command.program() == "supervisor" && command.has("-c")) =>
        {
            "a watcher"
        }
        "node" | "tsx" | "bun" if command.has("--watch") || command.verb() == Some("watch") => "`--watch`",
        "pm2" | "pm2-runtime" | "pm2-dev" if command.has("--watch") || command.program() == "pm2-dev" => "`--watch`",
        "uvicorn" | "gunicorn" | "hypercorn" | "granian" if command.has("--reload") => "`--reload`",
        "fastapi" if command.verb() == Some("dev") => "`fastapi dev`",
        "flask" if command.has("--debug") || command.has("--reload") => "the debug mode",
        "nest" | "strapi" if command.has("--watch") => "`--watch`",
        "watchmedo" | "watchfiles" | "air" | "reflex" | "entr" => "a watcher",
        _ => return None,
    })
}

/// Whether a path ends like a program of the app.
fn is_program(path: &str) -> bool {
    let end = path.rsplit('.').next().unwrap_or_default();
    path.contains('.') && matches!(end, "js" | "mjs" | "cjs" | "ts" | "py" | "rb" | "php")
}

//! A deploy is started with a server that is made for development.
//!
//! ## What it looks for
//!
//! `flask run`, `manage.py runserver`, `fastapi dev` and `next dev` as the command of a Procfile, an
//! image or a manifest, and `app.run()` in code where nothing else serves the app. `app.run()` for
//! developers is fine beside a start command with gunicorn or the like.
//!
//! ## Why it matters
//!
//! These servers serve few requests at a time, reload code, show stack traces and consoles to visitors,
//! and their makers say themselves that they must not face the world. They also are not what the other
//! deploys run, so that they hide faults until production.
//!
//! ## What to do instead
//!
//! Declare a production server as a dependency and start that:
//!
//! ```procfile
//! web: gunicorn project.wsgi --bind 0.0.0.0:$PORT
//! ```
//!
//! ```dockerfile
//! CMD ["fastapi", "run", "--port", "8000"]
//! ```

use xii_model::{App, Confidence, Ecosystem, Framework, Severity};

use super::loopback_listen::serves_http;
use crate::command::server_starts::{self, Started};
use crate::{Claims, Rule, places};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "development-server",
    criteria: &["VII.3"],
    severity: Severity::Error,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let started = server_starts::started(app);
    let production: Vec<&Started<'_>> = started
        .iter()
        .filter(|one| !one.local && !one.server.development())
        .collect();
    let development: Vec<&Started<'_>> = started
        .iter()
        .filter(|one| !one.local && one.server.development())
        .collect();
    for one in development.iter().take(10) {
        // `npm start` may be what developers type while the image starts something else.
        let script = one.fact.source == "package.json";
        claims
            .finding(
                &one.fact.at,
                format!(
                    "{} starts `{}`, a server for development: it is slow, and shows its insides to visitors",
                    one.fact.source, one.server.program
                ),
            )
            .confidence(match (script, production.is_empty()) {
                (false, true) => Confidence::High,
                (true, false) => Confidence::Low,
                _ => Confidence::Medium,
            })
            .subject(one.fact.name.as_str())
            .help(help(app));
    }
    if let Some(one) = production.first() {
        holds(app, one, claims);
        return;
    }
    let listens: Vec<_> = app
        .facts
        .listens
        .iter()
        .filter(|listen| listen.scope.is_deployed())
        .collect();
    if let Some(listen) = listens
        .iter()
        .find(|listen| !listen.development_server && serves_http(&listen.through))
    {
        claims.holds(
            "VII.3",
            format!("the app itself serves HTTP, with {}", listen.through),
            &listen.at,
        );
    } else if let (Some(listen), true) = (listens.first(), development.is_empty()) {
        // Another server may be started by something that is not in the repository.
        let known = app
            .facts
            .process_types
            .iter()
            .any(|process| !server_starts::is_local(process));
        let declared = app.depends_on(&[
            "gunicorn",
            "uvicorn",
            "waitress",
            "hypercorn",
            "uwsgi",
            "daphne",
        ]);
        if app
            .facts
            .process_types
            .iter()
            .any(|process| places::same_line(&process.at, &listen.at))
        {
            return;
        }
        claims
            .finding(
                &listen.at,
                format!(
                    "{} starts its server for development, and nothing declares another: it is slow, and shows its insides to visitors",
                    listen.through
                ),
            )
            .confidence(match (known, declared) {
                (_, true) => Confidence::Low,
                (true, false) => Confidence::Medium,
                (false, false) => Confidence::Medium,
            })
            .severity(Severity::Warning)
            .subject("run")
            .help(help(app));
    }
}

/// A production server that is a declared dependency is what the criterion asks for.
fn holds(app: &App, one: &Started<'_>, claims: &mut Claims<'_>) {
    let package = match one.server.program {
        "waitress-serve" => "waitress",
        "fastapi run" => "fastapi",
        "next start" => "next",
        "rails server" => "rails",
        other => other,
    };
    let declared = app.facts.dependencies.iter().find(|dependency| {
        dependency.name == package
            || (package == "uvicorn"
                && dependency.name == "fastapi"
                && dependency.requirement.contains("standard"))
            || (dependency.ecosystem == Ecosystem::Python
                && dependency.name == format!("{package}[standard]"))
    });
    // uwsgi's settings file may give it a socket instead of a port.
    let unknown = one.server.program == "uwsgi" && one.server.settings_file;
    if let (Some(dependency), None, false) = (declared, &one.server.socket, unknown) {
        claims.holds(
            "VII.3",
            format!(
                "{} serves the app and is a declared dependency",
                one.server.program
            ),
            &dependency.at,
        );
    }
}

fn help(app: &App) -> &'static str {
    if app.uses(Framework::Django) {
        "add gunicorn to the dependencies and start it:\n    gunicorn project.wsgi --bind 0.0.0.0:$PORT"
    } else if app.uses(Framework::Flask) {
        "add gunicorn to the dependencies and start it:\n    gunicorn app:app --bind 0.0.0.0:$PORT"
    } else if app.uses(Framework::FastApi) {
        "start it for production:\n    fastapi run --port $PORT   # or: uvicorn main:app --host 0.0.0.0 --port $PORT"
    } else if app.uses(Framework::Next) {
        "build once and start what was built:\n    next build\n    next start"
    } else {
        "declare a server for production as a dependency and start that"
    }
}

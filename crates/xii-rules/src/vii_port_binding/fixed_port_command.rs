//! The command that starts the server gives it a fixed port.
//!
//! ## What it looks for
//!
//! `--port 8000`, `-b 0.0.0.0:8000` and the like in commands of a Procfile, a Dockerfile, a manifest or a
//! package script, for servers that are known (gunicorn, uvicorn, hypercorn, daphne, Flask, Next.js, puma …),
//! and servers that read no `PORT` and are given none. Compose files for a developer's machine are
//! left alone.
//!
//! ## Why it matters
//!
//! Platforms choose the port and send requests there. In a Procfile a fixed one means that the app is
//! never reached. In an image it ties every deploy to that number: fine where the platform maps ports
//! (Kubernetes, compose), wrong where it does not (Cloud Run, Heroku, one machine for several instances).
//!
//! ## What to do instead
//!
//! ```procfile
//! web: gunicorn app:app --bind 0.0.0.0:$PORT
//! ```
//!
//! ```dockerfile
//! ENV PORT=8000
//! CMD ["sh", "-c", "exec uvicorn main:app --host 0.0.0.0 --port $PORT"]
//! ```

use xii_model::{App, Confidence, Severity};

use crate::command::Part;
use crate::command::server_starts::{self, Started};
use crate::{Claims, Rule, places};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "fixed-port-command",
    criteria: &["VII.1"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let started = server_starts::started(app);
    let mut seen: Vec<&xii_model::Evidence> = Vec::new();
    for one in started.iter().filter(|one| !one.local) {
        let at = &one.fact.at;
        // The same command can be declared twice, and the survey may have read it as a listener.
        let told = app
            .facts
            .listens
            .iter()
            .any(|listen| places::same_line(&listen.at, at));
        if told
            || seen.iter().any(|other| places::same_line(other, at))
            || one.server.socket.is_some()
        {
            continue;
        }
        seen.push(at);
        match &one.server.port {
            Part::Variable(name) => claims.holds(
                "VII.1",
                format!("{} is given its port by {name}", one.server.program),
                at,
            ),
            Part::Literal(port) if port.parse::<u16>().is_ok_and(|port| port != 0) => {
                report(one, Some(port), claims);
            }
            Part::Literal(_) => {}
            Part::Absent if one.server.reads_port() && !one.server.settings_file => claims.holds(
                "VII.1",
                format!("{} reads PORT by itself", one.server.program),
                at,
            ),
            Part::Absent => {
                let configured =
                    one.server.settings_file || settings_elsewhere(app, one.server.program);
                if !configured {
                    report(one, None, claims);
                }
            }
        }
    }
}

fn report(one: &Started<'_>, port: Option<&str>, claims: &mut Claims<'_>) {
    let process = one.fact;
    let program = one.server.program;
    let message = match port {
        Some(port) => format!(
            "{} starts {program} on port {port}: a platform that gives another port never reaches it",
            process.source
        ),
        None => format!(
            "{} starts {program} without a port, and it does not read PORT: a platform that gives another port than its default never reaches it",
            process.source
        ),
    };
    let maps_ports = matches!(
        process.source.as_str(),
        "Dockerfile" | "compose" | "kubernetes" | "supervisor"
    );
    claims
        .finding(&process.at, message)
        .severity(if maps_ports {
            Severity::Warning
        } else {
            Severity::Error
        })
        .confidence(match (process.source.as_str(), port) {
            ("Procfile" | "app.json", Some(_)) => Confidence::High,
            // On a machine of one's own a proxy stands in front, and knows the port.
            ("supervisor", _) => Confidence::Low,
            // Manifests that say themselves where the port is mapped to are consistent.
            ("kubernetes" | "compose", _) => Confidence::Low,
            _ => Confidence::Medium,
        })
        .subject(process.name.as_str())
        .help(help(one));
}

/// Whether a variable of the server's own, or its settings file, can give the address.
pub(super) fn settings_elsewhere(app: &App, program: &str) -> bool {
    let variables: &[&str] = match program {
        "uvicorn" => &["UVICORN_PORT", "UVICORN_HOST"],
        "flask run" => &["FLASK_RUN_PORT", "FLASK_RUN_HOST"],
        "gunicorn" => &["GUNICORN_CMD_ARGS"],
        "granian" => &["GRANIAN_PORT", "GRANIAN_HOST"],
        _ => &[],
    };
    let declared = app
        .facts
        .declarations
        .iter()
        .any(|one| variables.contains(&one.name.as_str()));
    let file = match program {
        "gunicorn" => Some("gunicorn.conf.py"),
        "puma" => Some("puma.rb"),
        "hypercorn" => Some("hypercorn.toml"),
        _ => None,
    };
    declared
        || file.is_some_and(|name| {
            app.files
                .iter()
                .any(|entry| places::file_name(&entry.path) == name)
        })
}

fn help(one: &Started<'_>) -> String {
    let command = match one.server.program {
        "gunicorn" => "gunicorn app:app --bind 0.0.0.0:$PORT",
        "hypercorn" => "hypercorn app:app --bind 0.0.0.0:$PORT",
        "daphne" => "daphne -b 0.0.0.0 -p $PORT project.asgi:application",
        "waitress-serve" => "waitress-serve --port=$PORT app:app",
        "flask run" => "gunicorn app:app --bind 0.0.0.0:$PORT",
        "manage.py runserver" => "gunicorn project.wsgi --bind 0.0.0.0:$PORT",
        "next start" => "next start   # reads PORT by itself",
        "uwsgi" => "uwsgi --http-socket 0.0.0.0:$PORT",
        "puma" | "rails server" => "bundle exec puma -p $PORT",
        "fastapi run" => "fastapi run --port $PORT",
        _ => "uvicorn main:app --host 0.0.0.0 --port $PORT",
    };
    if one.fact.source == "Dockerfile" {
        format!(
            "take the port from the environment, with a default for those who run the image by hand:\n    ENV PORT=8000\n    CMD [\"sh\", \"-c\", \"exec {command}\"]"
        )
    } else {
        format!("take the port from the environment:\n    {command}")
    }
}

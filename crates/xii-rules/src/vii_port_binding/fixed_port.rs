//! The port that the app listens on is written in the code.
//!
//! ## What it looks for
//!
//! Calls that start a server with a literal port, or with none where the library has a fixed default
//! (`app.run()` of Flask means 5000). A literal behind a variable is fine:
//! `process.env.PORT || 3000`. Where a process file starts another server, such as gunicorn, what the
//! code starts by itself is left alone; the command is judged by `fixed-port-command`.
//!
//! ## Why it matters
//!
//! Platforms choose the port and send requests there. An app that listens elsewhere starts, is never
//! reached, and is stopped as unhealthy. On one machine, two instances cannot share a fixed port.
//!
//! ## What to do instead
//!
//! ```js
//! app.listen(process.env.PORT ?? 3000);
//! ```
//!
//! ```python
//! uvicorn.run(app, host="0.0.0.0", port=int(os.environ.get("PORT", "8000")))
//! ```

use xii_model::{App, Confidence, Fact, Framework, Listen, Origin, Severity};

use crate::command::server_starts;
use crate::{Claims, Rule, grouping, places};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "fixed-port",
    criteria: &["VII.1"],
    severity: Severity::Error,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let replaced = server_starts::has_production_server(app);
    let listens: Vec<&Fact<Listen>> = app
        .facts
        .listens
        .iter()
        .filter(|listen| {
            listen.scope.is_deployed() && !(replaced && server_starts::gives_way(&listen.through))
        })
        .collect();
    let given = listens
        .iter()
        .copied()
        .find(|listen| matches!(listen.port, Origin::Env(_)));
    if let Some(listen) = given {
        claims.holds(
            "VII.1",
            format!(
                "the port is read from {}",
                listen.port.env().unwrap_or_default()
            ),
            &listen.at,
        );
    } else if let Some(listen) = listens
        .iter()
        .find(|listen| matches!(listen.port, Origin::Config(_)))
        && let Some(read) = app
            .facts
            .env_reads
            .iter()
            .find(|read| read.scope.is_deployed() && is_own_port(&read.name))
    {
        claims.holds(
            "VII.1",
            format!(
                "the port comes from config, and {} is read there",
                read.name
            ),
            &listen.at,
        );
    }
    let fixed = listens
        .iter()
        .copied()
        .filter(|listen| port(listen).is_some());
    for group in grouping::by_file(fixed) {
        let listen = group.first;
        let Some(port) = port(listen) else {
            continue;
        };
        let message = match port {
            Port::Written(port) => format!(
                "{} listens on port {port}, which is written in the code: a platform that gives another port never reaches it",
                listen.through
            ),
            Port::Default(port) => format!(
                "{} is given no port and listens on its default, {port}: a platform that gives another port never reaches it",
                listen.through
            ),
        };
        let draft = claims.finding(&listen.at, message);
        draft
            .severity(if given.is_some() {
                Severity::Warning
            } else {
                Severity::Error
            })
            .confidence(match port {
                // Beside a port from config, a fixed one is often for metrics or another entry.
                _ if given.is_some() => Confidence::Low,
                Port::Written(_) if !listen.development_server => Confidence::High,
                _ => Confidence::Medium,
            })
            .subject("port")
            .help(help(app));
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, "listens on a fixed port too");
        }
    }
}

/// Whether a variable holds the app's own port and not that of a resource.
fn is_own_port(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name == "PORT"
        || name.strip_suffix("_PORT").is_some_and(|owner| {
            matches!(
                owner,
                "HTTP"
                    | "APP"
                    | "API"
                    | "WEB"
                    | "SERVER"
                    | "SERVICE"
                    | "LISTEN"
                    | "NODE"
                    | "BACKEND"
            )
        })
}

#[derive(Clone, Copy)]
enum Port {
    Written(u16),
    Default(u16),
}

/// The fixed port; `None` when it is given by config, not known, or chosen by the system (0).
fn port(listen: &Listen) -> Option<Port> {
    match &listen.port {
        Origin::Literal(text) => {
            let port = text.trim().parse::<u16>().ok().filter(|port| *port != 0)?;
            Some(Port::Written(port))
        }
        Origin::Absent => Some(Port::Default(match listen.through.as_str() {
            "flask" => 5000,
            "uvicorn" | "hypercorn" | "sanic" => 8000,
            "aiohttp" => 8080,
            _ => return None,
        })),
        _ => None,
    }
}

fn help(app: &App) -> &'static str {
    if app.uses(Framework::Fastify) {
        "take the port from the environment:\n    await app.listen({ port: Number(process.env.PORT ?? 3000), host: '0.0.0.0' });"
    } else if app.uses(Framework::Nest) {
        "take the port from the environment:\n    await app.listen(process.env.PORT ?? 3000);"
    } else if app.uses(Framework::Flask) {
        "let gunicorn serve the app: it reads PORT by itself, and `app.run` stays for development:\n    web: gunicorn app:app"
    } else if app.uses(Framework::FastApi) || app.uses(Framework::Starlette) {
        "take the port from the environment:\n    uvicorn.run(app, host=\"0.0.0.0\", port=int(os.environ.get(\"PORT\", \"8000\")))"
    } else if places::is_pythonic(app) {
        "take the port from the environment:\n    port = int(os.environ.get(\"PORT\", \"8000\"))"
    } else {
        "take the port from the environment:\n    server.listen(process.env.PORT ?? 3000);"
    }
}

#[cfg(test)]
mod tests {
    use xii_model::{Facts, ProcessType};

    use super::*;
    use crate::specimen::{fact, said};

    fn listens(through: &str, port: Origin, command: Option<&str>) -> Vec<String> {
        let mut facts = Facts::default();
        facts.push(fact(
            "app.py",
            9,
            Listen {
                port,
                host: Origin::Absent,
                through: through.to_owned(),
                default_is_loopback: false,
                development_server: through == "flask",
                handles_error: false,
            },
        ));
        if let Some(command) = command {
            let process = ProcessType {
                name: "web".to_owned(),
                command: command.to_owned(),
                at: crate::specimen::place("Procfile", 1),
                source: "Procfile".to_owned(),
            };
            facts.push(fact("Procfile", 1, process));
        }
        said(
            &RULE,
            &App {
                facts,
                ..App::default()
            },
        )
    }

    #[test]
    fn what_gunicorn_loads_does_not_listen_by_itself() {
        let fixed = || Origin::Literal("5000".to_owned());
        assert!(listens("flask", fixed(), Some("gunicorn app:app")).is_empty());
        assert_eq!(listens("flask", fixed(), Some("python app.py")).len(), 1);
        assert_eq!(listens("express", fixed(), None).len(), 1);
    }

    #[test]
    fn a_port_that_the_system_chooses_is_fine() {
        assert!(listens("express", Origin::Literal("0".to_owned()), None).is_empty());
        assert!(listens("express", Origin::Absent, None).is_empty());
    }
}

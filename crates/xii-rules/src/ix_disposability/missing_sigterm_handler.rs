//! Nothing makes the web process drain when the platform asks it to stop.
//!
//! ## What it looks for
//!
//! A program that listens for HTTP and holds no handler of SIGTERM. Node has none by default; NestJS
//! has one after `enableShutdownHooks()`; `next start`, gunicorn, uvicorn and hypercorn have one of
//! their own. The development servers of Flask and Django have none, and uWSGI reloads on SIGTERM
//! unless `die-on-term` is set. A library that stops a server counts where it is imported, not where it
//! is only declared. The finding stands where the program listens or is started.
//!
//! ## Why it matters
//!
//! Every deploy, every scaling down and every move to another machine begins with SIGTERM. Without a
//! handler Node ends at once and the requests in flight fail. As the first process of a container it
//! does not even get the signal's default action: it goes on accepting until it is killed.
//!
//! ## What to do instead
//!
//! Stop accepting, finish what is in flight, close pools, exit, all within the platform's grace
//! (30 seconds by default on Kubernetes, 10 on Docker). In Express, Koa and plain Node:
//!
//! ```js
//! const server = app.listen(port);
//! process.on('SIGTERM', () => {
//!   server.close(async () => { await pool.end(); process.exit(0); });
//!   setTimeout(() => process.exit(1), 25_000).unref();
//! });
//! ```
//!
//! Fastify: `await app.close()`. NestJS: `app.enableShutdownHooks()` before `listen`. Flask and Django:
//! serve with gunicorn. FastAPI and Starlette: serve with uvicorn and close pools in the lifespan.

use xii_model::{App, Confidence, Evidence, Fact, Framework, Listen, Severity};

use crate::command::Command;
use crate::command::start::{self, Place, Start};
use crate::{Claims, Rule, advice, process_files};

pub(crate) const RULE: Rule = Rule {
    name: "missing-sigterm-handler",
    criteria: &["IX.2"],
    severity: Severity::Warning,
    check,
};

/// Servers that stop accepting on SIGTERM and finish what is in flight.
const DRAINS: [&str; 5] = ["gunicorn", "uvicorn", "hypercorn", "daphne", "granian"];

/// Packages that install a handler where they are imported; how they are used is not always seen.
const LIBRARIES: [&str; 11] = [
    "@godaddy/terminus",
    "stoppable",
    "http-terminator",
    "http-graceful-shutdown",
    "close-with-grace",
    "fastify-graceful-shutdown",
    "lightship",
    "death",
    "node-graceful-shutdown",
    "async-exit-hook",
    "@moebius/http-graceful-shutdown",
];

fn check(app: &App, claims: &mut Claims<'_>) {
    let handled = app.facts.signal_handlers.iter().any(|handler| {
        handler.scope.is_deployed() && handler.signals.iter().any(|signal| signal == "SIGTERM")
    });
    if handled || !app.serves() {
        return;
    }
    let starts: Vec<Start> = start::all(app)
        .into_iter()
        .filter(|start| !start.development)
        .collect();
    let listens = || {
        let deployed = |listen: &&Fact<Listen>| listen.scope.is_deployed();
        app.facts.listens.iter().filter(deployed)
    };
    let listen = listens()
        .find(|listen| process_files::stays(&listen.at.path))
        .or_else(|| listens().find(|listen| process_files::serves(app, &listen.at.path)));
    match served_by(app, &starts) {
        Some((start, Server::Drains(name))) => {
            claims.holds("IX.2", format!("{name} drains on SIGTERM"), &start.at);
        }
        Some((start, Server::Development(name))) => development(app, claims, start, &name),
        Some((start, Server::Uwsgi)) => uwsgi(app, claims, start),
        None => match listen {
            Some(listen) if is_python(listen) => python(app, claims, listen),
            Some(listen) if !listen.development_server => node(app, claims, listen, &starts),
            _ => {}
        },
    }
}

/// What serves the app in production, as its start commands say.
enum Server {
    Drains(String),
    Development(String),
    Uwsgi,
}

fn served_by<'a>(app: &App, starts: &'a [Start]) -> Option<(&'a Start, Server)> {
    let mut found: Vec<(&Start, Server)> = Vec::new();
    for start in starts {
        for program in start.programs(app) {
            if let Some(server) = server(app, &program) {
                found.push((start, server));
            }
        }
    }
    // A server that drains in one place does not excuse another that is started elsewhere, but the
    // manifest's `start` script is often for development when an image exists.
    let container = found
        .iter()
        .any(|(start, _)| start.place != Place::Manifest);
    let mut kept: Vec<_> = found
        .into_iter()
        .filter(|(start, _)| !container || start.place != Place::Manifest)
        .collect();
    let worst = kept
        .iter()
        .position(|(_, server)| !matches!(server, Server::Drains(_)))
        .unwrap_or(0);
    (!kept.is_empty()).then(|| kept.swap_remove(worst))
}

fn server(app: &App, program: &Command) -> Option<Server> {
    let name = program.program();
    let argument = program
        .words()
        .get(1)
        .map(String::as_str)
        .unwrap_or_default();
    match name {
        name if DRAINS.contains(&name) => Some(Server::Drains(name.to_owned())),
        "next" if argument == "start" => Some(Server::Drains("`next start`".to_owned())),
        "fastapi" if argument == "run" => Some(Server::Drains("uvicorn".to_owned())),
        "fastify" if argument == "start" => Some(Server::Drains("`fastify start`".to_owned())),
        "flask" if program.has("run") => Some(Server::Development("flask run".to_owned())),
        "manage.py" | "django-admin" if argument == "runserver" => {
            Some(Server::Development("manage.py runserver".to_owned()))
        }
        "uwsgi" => Some(Server::Uwsgi),
        "python" if argument.ends_with("manage.py") && program.has("runserver") => {
            Some(Server::Development("manage.py runserver".to_owned()))
        }
        "python" => {
            // `python app.py` where that file itself starts a server.
            let file = program
                .words()
                .iter()
                .skip(1)
                .find(|word| word.ends_with(".py"))?;
            let file = file.trim_start_matches("./");
            let listen = app.facts.listens.iter().find(|listen| {
                let path = &*listen.at.path;
                path == file || path.ends_with(&format!("/{file}"))
            })?;
            match listen.through.as_str() {
                "uvicorn" | "hypercorn" | "gunicorn" => {
                    Some(Server::Drains(listen.through.clone()))
                }
                _ if listen.development_server => Some(Server::Development(format!(
                    "the development server of {}",
                    listen.through
                ))),
                _ => None,
            }
        }
        _ => None,
    }
}

fn development(app: &App, claims: &mut Claims<'_>, start: &Start, name: &str) {
    claims
        .finding(
            &start.at,
            format!("the app is served by {name}, which has no handler of SIGTERM: at each deploy the requests in flight fail"),
        )
        .confidence(if start.place == Place::Manifest || start.place == Place::Compose {
            // Compose files and `start` scripts are for development as often as not.
            Confidence::Low
        } else {
            Confidence::High
        })
        .subject("development server")
        .help(advice::drain(app));
}

fn uwsgi(app: &App, claims: &mut Claims<'_>, start: &Start) {
    let mut settings = app
        .facts
        .proxy_settings
        .iter()
        .filter(|setting| setting.program == "uwsgi")
        .peekable();
    let read = settings.peek().is_some();
    if let Some(set) = settings.find(|setting| setting.directive == "die-on-term") {
        if set.value != "false" {
            claims.holds(
                "IX.2",
                "uWSGI ends on SIGTERM: `die-on-term` is set",
                &set.at,
            );
        }
        return;
    }
    let line = start.command.line();
    if line.contains("die-on-term") {
        claims.holds(
            "IX.2",
            "uWSGI ends on SIGTERM: `die-on-term` is set",
            &start.at,
        );
        return;
    }
    let elsewhere = line.contains(".ini") || line.contains(".yml") || line.contains(".yaml");
    if read || !elsewhere {
        claims
            .finding(
                &start.at,
                "uWSGI takes SIGTERM as an order to reload, not to stop: it goes on until it is killed, and the requests in flight fail",
            )
            .subject("uwsgi")
            .help("set it, in the ini file or on the command line:\n\n    die-on-term = true");
    }
}

fn is_python(listen: &Fact<Listen>) -> bool {
    listen.at.path.ends_with(".py")
}

/// A Python program that listens, and no start command that says what runs it.
fn python(app: &App, claims: &mut Claims<'_>, listen: &Fact<Listen>) {
    if DRAINS.contains(&listen.through.as_str()) {
        claims.holds(
            "IX.2",
            format!("{} drains on SIGTERM", listen.through),
            &listen.at,
        );
        return;
    }
    if listen.development_server && !app.uses(Framework::Gunicorn) && !app.uses(Framework::Uvicorn)
    {
        claims
            .finding(
                &listen.at,
                format!(
                    "{} serves with its development server, which has no handler of SIGTERM, and no other server is declared: at each deploy the requests in flight fail",
                    listen.through
                ),
            )
            .confidence(Confidence::Medium)
            .subject("development server")
            .help(advice::drain(app));
    }
}

fn node(app: &App, claims: &mut Claims<'_>, listen: &Fact<Listen>, starts: &[Start]) {
    let imported = app.facts.imports.iter().any(|import| {
        import.scope.is_deployed()
            && !import.type_only
            && LIBRARIES.contains(&import.package.as_str())
    });
    // A program that starts what it is given is imported nowhere.
    if imported || app.depends_on(&["fastify-cli"]) {
        return;
    }
    let first = first_process(starts);
    let then = if first.is_some() {
        "as the first process of its container Node ignores the signal, goes on accepting and is killed with requests in flight"
    } else {
        "Node ends at once, and the requests in flight fail at each deploy"
    };
    let what = if app.uses(Framework::Nest) {
        "`enableShutdownHooks` is not called"
    } else {
        "nothing here handles SIGTERM"
    };
    let draft = claims.finding(&listen.at, format!("{what}: {then}"));
    draft.subject("SIGTERM").help(advice::drain(app));
    if let Some(start) = first {
        draft.related(start, "this makes it the first process of the container");
    }
}

/// The image's command that makes Node the first process of its container.
fn first_process(starts: &[Start]) -> Option<&Evidence> {
    starts
        .iter()
        .find(|start| {
            start.place == Place::Image
                && !start.command.shell
                && start
                    .command
                    .words
                    .first()
                    .is_some_and(|word| word == "node" || word.ends_with("/node"))
        })
        .map(|start| &start.at)
}

#[cfg(test)]
mod tests {
    use xii_model::{HandlerEffect, SignalHandler};

    use super::*;
    use crate::specimen::{fact, image, listen, process, said};

    /// The start of each line that the rule says.
    fn starts(app: &App) -> Vec<String> {
        said(&RULE, app)
            .iter()
            .map(|line| {
                line.split_whitespace()
                    .take(3)
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect()
    }

    #[test]
    fn node_without_a_handler_is_told_and_one_with_it_is_not() {
        let mut app = App::default();
        app.facts.push(listen("server.js", "express"));
        assert_eq!(starts(&app), ["server.js:9:1 IX.2 warning/medium"]);
        app.facts.push(fact(
            "server.js",
            12,
            SignalHandler {
                signals: vec!["SIGTERM".to_owned()],
                does: HandlerEffect::default(),
                through: "process.on".to_owned(),
            },
        ));
        assert_eq!(starts(&app), [""; 0]);
    }

    #[test]
    fn what_serves_in_production_decides_for_python() {
        let mut app = App::default();
        app.facts.push(listen("app.py", "flask"));
        assert_eq!(starts(&app), ["app.py:9:1 IX.2 warning/medium"]);
        app.facts.push(process("web", "gunicorn app:app"));
        assert_eq!(starts(&app), ["holds IX.2 gunicorn"]);
        app.facts
            .push(image("python:3.12", &["python", "./app.py"]));
        assert_eq!(starts(&app), ["Dockerfile:5:1 IX.2 warning/high"]);
    }
}

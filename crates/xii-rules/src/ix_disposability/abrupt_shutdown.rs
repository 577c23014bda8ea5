//! A handler of SIGTERM ends the process without letting requests finish, or swallows the signal.
//!
//! ## What it looks for
//!
//! In an app that serves HTTP: a handler of SIGTERM that exits at once (`process.exit(0)`,
//! `sys.exit(0)`) without closing the server first, or one that does nothing. A handler that closes
//! the server is evidence for the criterion.
//!
//! ## Why it matters
//!
//! A handler replaces the default. One that exits at once drops the requests in flight as if there
//! were none; one that does nothing makes the platform wait out its grace and then kill the process.
//!
//! ## What to do instead
//!
//! Close first, exit in the callback:
//!
//! ```js
//! process.on('SIGTERM', () => {
//!   server.close(() => process.exit(0));
//!   setTimeout(() => process.exit(1), 25_000).unref();
//! });
//! ```
//!
//! Under gunicorn and uvicorn install no handler of your own: theirs drain. Close pools in the
//! lifespan (FastAPI, Starlette) or in `worker_exit` (gunicorn).

use xii_model::{
    App, Confidence, Fact, Framework, ResourceClient, ResourceKind, Severity, SignalHandler,
};

use crate::{Claims, Rule, advice, process_files, wording};

pub(crate) const RULE: Rule = Rule {
    name: "abrupt-shutdown",
    criteria: &["IX.2"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let handlers: Vec<_> = app
        .facts
        .signal_handlers
        .iter()
        .filter(|handler| {
            handler.scope.is_deployed() && handler.signals.iter().any(|signal| signal == "SIGTERM")
        })
        .collect();
    if let Some(good) = handlers
        .iter()
        .find(|handler| handler.does.closes_server && !handler.does.exits_at_once)
    {
        if let Some(held) = stays_for(app, good) {
            claims
                .finding(
                    &good.at,
                    format!("SIGTERM closes the server here and nothing ends the process: its open {} connections keep Node running until the platform kills it", wording::kind(&held.kind)),
                )
                .severity(Severity::Note)
                .confidence(if app.uses(Framework::Fastify) || app.uses(Framework::Nest) {
                    // Their hooks may close what a handler does not name.
                    Confidence::Low
                } else {
                    Confidence::Medium
                })
                .subject("SIGTERM")
                .help(advice::drain(app))
                .related(&held.at, "the connections");
            return;
        }
        claims.holds(
            "IX.2",
            format!("SIGTERM closes the server ({})", good.through),
            &good.at,
        );
        // Several handlers run side by side; whether the abrupt one wins cannot be told from here.
        return;
    }
    if !app.serves() {
        return;
    }
    for handler in handlers.into_iter().take(5) {
        let does = handler.does;
        // `sys.exit` in a handler of Python's ends the main thread where it stands.
        let is_python = handler.at.path.ends_with(".py");
        let (message, severity) = if does.ignores {
            (
                "SIGTERM is swallowed here: the platform waits out its grace, then kills the process with requests in flight",
                Severity::Error,
            )
        } else if does.exits_at_once && does.closes_server {
            (
                "this handler of SIGTERM closes the server and exits in the same breath: nothing waits for the requests in flight, and they fail at each deploy",
                Severity::Warning,
            )
        } else if does.exits_at_once || does.exits && is_python {
            (
                "this handler of SIGTERM exits without closing the server: the requests in flight fail at each deploy",
                Severity::Warning,
            )
        } else {
            continue;
        };
        claims
            .finding(&handler.at, message)
            .severity(severity)
            .confidence(if does.closes_server {
                Confidence::Medium
            } else {
                Confidence::High
            })
            .subject("SIGTERM")
            .help(advice::drain(app));
    }
}

/// The client whose connections keep Node's event loop alive when a handler closes the server alone.
fn stays_for<'a>(app: &'a App, handler: &Fact<SignalHandler>) -> Option<&'a Fact<ResourceClient>> {
    let does = handler.does;
    let ends = does.exits
        || does.closes_resources
        || handler.through != "process.on"
        || app
            .facts
            .resources_closed
            .iter()
            .any(|closed| closed.scope.is_deployed());
    app.facts
        .resource_clients
        .iter()
        .filter(|_| !ends)
        .find(|client| {
            client.scope.is_deployed()
                && !client.per_request
                && process_files::stays(&client.at.path)
                // Of PostgreSQL's pools the idle connections end by themselves.
                && matches!(
                    client.kind,
                    ResourceKind::Mongo | ResourceKind::Redis | ResourceKind::MySql | ResourceKind::Amqp
                )
        })
}

#[cfg(test)]
mod tests {
    use xii_model::{HandlerEffect, Origin, Setting, SignalHandler};

    use super::*;
    use crate::specimen::{brief, fact, listen};

    fn app(does: HandlerEffect, signal: &str) -> App {
        let mut app = App::default();
        app.facts.push(listen("server.js", "express"));
        app.facts.push(fact(
            "server.js",
            12,
            SignalHandler {
                signals: vec![signal.to_owned()],
                does,
                through: "process.on".to_owned(),
            },
        ));
        app
    }

    #[test]
    fn open_connections_outlive_a_server_that_is_only_closed() {
        let closes = HandlerEffect {
            closes_server: true,
            ..HandlerEffect::default()
        };
        let client = ResourceClient {
            kind: ResourceKind::Mongo,
            library: "mongoose".to_owned(),
            locator: Origin::Absent,
            timeout: Setting::Unknown,
            pool: Setting::Unknown,
            retry: Setting::Unknown,
            per_request: false,
        };
        let mut stays = app(closes, "SIGTERM");
        stays.facts.push(fact("server.js", 3, client.clone()));
        assert_eq!(brief(&RULE, &stays), ["server.js:12:1 IX.2 note/medium"]);
        let mut ends = app(
            HandlerEffect {
                exits: true,
                ..closes
            },
            "SIGTERM",
        );
        ends.facts.push(fact("server.js", 3, client));
        assert_eq!(brief(&RULE, &ends), ["holds IX.2 SIGTERM"]);
    }

    #[test]
    fn what_the_handler_does_decides() {
        let abrupt = HandlerEffect {
            exits: true,
            exits_at_once: true,
            ..HandlerEffect::default()
        };
        let ignores = HandlerEffect {
            ignores: true,
            ..HandlerEffect::default()
        };
        let closes = HandlerEffect {
            closes_server: true,
            exits: true,
            ..HandlerEffect::default()
        };
        assert_eq!(
            brief(&RULE, &app(abrupt, "SIGTERM")),
            ["server.js:12:1 IX.2 warning/high"]
        );
        let hurries = HandlerEffect {
            closes_server: true,
            ..abrupt
        };
        assert_eq!(
            brief(&RULE, &app(hurries, "SIGTERM")),
            ["server.js:12:1 IX.2 warning/medium"]
        );
        assert_eq!(
            brief(&RULE, &app(ignores, "SIGTERM")),
            ["server.js:12:1 IX.2 error/high"]
        );
        assert_eq!(
            brief(&RULE, &app(closes, "SIGTERM")),
            ["holds IX.2 SIGTERM"]
        );
        assert_eq!(brief(&RULE, &app(abrupt, "SIGINT")), [""; 0]);
        assert_eq!(
            brief(&RULE, &app(HandlerEffect::default(), "SIGTERM")),
            [""; 0]
        );
    }
}

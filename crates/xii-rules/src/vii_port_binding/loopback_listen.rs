//! The server listens on this machine's loopback address only.
//!
//! ## What it looks for
//!
//! Servers that are started with `localhost` or `127.0.0.1` as their address, and servers that choose
//! loopback unless they are told otherwise (Fastify, Flask, uvicorn, hypercorn) and are told nothing. An
//! address from config is fine.
//!
//! ## Why it matters
//!
//! In a container or on a platform the router is another machine. The app starts, looks healthy from
//! the inside, and nobody can connect to it.
//!
//! ## What to do instead
//!
//! ```js
//! await app.listen({ port: Number(process.env.PORT ?? 3000), host: '0.0.0.0' });
//! ```
//!
//! ```sh
//! uvicorn main:app --host 0.0.0.0 --port $PORT
//! ```

use xii_model::{App, Confidence, Fact, Framework, Listen, Origin, Severity, is_loopback_host};

use super::fixed_port_command::settings_elsewhere;
use crate::command::Part;
use crate::command::server_starts::{self, Started};
use crate::{Claims, Rule, grouping, places};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "loopback-listen",
    criteria: &["VII.2"],
    severity: Severity::Error,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    in_code(app, claims);
    for one in server_starts::started(app).iter().filter(|one| !one.local) {
        let told = app
            .facts
            .listens
            .iter()
            .any(|listen| places::same_line(&listen.at, &one.fact.at));
        if !told && one.server.socket.is_none() {
            in_command(app, one, claims);
        }
    }
}

fn in_code(app: &App, claims: &mut Claims<'_>) {
    let replaced = server_starts::has_production_server(app);
    let listens: Vec<&Fact<Listen>> = app
        .facts
        .listens
        .iter()
        .filter(|listen| {
            listen.scope.is_deployed() && !(replaced && server_starts::gives_way(&listen.through))
        })
        .collect();
    let closed = listens.iter().copied().filter(|listen| is_closed(listen));
    for group in grouping::by_file(closed) {
        let listen = group.first;
        let message = match listen.host.literal() {
            Some(host) => format!(
                "{} listens on {host} only: in a container or on a platform nobody can connect to it",
                listen.through
            ),
            None => format!(
                "{} is given no address and listens on loopback only: in a container or on a platform nobody can connect to it",
                listen.through
            ),
        };
        let draft = claims.finding(&listen.at, message);
        draft
            .confidence(match &listen.host {
                _ if listen.development_server => Confidence::Medium,
                // Another server beside it may be the one for the world, and this one for operators.
                _ if listens.iter().any(|other| !is_closed(other)) => Confidence::Medium,
                _ => Confidence::High,
            })
            .subject("address")
            .help(help(app));
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, "the same here");
        }
    }
    for listen in listens
        .into_iter()
        .filter(|listen| serves_http(&listen.through))
    {
        match &listen.host {
            Origin::Literal(host) if is_any(host) => claims.holds(
                "VII.2",
                format!(
                    "{} listens on {host}, that is on all interfaces",
                    listen.through
                ),
                &listen.at,
            ),
            Origin::Env(variable) => claims.holds(
                "VII.2",
                format!("the address is read from {}", variable.name),
                &listen.at,
            ),
            Origin::Absent if !listen.default_is_loopback => claims.holds(
                "VII.2",
                format!(
                    "{} is given no address and listens on all interfaces",
                    listen.through
                ),
                &listen.at,
            ),
            _ => {}
        }
    }
}

fn in_command(app: &App, one: &Started<'_>, claims: &mut Claims<'_>) {
    let server = &one.server;
    let at = &one.fact.at;
    match &server.host {
        Part::Variable(name) => {
            claims.holds(
                "VII.2",
                format!("{} is given its address by {name}", server.program),
                at,
            );
        }
        Part::Literal(host) if is_any(host) => {
            claims.holds(
                "VII.2",
                format!("{} listens on all interfaces", server.program),
                at,
            );
        }
        Part::Literal(host) if is_loopback_host(host) => {
            report(one, format!("on {host} only"), Confidence::High, claims);
        }
        Part::Literal(_) => {}
        Part::Absent if server.loopback_by_default() => {
            if !server.settings_file && !settings_elsewhere(app, server.program) {
                report(
                    one,
                    "without an address, and so on loopback only".to_owned(),
                    Confidence::High,
                    claims,
                );
            }
        }
        Part::Absent if !server.settings_file && !settings_elsewhere(app, server.program) => {
            claims.holds(
                "VII.2",
                match server.program {
                    "gunicorn" => {
                        "gunicorn listens on all interfaces when PORT is given".to_owned()
                    }
                    program => format!("{program} listens on all interfaces by default"),
                },
                at,
            );
        }
        Part::Absent => {}
    }
}

fn report(one: &Started<'_>, how: String, confidence: Confidence, claims: &mut Claims<'_>) {
    let server = &one.server;
    // A package script is also what a developer types, and an image may start something else.
    let script = one.fact.source == "package.json";
    claims
        .finding(
            &one.fact.at,
            format!(
                "{} starts {} {how}: in a container or on a platform nobody can connect to it",
                one.fact.source, server.program
            ),
        )
        .confidence(match one.fact.source.as_str() {
            _ if script => Confidence::Medium,
            // On a machine of one's own a proxy stands in front, on the same machine.
            "supervisor" => Confidence::Low,
            _ => confidence,
        })
        .subject(one.fact.name.as_str())
        .help(match server.program {
            "gunicorn" | "hypercorn" => "add `--bind 0.0.0.0:$PORT`",
            "daphne" => "add `-b 0.0.0.0 -p $PORT`",
            "manage.py runserver" => "let a server for production serve the app:\n    gunicorn project.wsgi --bind 0.0.0.0:$PORT",
            "flask run" => "let a server for production serve the app:\n    gunicorn app:app --bind 0.0.0.0:$PORT",
            _ => "add `--host 0.0.0.0`",
        });
}

/// Whether what listens is a web server, as far as its library shows.
pub(super) fn serves_http(through: &str) -> bool {
    !matches!(
        through,
        "node:net" | "node:dgram" | "asyncio" | "socketserver" | "grpc"
    )
}

fn is_closed(listen: &Listen) -> bool {
    match &listen.host {
        Origin::Literal(host) => is_loopback_host(host) && !is_any(host),
        Origin::Absent => listen.default_is_loopback,
        _ => false,
    }
}

/// Whether the address means all interfaces.
fn is_any(host: &str) -> bool {
    matches!(host, "0.0.0.0" | "::" | "[::]" | "*" | "")
}

fn help(app: &App) -> &'static str {
    if app.uses(Framework::Fastify) {
        "name the address:\n    await app.listen({ port: Number(process.env.PORT ?? 3000), host: '0.0.0.0' });"
    } else if app.uses(Framework::Flask) {
        "let gunicorn serve the app (`web: gunicorn app:app`), or name the address:\n    app.run(host=\"0.0.0.0\", port=int(os.environ[\"PORT\"]))"
    } else if places::is_pythonic(app) {
        "name the address:\n    uvicorn.run(app, host=\"0.0.0.0\", port=int(os.environ[\"PORT\"]))"
    } else {
        "leave the address out, or name all interfaces:\n    server.listen(process.env.PORT ?? 3000, '0.0.0.0');"
    }
}

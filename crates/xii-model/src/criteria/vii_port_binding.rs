//! VII Port binding.

use super::catalogue::EVERY;
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "VII.1",
        factor: Factor::VII,
        title: "listens on the port it is given",
        statement: "The app listens on the port that the environment gives.",
        why: "Platforms such as Heroku and Cloud Run choose the port and route traffic only there. \
             An app with a port of its own starts, looks healthy in its log, and is never reached; \
             two on one host collide.",
        how: "Read `PORT`, validate it, and listen on it. A default for development is fine where \
             the variable always wins.",
        source: "The Twelve-Factor App, VII Port binding: https://12factor.net/port-binding",
        profiles: EVERY,
        from_code: Some("a literal port, or `PORT` read, where the app listens"),
        from_run: Some("the address that it bound, with a random `PORT`"),
    },
    Criterion {
        id: "VII.2",
        factor: Factor::VII,
        title: "listens on a reachable interface",
        statement: "It listens on all interfaces, or on one that config names.",
        why: "Inside a container `127.0.0.1` is the container's own loopback. The platform's probes \
             and router come from outside and are refused, although the same build worked on the \
             laptop.",
        how: "Bind `0.0.0.0` or `::`, or take the address from a variable such as `HOST`. Mind the \
             defaults: Flask, uvicorn and Fastify use the loopback unless told otherwise.",
        source: "The Twelve-Factor App, VII Port binding: https://12factor.net/port-binding",
        profiles: EVERY,
        from_code: Some("loopback literals where the app listens"),
        from_run: Some("the address that it bound"),
    },
    Criterion {
        id: "VII.3",
        factor: Factor::VII,
        title: "is self-contained",
        statement: "It is self-contained: its web server is a declared dependency.",
        why: "An app that needs Apache, Tomcat or php-fpm set up around it depends on a server whose \
             version and settings are not in its build. It works on one host and not on the next.",
        how: "Serve HTTP from a library or server in the manifest: Node's `http`, gunicorn or \
             uvicorn, Puma, embedded Tomcat or Jetty, Kestrel. A proxy in front is the platform's \
             concern.",
        source: "The Twelve-Factor App, VII Port binding: https://12factor.net/port-binding",
        profiles: EVERY,
        from_code: Some("WAR packaging, php-fpm, uWSGI sockets, mod_wsgi, nginx inside the image"),
        from_run: Some("it serves HTTP with nothing else started"),
    },
    Criterion {
        id: "VII.4",
        factor: Factor::VII,
        title: "reports a taken port and exits",
        statement: "A taken port is a clear, fatal error.",
        why: "A process that logs the error and lives on takes a place in the formation and serves \
             no one. One that moves to the next free port serves where nobody looks.",
        how: "Let the listen error end the process: exit non-zero with a message that holds the \
             port. Do not try other ports in production.",
        source: "The Twelve-Factor App, VII Port binding: https://12factor.net/port-binding",
        profiles: EVERY,
        from_code: None,
        from_run: Some(
            "the port is occupied first: the exit is non-zero, and the message holds the port",
        ),
    },
];

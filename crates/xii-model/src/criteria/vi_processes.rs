//! VI Processes.

use super::catalogue::EVERY;
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "VI.1",
        factor: Factor::VI,
        title: "keeps no session in process memory",
        statement: "No session lives in process memory.",
        why: "With two instances, a user who logs in on one is a stranger on the other. Every \
             deploy, crash or scale-in logs people out.",
        how: "Keep sessions in a shared store such as Redis or the database, with an expiry, or in a \
             signed cookie. Name the store explicitly: the default of many frameworks is the memory \
             or disk of one process.",
        source: "The Twelve-Factor App, VI Processes: https://12factor.net/processes",
        profiles: EVERY,
        from_code: Some(
            "session stores that live in memory or on local disk, by framework: express-session's \
             default, Django's locmem or file sessions, Flask's filesystem sessions and the like",
        ),
        from_run: Some(
            "a session begun on one instance is honoured by another, and after a restart",
        ),
    },
    Criterion {
        id: "VI.2",
        factor: Factor::VI,
        title: "keeps nothing lasting on local disk",
        statement: "Nothing that must last is written to local disk.",
        why: "A container's disk is gone when the container is, and no other instance can see it. \
             Uploads vanish at the next deploy, and half of the requests do not find them before \
             that.",
        how: "Put uploads and generated files into object storage, and data into a database service. \
             Use the local disk only as scratch space within one request or job.",
        source: "The Twelve-Factor App, VI Processes: https://12factor.net/processes",
        profiles: EVERY,
        from_code: Some("uploads, SQLite files and generated files under the app's root"),
        from_run: Some(
            "files created or changed outside temporary folders that outlive the request",
        ),
    },
    Criterion {
        id: "VI.3",
        factor: Factor::VI,
        title: "needs no memory of earlier requests",
        statement: "What one request leaves in memory is not needed by the next.",
        why: "The next request may reach another instance, or the same one after a restart. \
             Counters, carts and progress kept in a module-level variable are then wrong without any \
             error.",
        how: "Keep shared state in a backing service. Memory may hold caches that can be lost and \
             rebuilt, with a bound and an expiry.",
        source: "The Twelve-Factor App, VI Processes: https://12factor.net/processes",
        profiles: EVERY,
        from_code: Some("module-level mutable state written in request handlers"),
        from_run: Some(
            "the scenario gives the same answers from one instance, from many and across a restart",
        ),
    },
    Criterion {
        id: "VI.4",
        factor: Factor::VI,
        title: "needs no sticky routing",
        statement: "No sticky routing.",
        why: "Sticky sessions tie users to one instance: load cannot be spread, a new instance stays \
             idle, and when one dies its users lose their state. They are mostly a sign that state is \
             in memory.",
        how: "Move the state out of the process, then remove `ip_hash`, `sessionAffinity` and cookie \
             affinity. For WebSockets, share messages through a broker, so that any instance can take \
             a reconnecting client.",
        source: "The Twelve-Factor App, VI Processes: https://12factor.net/processes",
        profiles: EVERY,
        from_code: Some(
            "`ip_hash`, `sessionAffinity: ClientIP` or affinity cookies in proxy and cluster files",
        ),
        from_run: None,
    },
    Criterion {
        id: "VI.5",
        factor: Factor::VI,
        title: "compiles its assets in the build",
        statement: "Assets are compiled in the build.",
        why: "Bundling at the first request makes that request slow, needs a writable disk and build \
             tools in production, and gives each instance its own file names. A page from one \
             instance then asks another for a file that it never made.",
        how: "Run the bundler, `collectstatic` or `assets:precompile` in the build stage and ship \
             the output with hashed names. Serve it as static files.",
        source: "The Twelve-Factor App, VI Processes: https://12factor.net/processes",
        profiles: EVERY,
        from_code: Some("bundlers or lazy compressors that run inside the app"),
        from_run: None,
    },
];

//! The web servers whose command lines are known.

/// What is known of a server program.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    /// Listens on loopback only unless told otherwise.
    pub(crate) loopback: bool,
    /// Reads PORT by itself.
    pub(crate) reads_port: bool,
    /// Meant for development only.
    pub(crate) development: bool,
    /// Options for address, port, both in one, and a settings file.
    pub(crate) host: &'static [&'static str],
    pub(crate) port: &'static [&'static str],
    pub(crate) bind: &'static [&'static str],
    pub(crate) settings: &'static [&'static str],
}

/// What most have in common.
pub(crate) const PLAIN: Program = Program {
    name: "",
    loopback: false,
    reads_port: false,
    development: false,
    host: &["--host"],
    port: &["--port"],
    bind: &[],
    settings: &[],
};

/// The programs that are known.
pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        name: "gunicorn",
        reads_port: true,
        host: &[],
        port: &[],
        bind: &["-b", "--bind"],
        settings: &["-c", "--config"],
        ..PLAIN
    },
    Program {
        name: "uvicorn",
        loopback: true,
        settings: &["--fd", "--uds"],
        ..PLAIN
    },
    Program {
        name: "hypercorn",
        loopback: true,
        host: &[],
        port: &[],
        bind: &["-b", "--bind"],
        settings: &["-c", "--config"],
        ..PLAIN
    },
    Program {
        name: "daphne",
        loopback: true,
        host: &["-b", "--bind"],
        port: &["-p", "--port"],
        settings: &["-u", "-e", "--fd"],
        ..PLAIN
    },
    Program {
        name: "granian",
        loopback: true,
        ..PLAIN
    },
    Program {
        name: "waitress-serve",
        bind: &["--listen"],
        ..PLAIN
    },
    Program {
        name: "uwsgi",
        host: &[],
        port: &[],
        bind: &["--http", "--http-socket"],
        ..PLAIN
    },
    Program {
        name: "fastapi run",
        ..PLAIN
    },
    Program {
        name: "fastapi dev",
        loopback: true,
        development: true,
        ..PLAIN
    },
    Program {
        name: "flask run",
        loopback: true,
        development: true,
        host: &["-h", "--host"],
        port: &["-p", "--port"],
        ..PLAIN
    },
    Program {
        name: "manage.py runserver",
        loopback: true,
        development: true,
        ..PLAIN
    },
    Program {
        name: "next start",
        reads_port: true,
        ..NODE
    },
    Program {
        name: "next dev",
        reads_port: true,
        development: true,
        ..NODE
    },
    Program {
        name: "nuxt dev",
        development: true,
        reads_port: true,
        ..NODE
    },
    Program {
        name: "puma",
        reads_port: true,
        bind: &["-b", "--bind"],
        settings: &["-C"],
        ..NODE
    },
    Program {
        name: "rails server",
        reads_port: true,
        host: &["-b", "--binding"],
        ..NODE
    },
];

const NODE: Program = Program {
    host: &["-H", "--hostname"],
    port: &["-p", "--port"],
    ..PLAIN
};

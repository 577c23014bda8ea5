//! Reads the commands that start servers: which program, on which address and port.

use super::line::parse;
use super::server_programs::{PLAIN, PROGRAMS, Program};
use super::words::option;
use super::wrappers::base_name;

/// A command that starts a web server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerCommand {
    /// The program, such as `gunicorn` or `flask run`.
    pub(crate) program: &'static str,
    /// The address that the command gives.
    pub(crate) host: Part,
    /// The port that the command gives.
    pub(crate) port: Part,
    /// The Unix socket that it listens on instead.
    pub(crate) socket: Option<String>,
    /// It names a settings file, where address and port may stand.
    pub(crate) settings_file: bool,
}

/// A part of an address in a command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Part {
    /// Not given.
    #[default]
    Absent,
    /// Written down.
    Literal(String),
    /// Taken from a variable.
    Variable(String),
}

impl ServerCommand {
    /// The server that a command line starts, if it starts one that is known.
    pub(crate) fn read(command: &str) -> Option<Self> {
        parse(command)
            .iter()
            .find_map(|command| Self::from_words(&command.written))
    }

    fn from_words(words: &[String]) -> Option<Self> {
        if words
            .iter()
            .any(|word| matches!(word.as_str(), "install" | "add" | "echo" | "which"))
        {
            return None;
        }
        let (program, after) = PROGRAMS.iter().find_map(|program| {
            let mut names = program.name.split(' ');
            let (first, second) = (names.next()?, names.next());
            let at = words.iter().position(|word| base_name(word) == first)?;
            match second {
                None => Some((program, at + 1)),
                Some(second) => {
                    let next = words
                        .get(at + 1..)?
                        .iter()
                        .position(|word| word == second)?;
                    Some((program, at + next + 2))
                }
            }
        })?;
        let options = words.get(after..).unwrap_or_default();
        let mut found = ServerCommand {
            program: program.name,
            host: Part::read(option(options, program.host)),
            port: Part::read(option(options, program.port)),
            socket: None,
            settings_file: option(options, program.settings).is_some(),
        };
        let mut bind = option(options, program.bind);
        match program.name {
            // `runserver [address:port]` takes a plain argument.
            "manage.py runserver" => {
                bind = options
                    .iter()
                    .map(String::as_str)
                    .find(|word| !word.starts_with('-'));
            }
            "uwsgi" => {
                found.socket =
                    option(options, &["-s", "--socket", "--uwsgi-socket"]).map(str::to_owned);
                found.settings_file = options.iter().any(|word| {
                    [".ini", ".yml", ".yaml", ".xml", ".json"]
                        .iter()
                        .any(|end| word.ends_with(end))
                });
            }
            "puma" => {
                bind = bind.map(|bind| bind.trim_start_matches("tcp://"));
            }
            _ => {}
        }
        if let Some(bind) = bind.filter(|bind| !bind.is_empty()) {
            found.take_address(bind);
        }
        Some(found)
    }

    /// Takes apart `host:port`, `:port`, `port` and `unix:path`.
    fn take_address(&mut self, address: &str) {
        if let Some(path) = address.strip_prefix("unix:") {
            self.socket = Some(path.to_owned());
            return;
        }
        let (host, port) = match split_address(address) {
            Some(parts) => parts,
            None if address.parse::<u16>().is_ok() || address.starts_with('$') => ("", address),
            None => (address, ""),
        };
        if !host.is_empty() {
            self.host = Part::read(Some(host));
        } else if !port.is_empty()
            && self.program != "manage.py runserver"
            && address.starts_with(':')
        {
            self.host = Part::Literal("0.0.0.0".to_owned());
        }
        self.port = Part::read(Some(port).filter(|port| !port.is_empty()));
    }

    fn known(&self) -> &'static Program {
        PROGRAMS
            .iter()
            .find(|program| program.name == self.program)
            .unwrap_or(&PLAIN)
    }

    /// Whether the program is meant for development only.
    pub(crate) fn development(&self) -> bool {
        self.known().development
    }

    /// Whether the program reads PORT when the command gives no port.
    pub(crate) fn reads_port(&self) -> bool {
        self.known().reads_port
    }

    /// Whether the program listens on loopback only when the command gives no address.
    pub(crate) fn loopback_by_default(&self) -> bool {
        self.known().loopback
    }
}

impl Part {
    fn read(text: Option<&str>) -> Self {
        match text {
            None | Some("") => Part::Absent,
            Some(text) => match text.find('$') {
                Some(at) => Part::Variable(
                    text.get(at + 1..)
                        .unwrap_or_default()
                        .trim_start_matches(['{', '('])
                        .chars()
                        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                        .collect(),
                ),
                None if text.contains("{{") => Part::Variable(text.to_owned()),
                None => Part::Literal(text.to_owned()),
            },
        }
    }
}

/// Splits at the last colon that is outside braces: `${PORT:-8000}` holds one of its own.
fn split_address(address: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let mut colon = None;
    for (at, c) in address.char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => colon = Some(at),
            _ => {}
        }
    }
    let colon = colon?;
    Some((address.get(..colon)?, address.get(colon + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(command: &str) -> (&'static str, Part, Part) {
        let read = ServerCommand::read(command).unwrap();
        (read.program, read.host, read.port)
    }

    fn literal(text: &str) -> Part {
        Part::Literal(text.to_owned())
    }

    fn variable(text: &str) -> Part {
        Part::Variable(text.to_owned())
    }

    #[test]
    fn addresses_are_read_as_each_program_writes_them() {
        assert_eq!(
            parts("exec gunicorn app:app -w 4 -b 0.0.0.0:8000"),
            ("gunicorn", literal("0.0.0.0"), literal("8000"))
        );
        assert_eq!(
            parts("gunicorn --bind=:${PORT:-8000} app:app"),
            ("gunicorn", literal("0.0.0.0"), variable("PORT"))
        );
        assert_eq!(
            parts("sh -c 'python migrate.py && uvicorn main:app --host 0.0.0.0 --port $PORT'"),
            ("uvicorn", literal("0.0.0.0"), variable("PORT"))
        );
        assert_eq!(
            parts("python manage.py migrate; python manage.py runserver 0.0.0.0:8000"),
            ("manage.py runserver", literal("0.0.0.0"), literal("8000"))
        );
        assert_eq!(
            parts("python manage.py runserver 8001"),
            ("manage.py runserver", Part::Absent, literal("8001"))
        );
        assert_eq!(
            parts("next start -p 3000"),
            ("next start", Part::Absent, literal("3000"))
        );
        assert_eq!(
            parts("daphne -b 0.0.0.0 -p 80 x:y"),
            ("daphne", literal("0.0.0.0"), literal("80"))
        );
        assert_eq!(
            parts("uvicorn main:app"),
            ("uvicorn", Part::Absent, Part::Absent)
        );
    }

    #[test]
    fn sockets_are_no_ports() {
        let read = ServerCommand::read("gunicorn -b unix:/run/app.sock app:app").unwrap();
        assert_eq!(
            (read.socket.as_deref(), read.port),
            (Some("/run/app.sock"), Part::Absent)
        );
        let read = ServerCommand::read("uwsgi --socket :3031 --module app").unwrap();
        assert_eq!(read.socket.as_deref(), Some(":3031"));
    }

    #[test]
    fn other_commands_start_no_server() {
        for command in [
            "pip install gunicorn",
            "node server.js",
            "",
            "celery -A app worker",
            "./wait gunicorn:80",
        ] {
            assert_eq!(ServerCommand::read(command), None, "{command}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_read_without_panic(line in "\\PC*") {
            let _ = ServerCommand::read(&line);
        }
    }
}

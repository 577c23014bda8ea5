//! Reads command lines as a shell would, as far as the rules need it: which programs run, which of
//! them stay, and what stands between them and the platform's signals. Nothing is run or expanded.

/// How much of a line is read; what follows says nothing more about how a process starts.
const MAX_LENGTH: usize = 16 * 1024;
/// How deep `sh -c '…'` inside `sh -c "…"` is followed.
const MAX_DEPTH: usize = 3;

/// One program that a command line runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Command {
    /// Its words without variables set before it, redirections and `exec`.
    pub words: Vec<String>,
    /// The shell replaces itself with it.
    pub exec: bool,
    /// It is sent to the background with `&`.
    pub background: bool,
    /// Its output goes into another program: `… | tee`.
    pub piped: bool,
    /// A shell was called for it: `sh -c '…'`.
    pub in_shell: bool,
}

/// What stands between two commands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    And,
    Next,
    Pipe,
    Background,
}

enum Piece {
    Word(String),
    Between(Token),
}

/// The commands of a shell line in order.
pub(crate) fn parse(line: &str) -> Vec<Command> {
    let mut commands = Vec::new();
    parse_into(line, false, 0, &mut commands);
    commands
}

/// The command that the line is there for: the last one that can stay.
pub(crate) fn main(commands: &[Command]) -> Option<&Command> {
    commands.iter().rfind(|command| command.stays())
}

/// The command of an exec form: no shell reads it, unless it calls one itself.
pub(crate) fn from_words(words: &[String]) -> Vec<Command> {
    let mut commands = Vec::new();
    add(
        Command {
            words: words.to_vec(),
            ..Command::default()
        },
        0,
        &mut commands,
    );
    commands
}

fn parse_into(line: &str, in_shell: bool, depth: usize, commands: &mut Vec<Command>) {
    let mut current = Command {
        in_shell,
        ..Command::default()
    };
    for piece in pieces(line) {
        match piece {
            Piece::Word(word) => {
                let prefix = word == "exec" || is_keyword(&word) || is_assignment(&word);
                if current.words.is_empty() && prefix {
                    current.exec |= word == "exec";
                } else {
                    current.words.push(word);
                }
            }
            Piece::Between(token) => {
                current.background = token == Token::Background;
                current.piped = token == Token::Pipe;
                let next = Command {
                    in_shell,
                    ..Command::default()
                };
                add(std::mem::replace(&mut current, next), depth, commands);
            }
        }
    }
    add(current, depth, commands);
}

/// Adds a command; one that only calls a shell is replaced by what the shell is told.
fn add(command: Command, depth: usize, commands: &mut Vec<Command>) {
    if command.words.is_empty() {
        return;
    }
    let program = base_name(&command.words[0]);
    if matches!(program, "sh" | "bash" | "dash" | "ash" | "zsh") && depth < MAX_DEPTH {
        let script = command.words.iter().skip(1).position(|word| {
            word.starts_with('-') && !word.starts_with("--") && word.ends_with('c')
        });
        if let Some(line) = script.and_then(|flag| command.words.get(flag + 2)) {
            parse_into(line, true, depth + 1, commands);
            return;
        }
    }
    commands.push(command);
}

/// A word of the shell's grammar that stands before a command, or ends a block.
fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "if" | "then"
            | "elif"
            | "else"
            | "fi"
            | "while"
            | "until"
            | "do"
            | "done"
            | "{"
            | "}"
            | "!"
    )
}

/// `NAME=value` before a command.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
    })
}

fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// Splits a line into words and operators. Quotes are taken off, redirections are left out.
fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut word = String::new();
    let mut has_word = false;
    let mut quote = None;
    let mut skip_target = false;
    let mut chars = line.char_indices().peekable();
    let flush =
        |word: &mut String, has_word: &mut bool, pieces: &mut Vec<Piece>, skip: &mut bool| {
            if std::mem::take(has_word) {
                let word = std::mem::take(word);
                if !std::mem::take(skip) {
                    pieces.push(Piece::Word(word));
                }
            }
        };
    while let Some((at, c)) = chars.next() {
        if at > MAX_LENGTH {
            break;
        }
        if let Some(open) = quote {
            if c == open {
                quote = None;
            } else if c == '\\' && open == '"' {
                word.extend(chars.next().map(|(_, next)| next));
            } else {
                word.push(c);
            }
            continue;
        }
        let next = chars.peek().map(|(_, next)| *next);
        match c {
            '\'' | '"' => {
                quote = Some(c);
                has_word = true;
            }
            '\\' => match chars.next() {
                Some((_, '\n')) | None => {}
                Some((_, escaped)) => {
                    word.push(escaped);
                    has_word = true;
                }
            },
            '>' | '<' => {
                // A number before it names a stream: `2>file`.
                if word.chars().all(|c| c.is_ascii_digit() || c == '&') {
                    word.clear();
                    has_word = false;
                }
                flush(&mut word, &mut has_word, &mut pieces, &mut skip_target);
                while chars
                    .next_if(|(_, c)| matches!(c, '>' | '<' | '&' | '|'))
                    .is_some()
                {}
                skip_target = true;
            }
            '&' if next == Some('>') => {}
            '&' | '|' | ';' | '\n' => {
                flush(&mut word, &mut has_word, &mut pieces, &mut skip_target);
                skip_target = false;
                let doubled = next == Some(c) && c != '\n';
                if doubled {
                    chars.next();
                }
                pieces.push(Piece::Between(match (c, doubled) {
                    ('&', false) => Token::Background,
                    ('|', false) => Token::Pipe,
                    ('&' | '|', true) => Token::And,
                    _ => Token::Next,
                }));
            }
            c if c.is_whitespace() => {
                flush(&mut word, &mut has_word, &mut pieces, &mut skip_target);
            }
            '#' if !has_word => break,
            // A group; what stands in it is run like the rest.
            '(' if !has_word => {}
            _ => {
                word.push(c);
                has_word = true;
            }
        }
    }
    flush(&mut word, &mut has_word, &mut pieces, &mut skip_target);
    pieces
}

impl Command {
    /// The words from the program on that the wrappers before it lead to: `poetry run gunicorn app`
    /// is `gunicorn app`, `python -m celery worker` is `celery worker`.
    pub(crate) fn words(&self) -> &[String] {
        let mut words = self.words.as_slice();
        // Each turn takes off one wrapper; nobody stacks more than a few.
        for _ in 0..6 {
            let Some(skip) = wrapper(words) else { break };
            match words.get(skip..) {
                Some(rest) if !rest.is_empty() => words = rest,
                _ => break,
            }
        }
        words
    }

    /// The program's name without its folder; `python3.12` is `python`.
    pub(crate) fn program(&self) -> &str {
        let name = self.words().first().map_or("", |word| base_name(word));
        if name.starts_with("python") {
            "python"
        } else {
            name
        }
    }

    /// Whether it can be a program that stays, and not one that prepares or ends at once.
    pub(crate) fn stays(&self) -> bool {
        !matches!(
            self.program(),
            "" | "echo"
                | "printf"
                | "true"
                | "false"
                | "exit"
                | "sleep"
                | "wait"
                | "rm"
                | "mkdir"
                | "cp"
                | "mv"
                | "cat"
                | "ls"
                | "set"
                | "cd"
                | "export"
                | "source"
                | "."
                | "chown"
                | "chmod"
                | "tee"
                | "test"
                | "["
                | "[["
                | "nc"
                | "wait-for-it.sh"
                | "wait-for"
                | "dockerize"
                | "pg_isready"
        )
    }

    /// Whether one of the words after the program is this one.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words().iter().skip(1).any(|one| one == word)
    }

    /// The value of an option: `--pid file`, `--pid=file`, `-p file`.
    pub(crate) fn option(&self, names: &[&str]) -> Option<&str> {
        let words = self.words();
        words.iter().enumerate().skip(1).find_map(|(index, word)| {
            if names.contains(&word.as_str()) {
                return Some(words.get(index + 1).map_or("", String::as_str));
            }
            let (name, value) = word.split_once('=')?;
            (name.starts_with('-') && names.contains(&name)).then_some(value)
        })
    }

    /// The script of a package manager that it runs: `npm start` is `("npm", "start")`.
    pub(crate) fn package_script(&self) -> Option<(&str, &str)> {
        let words = self.words();
        let manager = match base_name(words.first()?) {
            name @ ("npm" | "yarn" | "pnpm" | "bun") => name,
            _ => return None,
        };
        let mut rest = words
            .iter()
            .skip(1)
            .map(String::as_str)
            .filter(|word| !word.starts_with('-'));
        let first = rest.next().unwrap_or_default();
        let script = match (manager, first) {
            (_, "run" | "run-script") => rest.next()?,
            (_, "start" | "test") => first,
            ("yarn" | "pnpm", name)
                if !matches!(
                    name,
                    "" | "install" | "add" | "build" | "exec" | "dlx" | "node" | "workspace"
                ) =>
            {
                name
            }
            _ => return None,
        };
        Some((manager, script))
    }
}

/// How many words a wrapper takes before the program that it runs; `None` when there is none.
fn wrapper(words: &[String]) -> Option<usize> {
    let second = words.get(1).map(String::as_str);
    let options = |from: usize| {
        from + words
            .iter()
            .skip(from)
            .take_while(|word| word.starts_with('-') && *word != "--")
            .count()
            + usize::from(
                words
                    .iter()
                    .skip(from)
                    .find(|word| !word.starts_with('-') || *word == "--")
                    .is_some_and(|word| word == "--"),
            )
    };
    let name = base_name(words.first()?);
    Some(match (name, second) {
        ("env" | "cross-env", _) => {
            1 + words
                .iter()
                .skip(1)
                .take_while(|word| is_assignment(word) || word.starts_with('-'))
                .count()
        }
        (
            "tini"
            | "tini-static"
            | "dumb-init"
            | "npx"
            | "bunx"
            | "ddtrace-run"
            | "opentelemetry-instrument"
            | "time"
            | "setsid"
            | "stdbuf"
            | "sudo"
            | "catchsegv",
            _,
        ) => options(1),
        ("poetry" | "uv" | "pipenv" | "pdm" | "hatch" | "rye" | "doppler", Some("run")) => {
            options(2)
        }
        ("pnpm" | "yarn" | "npm", Some("exec")) => options(2),
        ("yarn", Some("node")) => 1,
        ("newrelic-admin", Some("run-program")) => 2,
        ("dotenv" | "dotenvx" | "infisical", _) => words
            .iter()
            .position(|word| word == "--")
            .map(|at| at + 1)?,
        (python, _) if python.starts_with("python") => {
            let flags = words
                .iter()
                .skip(1)
                .take_while(|word| word.starts_with('-') && *word != "-m")
                .count();
            if words.get(1 + flags)? != "-m" {
                return None;
            }
            2 + flags
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shape(line: &str) -> Vec<String> {
        parse(line)
            .iter()
            .map(|command| {
                let mut text = command.words().join(" ");
                for (mark, set) in [
                    (" exec", command.exec),
                    (" &", command.background),
                    (" |", command.piped),
                    (" sh", command.in_shell),
                ] {
                    if set {
                        text.push_str(mark);
                    }
                }
                text
            })
            .collect()
    }

    #[test]
    fn a_line_is_split_as_a_shell_does() {
        assert_eq!(
            shape("NODE_ENV=production exec node 'my app.js' > log 2>&1 # start"),
            ["node my app.js exec"]
        );
        assert_eq!(
            shape("flask db upgrade; gunicorn app:app && echo done || true"),
            ["flask db upgrade", "gunicorn app:app", "echo done", "true"]
        );
        assert_eq!(
            shape("nohup node a.js &>out & node b.js | tee log"),
            ["nohup node a.js &", "node b.js |", "tee log"]
        );
        assert_eq!(
            shape("bash -lc \"alembic upgrade head && exec uvicorn app:app\""),
            ["alembic upgrade head sh", "uvicorn app:app exec sh"]
        );
        assert_eq!(shape("echo 'a & b'"), ["echo a & b"]);
        let wait = parse("sh -c 'until nc -z db 5432 && npm start; do sleep 2; done'");
        assert_eq!(main(&wait).unwrap().words(), ["npm", "start"]);
    }

    #[test]
    fn wrappers_lead_to_the_program() {
        assert_eq!(shape("tini -- node a.js"), ["node a.js"]);
        assert_eq!(
            shape("poetry run python -u -m celery -A app worker"),
            ["celery -A app worker"]
        );
        assert_eq!(
            shape("cross-env NODE_ENV=production npx -y ts-node a.ts"),
            ["ts-node a.ts"]
        );
        assert_eq!(parse("python3.12 a.py")[0].program(), "python");
        assert_eq!(
            parse("./node_modules/.bin/forever a.js")[0].program(),
            "forever"
        );
    }

    #[test]
    fn options_and_scripts_are_told() {
        let celery = &parse("celery -A app beat --pidfile=/tmp/a.pid -s db")[0];
        assert_eq!(celery.option(&["--pidfile"]), Some("/tmp/a.pid"));
        assert_eq!(celery.option(&["-s"]), Some("db"));
        let script = |line: &str| {
            parse(line)[0]
                .package_script()
                .map(|(manager, script)| format!("{manager} {script}"))
        };
        assert_eq!(
            script("npm run start:prod -- --x").unwrap(),
            "npm start:prod"
        );
        assert_eq!(script("yarn serve").unwrap(), "yarn serve");
        assert_eq!(script("npm ci"), None);
        assert_eq!(script("yarn install"), None);
    }

    proptest! {
        #[test]
        fn any_line_is_read(line in "\\PC{0,200}") {
            for command in parse(&line) {
                let _ = (command.words(), command.program(), command.package_script());
            }
        }
    }
}

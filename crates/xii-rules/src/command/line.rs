//! Reads a command line as a shell would, as far as the rules need it: which programs run, with which
//! words, and what stands between them and the platform's signals. Nothing is run or expanded.

use super::lexer::{Joint, Piece, pieces};
use super::wrappers::{assignment, is_keyword, wrapper};

/// How deep `sh -c '…'` inside `sh -c "…"` is followed.
const MAX_DEPTH: usize = 4;
/// How many wrappers are taken off a command; nobody stacks more than a few.
const MAX_WRAPPERS: usize = 8;

/// One program that a command line runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Command {
    /// Its words as they are written, without variables set before it, redirections and `exec`;
    /// never empty.
    pub(crate) written: Vec<String>,
    /// Variables set for it: `A=1 program`.
    pub(crate) assignments: Vec<(String, String)>,
    /// What runs it: `sudo`, `npx`, `poetry run`, `sh`.
    pub(crate) through: Vec<String>,
    /// The shell replaces itself with it.
    pub(crate) exec: bool,
    /// It is sent to the background with `&`.
    pub(crate) background: bool,
    /// Its output goes into another program: `… | tee`.
    pub(crate) piped: bool,
    /// A shell was called for it: `sh -c '…'`.
    pub(crate) in_shell: bool,
    /// Where what the wrappers run begins in the written words.
    pub(super) begins: usize,
    /// Where the program stands in the written words: behind `python -m` as well.
    pub(super) program: usize,
}

/// The commands of a shell line in order, whatever joins them.
pub(crate) fn parse(line: &str) -> Vec<Command> {
    let mut commands = Vec::new();
    parse_into(line, &Command::default(), 0, &mut commands);
    commands
}

/// The command that the line is there for: the last one that can stay.
pub(crate) fn main(commands: &[Command]) -> Option<&Command> {
    commands.iter().rfind(|command| command.stays())
}

/// The command of an exec form: no shell reads it, unless it calls one itself.
pub(crate) fn from_words(words: &[String]) -> Vec<Command> {
    let mut commands = Vec::new();
    let command = Command {
        written: words.to_vec(),
        ..Command::default()
    };
    add(command, 0, &mut commands);
    commands
}

/// Reads a line whose commands all begin as the given one does.
fn parse_into(line: &str, start: &Command, depth: usize, commands: &mut Vec<Command>) {
    let mut current = start.clone();
    for piece in pieces(line) {
        match piece {
            Piece::Word(word) if current.written.is_empty() && word == "exec" => {
                current.exec = true;
                current.through.push(word);
            }
            Piece::Word(word) if current.written.is_empty() && is_keyword(&word) => {}
            Piece::Word(word) => match assignment(&word).filter(|_| current.written.is_empty()) {
                Some((name, value)) => {
                    let set = (name.to_owned(), value.to_owned());
                    current.assignments.push(set);
                }
                None => current.written.push(word),
            },
            Piece::Joint(joint) => {
                current.background = joint == Joint::Background;
                current.piped = joint == Joint::Pipe;
                add(
                    std::mem::replace(&mut current, start.clone()),
                    depth,
                    commands,
                );
            }
        }
    }
    add(current, depth, commands);
}

/// Adds a command; one that only calls a shell is replaced by what the shell is told.
fn add(mut command: Command, depth: usize, commands: &mut Vec<Command>) {
    if command.written.is_empty() {
        return;
    }
    unwrap(&mut command);
    let is_shell = matches!(command.program(), "sh" | "bash" | "dash" | "ash" | "zsh");
    if is_shell
        && depth < MAX_DEPTH
        && let Some(line) = told_to_shell(command.args())
    {
        let mut start = Command {
            through: command.through.clone(),
            in_shell: true,
            ..Command::default()
        };
        start.through.push("sh".to_owned());
        parse_into(&line, &start, depth + 1, commands);
        return;
    }
    commands.push(command);
}

/// What the shell is told with `-c`. An exec form whose words were joined has lost its quotes: then
/// all that follows is meant.
fn told_to_shell(args: &[String]) -> Option<String> {
    let flag = args
        .iter()
        .position(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c'))?;
    let line = args.get(flag + 1)?;
    if line.contains(char::is_whitespace) {
        return Some(line.clone());
    }
    Some(args.get(flag + 1..)?.join(" "))
}

/// Finds where the program stands behind its wrappers.
fn unwrap(command: &mut Command) {
    let mut interpreted = false;
    for _ in 0..MAX_WRAPPERS {
        let Some(found) = wrapper(command.words()) else {
            break;
        };
        let program = command.program + found.words;
        let Some(taken) = command.written.get(command.program..program) else {
            break;
        };
        if program >= command.written.len() {
            break;
        }
        let set = taken.iter().filter_map(|word| assignment(word));
        let set = set.map(|(name, value)| (name.to_owned(), value.to_owned()));
        command.assignments.extend(set);
        command.through.push(found.name);
        command.program = program;
        interpreted |= found.interpreter;
        if !interpreted {
            command.begins = program;
        }
    }
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
            shape("pm2 start a.js &>out & node b.js 2>&1 | tee log"),
            ["pm2 start a.js &", "node b.js |", "tee log"]
        );
        assert_eq!(
            shape("bash -lc \"alembic upgrade head && exec uvicorn app:app\""),
            ["alembic upgrade head sh", "uvicorn app:app exec sh"]
        );
        assert_eq!(shape("echo 'a & b'"), ["echo a & b"]);
        assert_eq!(
            shape("a ${PORT:-80;90} $(nproc | tail) b # c\nd"),
            ["a ${PORT:-80;90} $(nproc | tail) b", "d"]
        );
        assert_eq!(shape("(cd web && npm ci)"), ["cd web", "npm ci"]);
        assert_eq!(
            shape("sh -c exec uvicorn app:app --port $PORT"),
            ["uvicorn app:app --port $PORT exec sh"]
        );
        let wait = parse("sh -c 'until nc -z db 5432 && npm start; do sleep 2; done'");
        assert_eq!(main(&wait).unwrap().words(), ["npm", "start"]);
    }

    #[test]
    fn what_stands_before_the_program_is_kept_apart() {
        let found =
            parse("NODE_ENV=production exec poetry run env A=1 python3 -m gunicorn app:app");
        assert_eq!(found.len(), 1);
        let command = &found[0];
        assert_eq!(command.program(), "gunicorn");
        assert_eq!(command.line(), "python3 -m gunicorn app:app");
        assert_eq!(
            command.assignments,
            [
                ("NODE_ENV".to_owned(), "production".to_owned()),
                ("A".to_owned(), "1".to_owned())
            ]
        );
        assert_eq!(command.through, ["exec", "poetry run", "env", "python -m"]);
    }

    proptest! {
        #[test]
        fn any_line_is_read(line in "\\PC{0,200}") {
            for command in parse(&line) {
                prop_assert!(!command.words().is_empty());
                let _ = (command.line(), command.package_script());
            }
        }
    }
}

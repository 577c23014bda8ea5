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
pub(crate) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
    })
}

pub(crate) fn base_name(word: &str) -> &str {
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

    proptest! {
        #[test]
        fn any_line_is_read(line in "\\PC{0,200}") {
            for command in parse(&line) {
                let _ = (command.words(), command.program(), command.package_script());
            }
        }
    }
}

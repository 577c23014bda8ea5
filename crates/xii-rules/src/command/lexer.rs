//! Splits a shell line into words and what stands between commands, as a shell does it. Nothing is
//! expanded.

/// How much of a line is read, in characters: no command that a person wrote is longer.
const MAX_LENGTH: usize = 32 * 1024;

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A word, its quotes taken off.
    Word(String),
    /// What ends a command.
    Joint(Joint),
}

/// What stands behind a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// `;`, `&&`, `||`, a line's end, a parenthesis.
    End,
    /// `|`.
    Pipe,
    /// `&`.
    Background,
}

/// What is read so far.
#[derive(Default)]
struct Reading {
    pieces: Vec<Piece>,
    word: Option<String>,
    /// The next word is the target of a redirection, and left out.
    target: bool,
}

impl Reading {
    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take()
            && !std::mem::take(&mut self.target)
        {
            self.pieces.push(Piece::Word(word));
        }
    }

    fn end_command(&mut self, joint: Joint) {
        self.end_word();
        self.target = false;
        self.pieces.push(Piece::Joint(joint));
    }
}

/// The words and joints of a line. Redirections are left out; `${…}` and `$(…)` stay in their word.
pub(super) fn pieces(line: &str) -> Vec<Piece> {
    let mut read = Reading::default();
    let mut quote = None;
    let mut chars = line.chars().take(MAX_LENGTH).peekable();
    while let Some(c) = chars.next() {
        if let Some(open) = quote {
            if c == open {
                quote = None;
            } else if c == '\\' && open == '"' {
                match chars.next() {
                    Some('\n') | None => {}
                    Some(escaped) => read.push(escaped),
                }
            } else {
                read.push(c);
            }
            continue;
        }
        let next = chars.peek().copied();
        match c {
            '\'' | '"' => {
                quote = Some(c);
                read.word.get_or_insert_default();
            }
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(escaped) => read.push(escaped),
            },
            '$' if matches!(next, Some('{' | '(')) => {
                read.push(c);
                let mut depth = 0_usize;
                for inner in chars.by_ref() {
                    read.push(inner);
                    match inner {
                        '{' | '(' => depth += 1,
                        '}' | ')' => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            '>' | '<' => {
                // A number before it names a stream: `2>file`.
                if read
                    .word
                    .as_deref()
                    .is_some_and(|word| word.chars().all(|c| c.is_ascii_digit()))
                {
                    read.word = None;
                }
                read.end_word();
                while chars
                    .next_if(|c| matches!(c, '>' | '<' | '&' | '|'))
                    .is_some()
                {}
                read.target = true;
            }
            // `&>file` redirects and ends nothing.
            '&' if next == Some('>') => {}
            '&' | '|' | ';' => {
                let doubled = next == Some(c);
                if doubled {
                    chars.next();
                }
                read.end_command(match (c, doubled) {
                    ('&', false) => Joint::Background,
                    ('|', false) => Joint::Pipe,
                    _ => Joint::End,
                });
            }
            '\n' | '(' | ')' => read.end_command(Joint::End),
            '#' if read.word.is_none() => while chars.next_if(|c| *c != '\n').is_some() {},
            c if c.is_whitespace() => read.end_word(),
            _ => read.push(c),
        }
    }
    read.end_word();
    read.pieces
}

/// Words that begin an action which prints nothing itself.
const CONTROL: [&str; 9] = [
    "if", "else", "end", "range", "with", "define", "block", "break", "continue",
];

/// Functions whose result is lines of YAML, and not one scalar.
const PRINTS_LINES: [&str; 3] = ["nindent", "indent", "toYaml"];

/// Whether `action`, with its braces, stands for a scalar: it prints, and what it
/// prints is not lines of YAML.
pub(super) fn prints_scalar(action: &str) -> bool {
    let inner = action.trim_start_matches("{{").trim_end_matches("}}");
    let inner = inner.strip_prefix('-').unwrap_or(inner).trim_start();
    if inner.is_empty() || inner.starts_with("/*") || assigns(inner) {
        return false;
    }
    let mut words = words(inner);
    if words.next().is_some_and(|first| CONTROL.contains(&first)) {
        return false;
    }
    !self::words(inner).any(|word| PRINTS_LINES.contains(&word))
}

/// `$name := …` and `$name = …`.
fn assigns(inner: &str) -> bool {
    let Some(rest) = inner.strip_prefix('$') else {
        return false;
    };
    let rest = rest.trim_start_matches(|next: char| next.is_alphanumeric() || next == '_');
    let rest = rest.trim_start();
    rest.starts_with(":=") || rest.starts_with('=')
}

fn words(inner: &str) -> impl Iterator<Item = &str> {
    inner
        .split(|next: char| !next.is_alphanumeric() && !matches!(next, '_' | '.' | '$'))
        .filter(|word| !word.is_empty())
}

/// Finds the ends of actions, from the first to the last, in time that grows
/// with the length of the text: nothing is looked for twice.
#[derive(Default)]
pub(super) struct Ends {
    /// No braces close an action from here on.
    no_braces: bool,
    /// Up to this offset the text was read once and is not well formed.
    malformed_until: usize,
}

impl Ends {
    /// The end of the action that starts with the braces at `start`. `None` if it
    /// is never closed.
    pub(super) fn end(&mut self, text: &str, start: usize) -> Option<usize> {
        if self.no_braces {
            return None;
        }
        if start >= self.malformed_until {
            match lexed(text, start) {
                Ok(end) => return Some(end),
                Err(read) => self.malformed_until = read,
            }
        }
        // Not a well-formed action: the next braces end it.
        let end = text.get(start..).and_then(|rest| rest.find("}}"));
        self.no_braces = end.is_none();
        end.map(|end| start + end + 2)
    }
}

/// The end of a well-formed action, in which braces in strings and comments do
/// not count. The error is how far the text was read.
fn lexed(text: &str, start: usize) -> Result<usize, usize> {
    let bytes = text.as_bytes();
    let mut index = start + 2;
    while let Some(&byte) = bytes.get(index) {
        let next = bytes.get(index + 1);
        index = match byte {
            b'}' if next == Some(&b'}') => return Ok(index + 2),
            // An action may not open inside another.
            b'{' if next == Some(&b'{') => return Err(index),
            b'"' | b'\'' => quoted_end(bytes, index)?,
            b'`' => find(text, index + 1, "`")?,
            b'/' if next == Some(&b'*') => find(text, index + 2, "*/")?,
            _ => index + 1,
        };
    }
    Err(text.len())
}

/// The end of the string that starts at `start`; it may not go over a line end.
fn quoted_end(bytes: &[u8], start: usize) -> Result<usize, usize> {
    let quote = bytes.get(start);
    let mut index = start + 1;
    loop {
        index += match bytes.get(index) {
            None | Some(b'\n') => return Err(index),
            Some(b'\\') => 2,
            byte if byte == quote => return Ok(index + 1),
            Some(_) => 1,
        };
    }
}

/// The end of the next `needle`.
fn find(text: &str, from: usize, needle: &str) -> Result<usize, usize> {
    text.get(from..)
        .and_then(|rest| rest.find(needle))
        .map(|found| from + found + needle.len())
        .ok_or(text.len())
}

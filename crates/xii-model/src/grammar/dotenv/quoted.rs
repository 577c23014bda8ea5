/// A quoted value without its quotes.
pub(super) struct Quoted {
    /// The value with its escapes resolved.
    pub(super) value: String,
    /// Bytes it takes up, both quotes included.
    pub(super) length: usize,
    /// Whether it names a variable with `$A` or `${A}`.
    pub(super) interpolates: bool,
}

/// Reads the quoted value at the start of `text`. `None` if it is never closed.
pub(super) fn quoted(text: &str, quote: char) -> Option<Quoted> {
    let inner = text.strip_prefix(quote)?;
    if quote == '"' {
        return double_quoted(inner);
    }
    let end = inner.find(quote)?;
    Some(Quoted {
        value: inner.get(..end)?.to_owned(),
        length: end + 2,
        interpolates: false,
    })
}

fn double_quoted(inner: &str) -> Option<Quoted> {
    let mut value = String::new();
    let mut interpolates = false;
    let mut characters = inner.char_indices().peekable();
    while let Some((offset, character)) = characters.next() {
        match character {
            '"' => {
                return Some(Quoted {
                    value,
                    length: offset + 2,
                    interpolates,
                });
            }
            '\\' => match characters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 'r')) => value.push('\r'),
                Some((_, 't')) => value.push('\t'),
                Some((_, escaped @ ('"' | '\\' | '$'))) => value.push(escaped),
                Some((_, other)) => value.extend(['\\', other]),
                None => return None,
            },
            _ => {
                let next = characters.peek().map(|&(_, next)| next);
                interpolates |= character == '$' && next.is_some_and(starts_name);
                value.push(character);
            }
        }
    }
    None
}

/// Whether a value without quotes names a variable with `$A` or `${A}`.
pub(super) fn interpolates(value: &str) -> bool {
    let mut before = None;
    for character in value.chars() {
        if before == Some('$') && starts_name(character) {
            return true;
        }
        before = match (before, character) {
            (Some('\\'), _) => Some(' '),
            (_, character) => Some(character),
        };
    }
    false
}

fn starts_name(character: char) -> bool {
    character == '{' || character == '_' || character.is_ascii_alphabetic()
}

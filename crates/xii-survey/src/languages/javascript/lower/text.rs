//! Texts of string literals.

/// The text that a string literal's inside stands for. Escapes that are not understood stay.
pub(in crate::languages::javascript) fn unescape(inside: &str) -> String {
    if !inside.contains('\\') {
        return inside.to_owned();
    }
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match rest.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('v') => text.push('\u{b}'),
            Some('0') => text.push('\0'),
            Some('\n') | None => {}
            Some('x') => push_code(&mut text, &mut rest, 2),
            Some('u') => {
                if rest.as_str().starts_with('{') {
                    rest.next();
                    let digits = rest.as_str().find('}').unwrap_or(0).min(6);
                    push_code(&mut text, &mut rest, digits);
                    rest.next();
                } else {
                    push_code(&mut text, &mut rest, 4);
                }
            }
            Some(other) => text.push(other),
        }
    }
    text
}

/// Takes `digits` hexadecimal digits and pushes the character that they number.
fn push_code(text: &mut String, rest: &mut std::str::Chars<'_>, digits: usize) {
    let Some(code) = rest.as_str().get(..digits) else {
        return;
    };
    if let Some(c) = u32::from_str_radix(code, 16).ok().and_then(char::from_u32) {
        text.push(c);
    }
    *rest = rest.as_str().get(digits..).unwrap_or_default().chars();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_what_they_stand_for() {
        assert_eq!(unescape(r"a\nb\x41\u0042\u{43}\'"), "a\nbABC'");
        assert_eq!(unescape(r"\u{zz}\u12"), "12");
        assert_eq!(unescape("plain"), "plain");
    }
}

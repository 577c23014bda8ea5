//! Makes text from an audited repository harmless to a terminal, a log and a reader's eye.
//!
//! Paths, names, messages and excerpts may hold control characters, escape sequences and marks that
//! turn the direction of text. Every character is replaced by one visible character, so that columns
//! stay true.

/// How many characters of one line of prose are shown; no honest message is longer.
const LONGEST: usize = 2000;

/// Whether the character could mislead a terminal or a reader: controls, line separators, marks of
/// direction and invisible ones. The joiners of scripts and of emoji are left alone.
pub(crate) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fffe}'
                | '\u{ffff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The character itself, or a visible one in its place.
fn visible(c: char) -> char {
    match c {
        _ if !is_hostile(c) => c,
        '\u{7f}' => '\u{2421}',
        // The pictures of the control characters stand in their order.
        _ if c < ' ' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        _ => '\u{fffd}',
    }
}

/// One line of text, with nothing in it that could end the line or move the cursor.
pub(crate) fn line(text: &str) -> String {
    let mut line: String = text
        .trim()
        .chars()
        .take(LONGEST)
        .map(|c| if c == '\t' { ' ' } else { visible(c) })
        .collect();
    if text.trim().chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

/// Several lines of text. Tabs become four spaces.
pub(crate) fn lines(text: &str) -> Vec<String> {
    text.trim_end()
        .lines()
        .map(|one| {
            let one = one.trim_end().replace('\t', "    ");
            one.chars().take(LONGEST).map(visible).collect()
        })
        .collect()
}

/// Source text: line breaks and tabs stay, and every other character stands for exactly one.
pub(crate) fn code(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| {
            if matches!(c, '\n' | '\t') {
                c
            } else {
                visible(c)
            }
        })
        .collect()
}

/// JSON in which the characters that a terminal could obey are escaped. They stand in strings only,
/// so the document means the same.
pub(crate) fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || !is_hostile(c) {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// At most so many characters, the last one an ellipsis when something was cut.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    if text.chars().nth(longest).is_none() {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(longest.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn controls_become_pictures() {
        assert_eq!(line("a\u{1b}[31mb\r\nc\u{7f}\u{9b}"), "a␛[31mb␍␊c␡\u{fffd}");
        assert_eq!(code("a\tb\r\n\u{202e}c"), "a\tb\n\u{fffd}c");
    }

    #[test]
    fn escaped_json_means_the_same() {
        let hostile = "a\u{9b}\u{202e}\u{e0041}b\u{1b}";
        let text = serde_json::to_string(hostile).unwrap();
        let escaped = json(&text);
        assert!(!escaped.chars().any(is_hostile));
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), hostile);
    }

    proptest! {
        #[test]
        fn nothing_hostile_gets_through(text in any::<String>()) {
            prop_assert!(!line(&text).chars().any(is_hostile));
            prop_assert!(!lines(&text).concat().chars().any(is_hostile));
            prop_assert!(!code(&text).chars().any(|c| is_hostile(c) && c != '\n' && c != '\t'));
        }

        #[test]
        fn source_keeps_its_columns(text in "[^\r]*") {
            prop_assert_eq!(code(&text).chars().count(), text.chars().count());
        }
    }
}

//! What processes write, made harmless for a terminal.

use std::ops::ControlFlow;

/// What is kept of sequences that speak to the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// All: the output is no terminal.
    All,
    /// Colours and other ways to write letters; nothing that moves, clears, asks or renames.
    Colours,
    /// None.
    Nothing,
}

/// Appends the line. Returns whether it may have changed how the terminal writes.
pub(super) fn push(line: &[u8], keep: Keep, to: &mut Vec<u8>) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if keep == Keep::All || is_plain(line) {
        to.extend_from_slice(line);
        return false;
    }
    let mut coloured = false;
    for chunk in shown(line).utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.find(special) {
            to.extend_from_slice(&rest.as_bytes()[..at]);
            rest = &rest[at..];
            let length = sequence(rest);
            if keep == Keep::Colours && is_colour(&rest[..length]) {
                to.extend_from_slice(&rest.as_bytes()[..length]);
                coloured = true;
            }
            rest = &rest[length..];
        }
        to.extend_from_slice(rest.as_bytes());
        if !chunk.invalid().is_empty() {
            to.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    coloured
}

/// Whether all is printable ASCII, or a tab.
fn is_plain(line: &[u8]) -> bool {
    // No way out inside of a chunk, so that the processor may look at many bytes at once.
    let plain = |chunk: &[u8]| {
        chunk.iter().fold(true, |plain, byte| {
            plain & ((*byte >= b' ') | (*byte == b'\t')) & (*byte < 0x7f)
        })
    };
    line.chunks(64).all(plain)
}

/// What a terminal would show in the end of a line that goes back to its begin, as progress bars do.
fn shown(line: &[u8]) -> &[u8] {
    let last = line
        .rsplit(|byte| *byte == b'\r')
        .try_for_each(|part| match part {
            [] => ControlFlow::Continue(()),
            part => ControlFlow::Break(part),
        });
    last.break_value().unwrap_or_default()
}

/// Control characters of both kinds but for the tab, and what turns the direction of writing.
fn special(character: char) -> bool {
    match character {
        '\t' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        other => other.is_control(),
    }
}

/// How long the sequence is that the text begins with (ECMA-48): an escape with all that belongs to it,
/// or one character. One that has no end takes the rest of the line.
fn sequence(text: &str) -> usize {
    let mut characters = text.char_indices();
    let introducer = match characters.next() {
        Some((_, '\x1b')) => match characters.next() {
            None => return text.len(),
            Some((_, character @ ('[' | ']' | 'P' | 'X' | '^' | '_'))) => character,
            // Escapes of two or three bytes, such as those that choose a character set.
            Some((at, ' '..='/')) => {
                let last = characters.find(|(_, character)| !(' '..='/').contains(character));
                return last.map_or(text.len(), |(last, character)| {
                    if character.is_ascii() {
                        last + 1
                    } else {
                        at + 1
                    }
                });
            }
            Some((at, '0'..='~')) => return at + 1,
            Some((at, _)) => return at,
        },
        Some((_, '\u{9b}')) => '[',
        Some((_, '\u{9d}' | '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}')) => ']',
        Some((_, character)) => return character.len_utf8(),
        None => return 0,
    };
    if introducer == '[' {
        for (at, character) in characters {
            match character {
                '\x20'..='\x3f' => {}
                '\x40'..='\x7e' => return at + 1,
                // Not a sequence after all: what breaks it is looked at by itself.
                _ => return at,
            }
        }
        return text.len();
    }
    // A string for the terminal: until BEL or ST.
    while let Some((at, character)) = characters.next() {
        match character {
            '\x07' => return at + 1,
            '\u{9c}' => return at + 2,
            '\x1b' => {
                return match characters.next() {
                    Some((at, '\\')) => at + 1,
                    _ => at,
                };
            }
            _ => {}
        }
    }
    text.len()
}

/// `ESC [ … m` with numbers.
fn is_colour(sequence: &str) -> bool {
    sequence
        .strip_prefix("\x1b[")
        .and_then(|rest| rest.strip_suffix('m'))
        .is_some_and(|numbers| {
            let of_number = |byte| matches!(byte, b'0'..=b'9' | b';' | b':');
            numbers.bytes().all(of_number)
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pushed(line: &[u8], keep: Keep) -> String {
        let mut to = Vec::new();
        push(line, keep, &mut to);
        String::from_utf8(to).expect("what is shown on a terminal is UTF-8")
    }

    #[test]
    fn colours_stay_and_what_moves_the_cursor_goes() {
        for (line, shown) in [
            (&b"plain\ttext"[..], "plain\ttext"),
            ("grüße €".as_bytes(), "grüße €"),
            (b"\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
            (b"\x1b[38;2;1;2;3mred", "\x1b[38;2;1;2;3mred"),
            (b"\x1b[2J\x1b[Hclear", "clear"),
            (b"a\x1b[1;1Hb\x1b[?25lc", "abc"),
            (b"\x1b[>4;2mkeys", "keys"),
            (b"\x1b]0;title\x07text", "text"),
            (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
            (b"\x1bPq sixel\x1b\\after", "after"),
            (b"\x1b(Bset \x1b7save\x1bc", "set save"),
            ("c1 \u{9b}2J \u{9d}0;t\u{9c}end".as_bytes(), "c1  end"),
            (b"bell\x07 back\x08 nul\0 del\x7f", "bell back nul del"),
            (b"10%\r50%\r100%\r", "100%"),
            (b"\r\r", ""),
            (
                b"bad \xff\xfe bytes \xe2\x82",
                "bad \u{fffd}\u{fffd} bytes \u{fffd}",
            ),
            ("\u{202e}turned".as_bytes(), "turned"),
            (b"\x1b", ""),
            (b"\x1b[31", ""),
            ("\x1b[3€m".as_bytes(), "€m"),
            ("\x1b€".as_bytes(), "€"),
        ] {
            assert_eq!(pushed(line, Keep::Colours), shown, "{line:?}");
        }
        assert_eq!(pushed(b"\x1b[31mred\x1b[0m", Keep::Nothing), "red");
        assert_eq!(pushed(b"\x1b[2J \x07", Keep::All), "\x1b[2J \x07");
    }

    proptest! {
        #[test]
        fn nothing_but_colours_reaches_the_terminal(
            parts in proptest::collection::vec(
                prop_oneof![
                    proptest::collection::vec(any::<u8>(), 0..6),
                    Just(b"\x1b[".to_vec()),
                    Just(b"\x1b]".to_vec()),
                    Just(b"\x1b".to_vec()),
                    Just("\u{9b}".as_bytes().to_vec()),
                    Just(b"31m".to_vec()),
                ],
                0..12,
            ),
        ) {
            let line = parts.concat();
            let shown = pushed(&line, Keep::Colours);
            let mut rest = shown.as_str();
            while let Some(at) = rest.find(special) {
                let length = sequence(&rest[at..]);
                prop_assert!(is_colour(&rest[at..at + length]), "{:?}", shown);
                rest = &rest[at + length..];
            }
            prop_assert!(!pushed(&line, Keep::Nothing).contains(special));
        }
    }
}

use super::Malformed;
use crate::Position;

/// The line and column of a byte. Columns count characters, those that a byte order mark takes not
/// included; an offset behind the end is the end.
pub fn place(text: &[u8], offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |newline| newline + 1);
    let mut line = before.get(start..).unwrap_or_default();
    if start == 0 {
        line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    }
    let newlines = before.iter().filter(|byte| **byte == b'\n').count();
    // A byte that continues a character of UTF-8 is no character.
    let characters = line.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    let count = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
    Position {
        line: count(newlines),
        column: count(characters),
    }
}

/// The bytes of a file as text.
///
/// # Errors
/// At the first byte that is not UTF-8.
pub fn utf8(bytes: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes).map_err(|error| {
        let sixteen = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
        let message = if sixteen {
            "the file is UTF-16: save it as UTF-8"
        } else {
            "this byte is not UTF-8: save the file as UTF-8"
        };
        Malformed {
            message: message.to_owned(),
            offset: error.valid_up_to(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let at = |text: &str, offset| {
            let place = place(text.as_bytes(), offset);
            (place.line, place.column)
        };
        assert_eq!(at("", 0), (1, 1));
        assert_eq!(at("a\nbä\u{1f600}c", 8), (2, 4));
        assert_eq!(at("a\n", 2), (2, 1));
        assert_eq!(at("a\n", 99), (2, 1));
        assert_eq!(at("\u{feff}ab", 4), (1, 2));
    }

    #[test]
    fn bytes_that_are_no_text_have_a_place() {
        assert_eq!(utf8(b"web: a\n").ok(), Some("web: a\n"));
        let error = utf8(b"ok\nno\xff").expect_err("not UTF-8");
        assert_eq!(
            error.told("Procfile", b"ok\nno\xff"),
            "Procfile:2:3: this byte is not UTF-8: save the file as UTF-8"
        );
        let error = utf8(b"\xff\xfew\0").expect_err("not UTF-8");
        assert_eq!(error.message, "the file is UTF-16: save it as UTF-8");
    }
}

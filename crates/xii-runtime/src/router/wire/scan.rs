//! Where a head ends.

use memchr::memchr;

/// A line that ends with a line feed alone. RFC 9112 lets a recipient take it for a line's end; two
/// recipients that do not agree on it see two different requests, so it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BareLineFeed;

/// Finds the empty line that ends a head in bytes that arrive little by little: each byte is looked at
/// once, however they are cut.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scan {
    line: usize,
    seen: usize,
    first_line: usize,
}

impl Scan {
    /// The length of the head, its empty line included, once that is in `bytes`; `bytes` begin where
    /// those of the last call began.
    ///
    /// # Errors
    /// A line feed without a carriage return before it.
    pub fn end(&mut self, bytes: &[u8]) -> Result<Option<usize>, BareLineFeed> {
        while let Some(found) = memchr(b'\n', &bytes[self.seen..]) {
            let at = self.seen + found;
            if at == 0 || bytes[at - 1] != b'\r' {
                return Err(BareLineFeed);
            }
            let empty = at - self.line == 1;
            if self.line == 0 {
                self.first_line = at + 1;
            }
            self.line = at + 1;
            self.seen = at + 1;
            if empty {
                return Ok(Some(at + 1));
            }
        }
        self.seen = bytes.len();
        Ok(None)
    }

    /// The length of the first line, as far as it was seen.
    pub fn first_line(&self) -> usize {
        if self.line == 0 {
            self.seen
        } else {
            self.first_line
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_at_its_empty_line_however_it_is_cut() {
        let text = b"GET / HTTP/1.1\r\nhost: a\r\n\r\nrest";
        for cut in 0..text.len() {
            let mut scan = Scan::default();
            let first = scan.end(&text[..cut]).expect("no bare line feed");
            assert_eq!(first.is_some(), cut >= 27, "{cut}");
            if first.is_none() {
                assert_eq!(scan.end(text), Ok(Some(27)), "{cut}");
            }
        }
    }

    #[test]
    fn a_line_feed_alone_is_refused_wherever_it_stands() {
        for text in [&b"\n"[..], b"GET / HTTP/1.1\n", b"a\r\nb\n\r\n", b"a\r\n\n"] {
            assert_eq!(Scan::default().end(text), Err(BareLineFeed));
        }
    }
}

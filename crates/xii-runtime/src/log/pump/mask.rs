//! Keeping secrets out of lines.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::frame;

/// Values that are shorter are not masked: they would be found where nothing is meant.
const SHORTEST: usize = 8;
/// Up to so many bytes of values are looked for with the quickest automaton, which takes some hundred
/// bytes of memory for each of them.
const SMALL: usize = 2048;
const HIDDEN: &[u8] = b"[hidden]";

/// Finds the values of secrets in lines, to put `[hidden]` in their place.
///
/// A value of several lines, such as a private key, is masked line by line; a value that JSON would
/// escape is also found in its escaped form.
#[derive(Debug)]
pub struct Mask {
    values: AhoCorasick,
    /// The same values, for what is cut in the middle of one.
    plain: Vec<Vec<u8>>,
    longest: usize,
}

impl Mask {
    /// A mask for these values; `None` when there is nothing to mask.
    pub fn new(values: &[String]) -> Option<Self> {
        let mut plain: Vec<Vec<u8>> = Vec::new();
        for value in values {
            for line in value.lines() {
                let armour = line.starts_with("-----");
                if line.len() >= SHORTEST && !armour {
                    plain.push(line.as_bytes().to_vec());
                }
            }
            let quoted = serde_json::to_string(value).unwrap_or_default();
            let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
            if inner != value && inner.len() >= SHORTEST {
                plain.push(inner.as_bytes().to_vec());
            }
        }
        plain.sort_unstable();
        plain.dedup();
        let longest = plain.iter().map(Vec::len).max()?;
        // It can only fail for gigabytes of values, which no environment holds.
        // Logs are full of the letters that a prefilter would look for, so that it costs more than it
        // saves: four times as much with lines of JSON.
        let total: usize = plain.iter().map(Vec::len).sum();
        let kind = if total <= SMALL {
            AhoCorasickKind::DFA
        } else {
            AhoCorasickKind::ContiguousNFA
        };
        let values = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(kind))
            .prefilter(false)
            .build(&plain)
            .ok()?;
        Some(Mask {
            values,
            plain,
            longest,
        })
    }

    /// Whether there is a secret in these bytes.
    pub fn finds(&self, bytes: &[u8]) -> bool {
        self.values.is_match(bytes)
    }

    /// Appends the bytes with every secret replaced.
    pub fn append(&self, bytes: &[u8], to: &mut Vec<u8>) {
        let mut from = 0;
        for found in self.values.find_iter(bytes) {
            to.extend_from_slice(&bytes[from..found.start()]);
            to.extend_from_slice(HIDDEN);
            from = found.end();
        }
        to.extend_from_slice(&bytes[from..]);
    }

    /// Where to cut the first piece of a long line: not in the middle of a secret, if that can be, nor
    /// of a character.
    pub fn cut(&self, bytes: &[u8]) -> usize {
        let longest = self.longest.min(bytes.len() / 2);
        for back in (1..longest).rev() {
            let at = bytes.len() - back;
            let tail = &bytes[at..];
            if self.plain.iter().any(|value| value.starts_with(tail)) {
                return at;
            }
        }
        frame::character(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(values: &[&str], line: &str) -> String {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        let mut to = Vec::new();
        match Mask::new(&values) {
            Some(mask) => mask.append(line.as_bytes(), &mut to),
            None => to.extend_from_slice(line.as_bytes()),
        }
        String::from_utf8(to).expect("text stays text")
    }

    #[test]
    fn values_are_replaced_in_every_form_that_a_line_shows_them_in() {
        assert_eq!(
            masked(&["hunter2-hunter2"], "a hunter2-hunter2, hunter2-hunter2!"),
            "a [hidden], [hidden]!"
        );
        assert_eq!(
            masked(&["short"], "short is too short"),
            "short is too short"
        );
        assert_eq!(
            masked(&["with\"quote\\s"], r#"{"password":"with\"quote\\s"}"#),
            r#"{"password":"[hidden]"}"#
        );
        let key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEFA\n-----END KEY-----\n";
        assert_eq!(masked(&[key], "MIIEvQIBADANBg"), "[hidden]");
        assert_eq!(
            masked(&["abcdefgh", "abcdefghijkl"], "abcdefghijkl"),
            "[hidden]",
            "the longest that fits"
        );
    }

    #[test]
    fn a_long_line_is_not_cut_in_the_middle_of_a_secret() {
        let mask = Mask::new(&["abcdefgh".to_owned()]).expect("a value to mask");
        assert_eq!(mask.cut(b"0123456789 0123456789 abcd"), 22);
        assert_eq!(mask.cut(b"0123456789 0123456789 xbcd"), 26);
    }
}

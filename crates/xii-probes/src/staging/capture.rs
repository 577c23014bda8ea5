//! What a step of a build printed: its first lines and its last, without secrets.

use std::collections::VecDeque;
use std::sync::LazyLock;

use regex::Regex;
use xii_runtime::log::pump::{Framer, Mask};

/// So many of the first lines are kept.
const HEAD: usize = 20;
/// So many bytes of the last lines are kept.
const TAIL: usize = 64 * 1024;
/// A line is cut to so many bytes.
const LINE: usize = 4 * 1024;

/// What a step printed to both of its streams, in the order in which it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    /// The first lines, at most 20.
    pub head: Vec<String>,
    /// The last lines, at most 64 KiB of them; what is in `head` is not here.
    pub tail: VecDeque<String>,
    /// How many lines between the two were not kept.
    pub dropped: u64,
    size: usize,
}

impl Captured {
    fn push(&mut self, line: String) {
        if self.head.len() < HEAD && self.tail.is_empty() {
            self.head.push(line);
            return;
        }
        self.size += line.len();
        self.tail.push_back(line);
        while self.size > TAIL {
            let Some(gone) = self.tail.pop_front() else {
                break;
            };
            self.size -= gone.len();
            self.dropped += 1;
        }
    }

    /// All lines that were kept, in order.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.head.iter().chain(&self.tail).map(String::as_str)
    }

    /// The last lines that are not empty, at most `count`, in order.
    pub fn last(&self, count: usize) -> Vec<&str> {
        let mut last: Vec<&str> = self
            .lines()
            .rev()
            .filter(|line| !line.trim().is_empty())
            .take(count)
            .collect();
        last.reverse();
        last
    }
}

/// Makes clean lines of the bytes of one stream.
#[derive(Debug, Default)]
pub(super) struct Lines {
    framer: Framer,
}

impl Lines {
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mask: Option<&Mask>,
        to: &mut Captured,
        tell: &dyn Fn(&str),
    ) {
        // A line is cut long before the framer's own cap, so where that cuts does not matter.
        let cut = |bytes: &[u8]| mask.map_or(bytes.len(), |mask| mask.cut(bytes)).max(1);
        self.framer.push(bytes, &cut, |piece| {
            if piece.begins {
                take(piece.bytes, mask, to, tell);
            }
        });
    }

    pub(super) fn end(&mut self, mask: Option<&Mask>, to: &mut Captured, tell: &dyn Fn(&str)) {
        self.framer.end(|piece| {
            if piece.begins {
                take(piece.bytes, mask, to, tell);
            }
        });
    }
}

fn take(bytes: &[u8], mask: Option<&Mask>, to: &mut Captured, tell: &dyn Fn(&str)) {
    let line = clean(bytes, mask);
    tell(&line);
    to.push(line);
}

/// A line as text: secrets masked, no control sequences, what a progress bar wrote over left out, and cut.
fn clean(bytes: &[u8], mask: Option<&Mask>) -> String {
    static CONTROL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b.").ok()
    });
    let mut masked = Vec::new();
    match mask {
        Some(mask) => mask.append(bytes, &mut masked),
        None => masked.extend_from_slice(bytes),
    }
    let text = String::from_utf8_lossy(&masked);
    let text = text.trim_end_matches('\r');
    let text = text.rsplit('\r').next().unwrap_or(text);
    let text = match &*CONTROL {
        Some(control) => control.replace_all(text, ""),
        None => text.into(),
    };
    let text: String = text
        .chars()
        .filter(|letter| *letter == '\t' || !letter.is_control())
        .collect();
    let mut text = without_credentials(&text);
    if text.len() > LINE {
        text.truncate(text.floor_char_boundary(LINE));
        text.push('…');
    }
    text
}

/// The text without the credentials of any URL in it.
pub(super) fn without_credentials(text: &str) -> String {
    static USER: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"([A-Za-z][A-Za-z0-9+.-]*://)[^\s/@'\x22]+@").ok());
    match &*USER {
        Some(user) => user.replace_all(text, "$1[hidden]@").into_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(chunks: &[&str], secrets: &[&str]) -> Captured {
        let secrets: Vec<String> = secrets.iter().map(|one| (*one).to_owned()).collect();
        let mask = Mask::new(&secrets);
        let (mut lines, mut to) = (Lines::default(), Captured::default());
        for chunk in chunks {
            lines.push(chunk.as_bytes(), mask.as_ref(), &mut to, &|_| {});
        }
        lines.end(mask.as_ref(), &mut to, &|_| {});
        to
    }

    #[test]
    fn lines_are_text_without_secrets_or_control() {
        let seen = captured(
            &[
                "\x1b[31mred\x1b[0m\r\n10%\r50%\r100%\nGET https://me:pa",
                "ss@host/x\ntoken npm_0123456789\n",
                "no end",
            ],
            &["npm_0123456789"],
        );
        assert_eq!(
            seen.lines().collect::<Vec<_>>(),
            [
                "red",
                "100%",
                "GET https://[hidden]@host/x",
                "token [hidden]",
                "no end"
            ]
        );
        assert_eq!(seen.last(2), ["token [hidden]", "no end"]);
    }

    #[test]
    fn a_flood_leaves_its_first_lines_and_its_last() {
        let line = format!("{}\n", "x".repeat(999));
        let many: Vec<&str> = std::iter::repeat_n(line.as_str(), 1000).collect();
        let seen = captured(&many, &[]);
        assert_eq!(seen.head.len(), HEAD);
        assert!(seen.tail.iter().map(String::len).sum::<usize>() <= TAIL);
        assert_eq!(
            seen.head.len() + seen.tail.len() + seen.dropped as usize,
            1000
        );
        let long = captured(&["x".repeat(300_000).as_str()], &[]);
        assert_eq!(long.head.len(), 1);
        assert!(long.head[0].len() < 2 * LINE);
    }
}

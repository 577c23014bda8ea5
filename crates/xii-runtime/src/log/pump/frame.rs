//! Bytes to lines.

use memchr::{memchr, memchr_iter};

/// The most bytes of a line in one record. What is longer becomes several records.
pub const CAP: usize = 64 * 1024;
/// A buffer that grew beyond this is given back when its line has ended.
const KEPT: usize = 8 * 1024;

/// A line, or a part of one that is longer than [`CAP`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The bytes, without the line feed. A carriage return before it is kept.
    pub bytes: &'a [u8],
    /// It is the first piece of its line.
    pub begins: bool,
    /// The next piece is the rest of the line.
    pub continues: bool,
    /// The stream ended before the line did.
    pub unterminated: bool,
}

/// Makes lines of the bytes of one stream. The same bytes give the same pieces, however they were
/// chopped into reads.
#[derive(Debug, Default)]
pub struct Framer {
    /// The line that has no end yet, or what is left of it: at most [`CAP`] bytes between two calls.
    carry: Vec<u8>,
    /// A piece of the line was already given out.
    continued: bool,
}

impl Framer {
    /// The pieces that are complete with these bytes. `cut` says where a first piece of so many bytes is
    /// to be cut, at least 1; `character` is the usual one.
    pub fn push(
        &mut self,
        mut bytes: &[u8],
        cut: &impl Fn(&[u8]) -> usize,
        mut give: impl FnMut(Piece<'_>),
    ) {
        if !self.carry.is_empty() {
            let end = memchr(b'\n', bytes);
            let mut part = &bytes[..end.unwrap_or(bytes.len())];
            while !part.is_empty() {
                let room = CAP + 1 - self.carry.len();
                let (now, later) = part.split_at(room.min(part.len()));
                self.carry.extend_from_slice(now);
                part = later;
                if self.carry.len() > CAP {
                    let at = cut(&self.carry[..CAP]);
                    give(self.continued.piece(&self.carry[..at], true));
                    self.carry.drain(..at);
                }
            }
            let Some(end) = end else { return };
            give(self.continued.piece(&self.carry, false));
            self.carry.clear();
            if self.carry.capacity() > KEPT {
                self.carry = Vec::new();
            }
            bytes = &bytes[end + 1..];
        }
        let mut start = 0;
        for end in memchr_iter(b'\n', bytes) {
            let line = self.long(&bytes[start..end], cut, &mut give);
            give(self.continued.piece(line, false));
            start = end + 1;
        }
        let rest = self.long(&bytes[start..], cut, &mut give);
        self.carry.extend_from_slice(rest);
    }

    /// Whether the first line to come was begun by bytes of an earlier call.
    pub(super) fn is_inside(&self) -> bool {
        !self.carry.is_empty()
    }

    /// The stream has ended: what has no line end is a piece of its own.
    pub fn end(&mut self, mut give: impl FnMut(Piece<'_>)) {
        if !self.carry.is_empty() {
            give(Piece {
                unterminated: true,
                ..self.continued.piece(&self.carry, false)
            });
            self.carry = Vec::new();
        }
    }

    /// Gives out what is beyond the cap, and returns the rest.
    fn long<'a>(
        &mut self,
        mut line: &'a [u8],
        cut: &impl Fn(&[u8]) -> usize,
        give: &mut impl FnMut(Piece<'_>),
    ) -> &'a [u8] {
        while line.len() > CAP {
            let (now, later) = line.split_at(cut(&line[..CAP]));
            give(self.continued.piece(now, true));
            line = later;
        }
        line
    }
}

/// Whether a line is in the middle, and what its next piece is therefore.
trait Continued {
    fn piece<'a>(&mut self, bytes: &'a [u8], continues: bool) -> Piece<'a>;
}

impl Continued for bool {
    fn piece<'a>(&mut self, bytes: &'a [u8], continues: bool) -> Piece<'a> {
        Piece {
            bytes,
            begins: !std::mem::replace(self, continues),
            continues,
            unterminated: false,
        }
    }
}

/// Where to cut so that no character of UTF-8 is cut in two: at most three bytes before the end.
pub(super) fn character(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    for (back, byte) in tail.iter().rev().enumerate() {
        let long = match byte {
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf7 => 4,
            0x80..=0xbf => continue,
            _ => break,
        };
        if long > back + 1 && bytes.len() > back + 1 {
            return bytes.len() - back - 1;
        }
        break;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Owned = (Vec<u8>, bool, bool, bool);

    fn pieces<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<Owned> {
        let mut framer = Framer::default();
        let mut all = Vec::new();
        let mut keep = |piece: Piece<'_>| {
            let flags = (piece.begins, piece.continues, piece.unterminated);
            all.push((piece.bytes.to_vec(), flags.0, flags.1, flags.2));
        };
        for chunk in chunks {
            framer.push(chunk, &character, &mut keep);
        }
        framer.end(&mut keep);
        all
    }

    fn whole(bytes: &[u8]) -> Vec<Owned> {
        pieces(std::iter::once(bytes))
    }

    fn joined(pieces: &[Owned]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (piece, _, continues, unterminated) in pieces {
            bytes.extend_from_slice(piece);
            if !continues && !unterminated {
                bytes.push(b'\n');
            }
        }
        bytes
    }

    #[test]
    fn a_line_ends_with_a_line_feed_and_keeps_its_carriage_return() {
        let line = |text: &str, unterminated| (text.as_bytes().to_vec(), true, false, unterminated);
        assert_eq!(
            whole(b"one\r\n\n\0two\nrest"),
            [
                line("one\r", false),
                line("", false),
                line("\0two", false),
                line("rest", true)
            ]
        );
        assert_eq!(whole(b""), []);
    }

    #[test]
    fn a_line_of_the_cap_is_one_piece_and_a_longer_one_is_not() {
        let mut exact = vec![b'x'; CAP];
        exact.push(b'\n');
        assert_eq!(whole(&exact).len(), 1);
        exact.insert(0, b'x');
        let cut = whole(&exact);
        assert_eq!(cut.len(), 2);
        assert_eq!((cut[0].1, cut[0].2), (true, true));
        assert_eq!((cut[1].0.len(), cut[1].1, cut[1].2), (1, false, false));
    }

    #[test]
    fn no_character_is_cut_in_two() {
        for before in 0..4 {
            let mut text = "x".repeat(before);
            while text.len() <= 2 * CAP {
                text.push('€');
            }
            let pieces = whole(text.as_bytes());
            assert!(pieces.len() > 1);
            for (bytes, ..) in &pieces {
                assert!(std::str::from_utf8(bytes).is_ok());
            }
            assert_eq!(joined(&pieces), text.as_bytes());
        }
        assert_eq!(character(b"\xe2\x82"), 2, "never nothing at all");
    }

    proptest! {
        #[test]
        fn any_chopping_gives_the_same_pieces(
            bytes in stream(),
            cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12),
        ) {
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            places.extend([0, bytes.len()]);
            places.sort_unstable();
            let chopped = pieces(places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]));
            prop_assert_eq!(&chopped, &whole(&bytes));
            prop_assert_eq!(joined(&chopped), bytes);
            prop_assert!(chopped.iter().all(|piece| piece.0.len() <= CAP));
        }
    }

    /// Runs of a byte, some of them around the cap, and line feeds.
    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let length = prop_oneof![
            4 => 0..20usize,
            1 => CAP - 2..CAP + 3,
            1 => 2 * CAP - 2..2 * CAP + 3,
        ];
        let run = (any::<u8>(), length, any::<bool>());
        proptest::collection::vec(run, 0..8).prop_map(|runs| {
            let mut bytes = Vec::new();
            for (byte, length, ends) in runs {
                bytes.resize(bytes.len() + length, byte);
                if ends {
                    bytes.push(b'\n');
                }
            }
            bytes
        })
    }
}

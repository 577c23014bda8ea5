//! The chunked transfer coding (RFC 9112, 7.1), read strictly.

use memchr::memchr;

use super::fields::{is_token, is_value};

/// The longest line with a chunk's size, its extensions included: what nobody reads must not cost much.
const LONGEST_SIZE_LINE: usize = 256;
/// The most bytes of trailers.
const LONGEST_TRAILERS: usize = 8 << 10;

/// Why chunks cannot be read, as one lower-case clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkFault(pub &'static str);

/// What comes next of a chunked body, and how many bytes it takes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Nothing whole: more bytes must come.
    More,
    /// What stands around data: the line of a size, or the line's end after a chunk.
    Size(usize),
    /// Data.
    Data(usize),
    /// A line of the trailers, or the empty line after them.
    Trailer(usize),
    /// The body is whole.
    End,
}

/// Reads chunks as they come.
#[derive(Debug, Default)]
pub struct Chunked {
    state: State,
    trailers: usize,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Size,
    Data(u64),
    DataEnd,
    Trailer,
    Done,
}

impl Chunked {
    /// The next piece at the beginning of `bytes`; the caller goes on after it.
    ///
    /// # Errors
    /// What RFC 9112 does not allow: anything but hexadecimal digits for a size, control bytes or bare
    /// line ends in extensions and trailers, a chunk that does not end where it said; and what it
    /// does not bound: lines that are too long, and trailers that would change what the body is.
    pub fn next(&mut self, bytes: &[u8]) -> Result<Piece, ChunkFault> {
        match self.state {
            State::Size => {
                let Some(line) = line(bytes, LONGEST_SIZE_LINE)? else {
                    return Ok(Piece::More);
                };
                self.state = match size(line)? {
                    0 => State::Trailer,
                    size => State::Data(size),
                };
                Ok(Piece::Size(line.len() + 2))
            }
            State::Data(_) if bytes.is_empty() => Ok(Piece::More),
            State::Data(left) => {
                let taken = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
                self.state = match left - taken as u64 {
                    0 => State::DataEnd,
                    left => State::Data(left),
                };
                Ok(Piece::Data(taken))
            }
            State::DataEnd => match bytes {
                [] | [b'\r'] => Ok(Piece::More),
                [b'\r', b'\n', ..] => {
                    self.state = State::Size;
                    Ok(Piece::Size(2))
                }
                _ => Err(ChunkFault("a chunk is longer than it said")),
            },
            State::Trailer => {
                let left = LONGEST_TRAILERS - self.trailers;
                let Some(line) = line(bytes, left)? else {
                    return Ok(Piece::More);
                };
                if line.is_empty() {
                    self.state = State::Done;
                } else {
                    trailer(line)?;
                    self.trailers += line.len() + 2;
                }
                Ok(Piece::Trailer(line.len() + 2))
            }
            State::Done => Ok(Piece::End),
        }
    }

    /// Whether the body is whole.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }
}

/// The line at the beginning, without its end; `None` when it has not ended yet.
fn line(bytes: &[u8], longest: usize) -> Result<Option<&[u8]>, ChunkFault> {
    let shown = &bytes[..bytes.len().min(longest)];
    let Some(end) = memchr(b'\n', shown) else {
        return if bytes.len() >= longest {
            Err(ChunkFault("a line between chunks is too long"))
        } else {
            Ok(None)
        };
    };
    match shown[..end].strip_suffix(b"\r") {
        Some(line) if is_value(line) => Ok(Some(line)),
        Some(_) => Err(ChunkFault("a line between chunks holds a control byte")),
        None => Err(ChunkFault(
            "a line between chunks ends with a bare line feed",
        )),
    }
}

fn size(line: &[u8]) -> Result<u64, ChunkFault> {
    let digits = line
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    if digits == 0 || digits > 15 {
        return Err(ChunkFault("the size of a chunk is malformed"));
    }
    // Only blanks may stand before an extension, which begins with `;`.
    let rest = line[digits..].trim_ascii_start();
    if !(rest.starts_with(b";") || rest.is_empty() && digits == line.len()) {
        return Err(ChunkFault("the size of a chunk is malformed"));
    }
    Ok(line[..digits].iter().fold(0, |sum, digit| {
        sum * 16 + u64::from(char::from(*digit).to_digit(16).unwrap_or_default())
    }))
}

fn trailer(line: &[u8]) -> Result<(), ChunkFault> {
    let name = memchr(b':', line).map_or(&b""[..], |colon| &line[..colon]);
    if !is_token(name) {
        return Err(ChunkFault("a trailer is malformed"));
    }
    // RFC 9110, 6.5.1: what frames or routes a message has no place after its body.
    let forbidden = [
        "transfer-encoding",
        "content-length",
        "host",
        "connection",
        "trailer",
        "te",
        "upgrade",
    ];
    if forbidden
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
    {
        return Err(ChunkFault("a trailer has a name that no trailer may have"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(mut bytes: &[u8]) -> Result<(Vec<u8>, bool), ChunkFault> {
        let mut chunked = Chunked::default();
        let mut data = Vec::new();
        loop {
            match chunked.next(bytes)? {
                Piece::More => return Ok((data, false)),
                Piece::End => return Ok((data, true)),
                Piece::Size(length) | Piece::Trailer(length) => bytes = &bytes[length..],
                Piece::Data(length) => {
                    data.extend_from_slice(&bytes[..length]);
                    bytes = &bytes[length..];
                }
            }
        }
    }

    #[test]
    fn chunks_extensions_and_trailers_are_read() {
        let body = b"5;a=b\r\nhello\r\n6 ; c=\"d\"\r\n world\r\n000\r\nx-sum: 1\r\n\r\n";
        assert_eq!(read(body), Ok((b"hello world".to_vec(), true)));
        for end in 0..body.len() {
            assert!(matches!(read(&body[..end]), Ok((_, false))), "{end}");
        }
    }

    #[test]
    fn what_two_readers_could_read_in_two_ways_is_refused() {
        let long = [b"1;".to_vec(), vec![b'a'; 400], b"\r\nx\r\n".to_vec()].concat();
        let trailers = [b"0\r\n".to_vec(), b"a: b\r\n".repeat(2000)].concat();
        for wrong in [
            &b"5\nhello\r\n"[..],
            b"0x5\r\nhello\r\n",
            b"+5\r\nhello\r\n",
            b"-1\r\n",
            b" 5\r\nhello\r\n",
            b"5 \r\nhello\r\n",
            b"\r\n",
            b"g\r\n",
            b"5;a\rb\r\nhello\r\n",
            b"5;a\nb\r\nhello\r\n",
            b"5;\0\r\nhello\r\n",
            b"5\r\nhello world\r\n",
            b"5\r\nhello\n",
            b"10000000000000000\r\n",
            b"fffffffffffffffffffff\r\n",
            b"0\r\nno colon\r\n\r\n",
            b"0\r\nbad name: x\r\n\r\n",
            b"0\r\n folded: x\r\n\r\n",
            b"0\r\na: b\n\r\n",
            b"0\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"0\r\ncontent-length: 3\r\n\r\n",
            &long,
            &trailers,
        ] {
            assert!(read(wrong).is_err(), "{:?}", String::from_utf8_lossy(wrong));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }

        #[test]
        fn what_was_cut_into_chunks_comes_back(
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..40), 0..8),
        ) {
            let mut body = Vec::new();
            for part in &parts {
                body.extend_from_slice(format!("{:X}\r\n", part.len()).as_bytes());
                body.extend_from_slice(part);
                body.extend_from_slice(b"\r\n");
            }
            body.extend_from_slice(b"0\r\n\r\n");
            prop_assert_eq!(read(&body), Ok((parts.concat(), true)));
        }
    }
}

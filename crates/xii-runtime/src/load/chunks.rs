//! The chunked coding of a body (RFC 9112, 7.1), read only to find its end.

/// The bytes of extensions and trailers that a body may have in all.
const MOST_ASIDE: u32 = 64 * 1024;

/// Where in the coding the last byte stood.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chunks {
    place: Place,
    /// The size that is being read, or what is left of the chunk.
    left: u64,
    aside: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Before the first digit of a size.
    #[default]
    Start,
    /// In a size.
    Size,
    /// After a size, in an extension.
    Extension,
    /// After the CR of a size's line.
    SizeEnd,
    /// In a chunk's data.
    Data,
    /// After a chunk's data.
    DataEnd,
    /// After the CR behind a chunk's data.
    DataEndLine,
    /// At the start of a line of the trailers.
    Trailer,
    /// In a line of the trailers.
    TrailerLine,
    /// After the CR of a line of the trailers.
    TrailerEnd,
    /// After the CR of the empty line that ends all.
    LastEnd,
}

/// Bytes that are not the chunked coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotChunked;

impl Chunks {
    /// Reads on. `Some`: the body ended, and so many of the bytes were its own.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<Option<usize>, NotChunked> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.place == Place::Data {
                let here = usize::try_from(self.left).unwrap_or(usize::MAX);
                let taken = here.min(bytes.len() - at);
                self.left -= taken as u64;
                at += taken;
                if self.left == 0 {
                    self.place = Place::DataEnd;
                }
                continue;
            }
            at += 1;
            self.place = match (self.place, byte) {
                (Place::Start | Place::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                    let digit = char::from(byte).to_digit(16).map_or(0, u64::from);
                    // A size of 2^60 is nobody's chunk.
                    if self.left >> 56 != 0 {
                        return Err(NotChunked);
                    }
                    self.left = self.left << 4 | digit;
                    Place::Size
                }
                (Place::Size, b';' | b' ' | b'\t') => Place::Extension,
                (Place::Size | Place::Extension, b'\r') => Place::SizeEnd,
                (Place::Extension, byte) if byte != b'\n' => self.aside(Place::Extension)?,
                (Place::SizeEnd, b'\n') if self.left == 0 => Place::Trailer,
                (Place::SizeEnd, b'\n') => Place::Data,
                (Place::DataEnd, b'\r') => Place::DataEndLine,
                (Place::DataEndLine, b'\n') => Place::Start,
                (Place::Trailer, b'\r') => Place::LastEnd,
                (Place::TrailerLine, b'\r') => Place::TrailerEnd,
                (Place::Trailer | Place::TrailerLine, byte) if byte != b'\n' => {
                    self.aside(Place::TrailerLine)?
                }
                (Place::TrailerEnd, b'\n') => Place::Trailer,
                (Place::LastEnd, b'\n') => return Ok(Some(at)),
                _ => return Err(NotChunked),
            };
        }
        Ok(None)
    }

    fn aside(&mut self, place: Place) -> Result<Place, NotChunked> {
        self.aside += 1;
        if self.aside > MOST_ASIDE {
            return Err(NotChunked);
        }
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_end_is_found_wherever_the_bytes_are_cut() {
        let body: &[u8] = b"5\r\nhello\r\nA;name=\"value\"\r\n0123456789\r\n0\r\nDigest: x\r\n\r\n";
        let all = [body, b"HTTP/1.1 200 OK"].concat();
        assert_eq!(Chunks::default().read(&all), Ok(Some(body.len())));
        for cut in 0..body.len() {
            let mut chunks = Chunks::default();
            assert_eq!(chunks.read(&all[..cut]), Ok(None), "{cut}");
            assert_eq!(
                chunks.read(&all[cut..]),
                Ok(Some(body.len() - cut)),
                "{cut}"
            );
        }
    }

    #[test]
    fn what_is_not_the_coding_is_refused() {
        let wrong: [&[u8]; 8] = [
            b"\r\n",
            b"g\r\n",
            b"5\nhello",
            b"5\r\nhello!",
            b"-1\r\n",
            b"fffffffffffffffff\r\n",
            b"0\r\n\n",
            b"5;\n",
        ];
        for bytes in wrong {
            assert_eq!(Chunks::default().read(bytes), Err(NotChunked), "{bytes:?}");
        }
        let endless = [&b"0\r\nA: "[..], &[b'x'; 70_000]].concat();
        assert_eq!(Chunks::default().read(&endless), Err(NotChunked));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Chunks::default().read(&bytes);
        }
    }
}

//! Where a body ends.

use super::chunked::{ChunkFault, Chunked, Piece};

/// How a message says where its body ends (RFC 9112, 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    None,
    /// After this many bytes.
    Length(u64),
    /// After the last chunk and its trailers.
    Chunked,
    /// Where the connection ends: of answers only.
    UntilClose,
}

impl Framing {
    /// Whether there is no body.
    pub fn is_none(self) -> bool {
        self == Framing::None
    }
}

/// A body on its way: how much of it is still to come.
#[derive(Debug)]
pub enum Body {
    /// This many bytes.
    Left(u64),
    /// Chunks.
    Chunked(Chunked),
    /// All that comes.
    UntilClose,
}

impl Body {
    /// A body that begins.
    pub fn new(framing: Framing) -> Self {
        match framing {
            Framing::None => Body::Left(0),
            Framing::Length(length) => Body::Left(length),
            Framing::Chunked => Body::Chunked(Chunked::default()),
            Framing::UntilClose => Body::UntilClose,
        }
    }

    /// How many of these bytes, which follow what was taken before, belong to the body and may be
    /// passed on: 0 when more must come first, or when the body is whole.
    ///
    /// # Errors
    /// Chunks that are malformed.
    pub fn take(&mut self, bytes: &[u8]) -> Result<usize, ChunkFault> {
        match self {
            Body::Left(left) => {
                let taken =
                    usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
                *left -= taken as u64;
                Ok(taken)
            }
            Body::UntilClose => Ok(bytes.len()),
            Body::Chunked(chunked) => {
                let mut taken = 0;
                loop {
                    match chunked.next(&bytes[taken..])? {
                        Piece::More | Piece::End => return Ok(taken),
                        Piece::Size(length) | Piece::Data(length) | Piece::Trailer(length) => {
                            taken += length;
                        }
                    }
                }
            }
        }
    }

    /// Whether all of it was taken. Of one that ends with the connection, nobody knows.
    pub fn is_whole(&self) -> bool {
        match self {
            Body::Left(left) => *left == 0,
            Body::Chunked(chunked) => chunked.is_done(),
            Body::UntilClose => false,
        }
    }
}

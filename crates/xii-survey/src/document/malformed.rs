/// Why a text could not be read, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Malformed {
    /// One lower-case sentence. It never quotes the text, which may hold secrets.
    pub message: String,
    /// Byte offset in the text, at most its length, on a character boundary.
    pub offset: usize,
}

impl Malformed {
    /// An error at `offset`, moved back to the nearest character boundary of `text`.
    pub(super) fn new(message: impl Into<String>, offset: usize, text: &str) -> Self {
        Self {
            message: message.into(),
            offset: text.floor_char_boundary(offset),
        }
    }
}

use super::place;

/// Why a text could not be read, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Malformed {
    /// One lower-case sentence. It never quotes a value of the text, which may be a secret.
    pub message: String,
    /// Byte offset in the text, at most its length, on a character boundary.
    pub offset: usize,
}

impl Malformed {
    /// An error at `offset`, moved back to the nearest character boundary of `text`.
    pub fn new(message: impl Into<String>, offset: usize, text: &str) -> Self {
        Self {
            message: message.into(),
            offset: text.floor_char_boundary(offset),
        }
    }

    /// The error with its place: `Procfile:2:1: …`. `text` is what was read, before it was known to be
    /// UTF-8.
    pub fn told(&self, path: &str, text: &[u8]) -> String {
        let at = place(text, self.offset);
        format!("{path}:{}:{}: {}", at.line, at.column, self.message)
    }
}

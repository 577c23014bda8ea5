//! How a request can come to nothing.

use std::fmt;

/// Why there was no whole answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Miss {
    /// Nobody listens there.
    #[error("refused")]
    Refused,
    /// The other end broke the connection off.
    #[error("reset")]
    Reset,
    /// The connection was closed before a whole answer had come.
    #[error("closed")]
    Closed,
    /// There was no whole answer in time.
    #[error("timed out")]
    TimedOut,
    /// What came is not HTTP.
    #[error("not HTTP: {0}")]
    Malformed(String),
    /// The request could not be sent, and that says nothing of the app.
    #[error("could not be sent: {0}")]
    Failed(String),
}

impl Miss {
    /// The kind in a word or two, without what it carries.
    pub fn kind(&self) -> &'static str {
        match self {
            Miss::Refused => "refused",
            Miss::Reset => "reset",
            Miss::Closed => "closed",
            Miss::TimedOut => "timed out",
            Miss::Malformed(_) => "not HTTP",
            Miss::Failed(_) => "could not be sent",
        }
    }
}

/// What a fresh connection meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knock {
    /// The app answered, with this status.
    Served(u16),
    /// Nobody listens any longer.
    Refused,
    /// The connection was broken off, before or after the request was sent.
    Reset,
    /// The connection was closed without an answer.
    Closed,
    /// Connected or not, there was no answer in time.
    Hanging,
    /// What came is not HTTP, or the request could not be sent, as words.
    Other(String),
}

impl fmt::Display for Knock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Knock::Served(status) => write!(f, "served with {status}"),
            Knock::Refused => f.write_str("refused"),
            Knock::Reset => f.write_str("reset"),
            Knock::Closed => f.write_str("closed without an answer"),
            Knock::Hanging => f.write_str("left hanging"),
            Knock::Other(why) => f.write_str(why),
        }
    }
}

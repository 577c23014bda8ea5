//! Why a request is not passed on.

/// A request that is answered by the router itself, because of what the client sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the answer.
    pub status: u16,
    /// One lower-case sentence, without anything that the client sent.
    pub reason: &'static str,
}

impl Refusal {
    /// A request that is not HTTP, or could be read in two ways.
    pub const fn bad(reason: &'static str) -> Self {
        Refusal {
            status: 400,
            reason,
        }
    }

    /// A refusal with another status.
    pub const fn with(status: u16, reason: &'static str) -> Self {
        Refusal { status, reason }
    }
}

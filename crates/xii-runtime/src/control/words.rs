//! What is said over the control socket, as JSON over HTTP.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `GET /status` | | [`Status`](crate::supervisor::Status) |
//! | `GET /metrics` | | Prometheus' text format |
//! | `POST /scale` | [`Scale`] | `{}` |
//! | `POST /restart` | [`Targets`] | the instances |
//! | `POST /stop` | [`Targets`] | the instances |
//! | `POST /signal` | [`Signalling`] | the instances |
//! | `POST /shutdown` | | `{}`, at once |
//!
//! A refusal has status 404 or 409 and `{"error": "…"}`.

use serde::{Deserialize, Serialize};

/// How many instances of a type are to run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scale {
    /// The type.
    pub process: String,
    /// How many.
    pub count: u32,
}

/// Whom a request is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Targets {
    /// A type, an instance, or the empty word for everything.
    pub target: String,
}

/// A signal to send.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Signalling {
    /// A type, an instance, or the empty word for everything.
    pub target: String,
    /// The signal's name, such as `SIGUSR1`.
    pub signal: String,
}

/// Why a request was refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Fault {
    /// One lower-case sentence.
    pub(crate) error: String,
}

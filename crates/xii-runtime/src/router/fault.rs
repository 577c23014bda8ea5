//! Why the router answers itself.

use std::io;
use std::time::Duration;

use xii_model::Instance;

use super::metrics::Cause;
use super::wire::{Malformed, Refusal};

/// A request that no instance answered.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// The status of the answer.
    pub(super) status: u16,
    /// What it is counted under.
    pub(super) cause: Cause,
    /// One lower-case sentence.
    pub(super) message: String,
}

impl Fault {
    pub(super) fn refused(refusal: Refusal) -> Self {
        let cause = match refusal.status {
            408 => Cause::ClientTimeout,
            _ => Cause::Refused,
        };
        Fault {
            status: refusal.status,
            cause,
            message: refusal.reason.to_owned(),
        }
    }

    pub(super) fn none_ready(waited: Duration) -> Self {
        Fault {
            status: 503,
            cause: Cause::NoneReady,
            message: format!("no instance was ready within {}", in_words(waited)),
        }
    }

    pub(super) fn connect(instance: &Instance, error: &io::Error) -> Self {
        let message = match error.kind() {
            io::ErrorKind::ConnectionRefused => format!("{instance} refused the connection"),
            _ => format!("{instance} could not be connected to: {error}"),
        };
        Fault {
            status: 502,
            cause: Cause::Connect,
            message,
        }
    }

    pub(super) fn connect_timeout(instance: &Instance, after: Duration) -> Self {
        Fault {
            status: 504,
            cause: Cause::ConnectTimeout,
            message: format!("{instance} took no connection within {}", in_words(after)),
        }
    }

    pub(super) fn closed(instance: &Instance, error: Option<&io::Error>) -> Self {
        let what = match error.map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionReset) => "reset",
            _ => "closed",
        };
        Fault {
            status: 502,
            cause: Cause::Closed,
            message: format!("{instance} {what} the connection before it had answered"),
        }
    }

    pub(super) fn first_byte(instance: &Instance, after: Duration) -> Self {
        Fault {
            status: 504,
            cause: Cause::FirstByteTimeout,
            message: format!(
                "{instance} did not begin to answer within {}",
                in_words(after)
            ),
        }
    }

    pub(super) fn idle(instance: &Instance, after: Duration) -> Self {
        Fault {
            status: 504,
            cause: Cause::IdleTimeout,
            message: format!(
                "{instance} took nothing of the request's body for {}",
                in_words(after)
            ),
        }
    }

    pub(super) fn malformed(instance: &Instance, malformed: Malformed) -> Self {
        Fault {
            status: 502,
            cause: Cause::Malformed,
            message: format!(
                "{instance} sent an answer that cannot be passed on: {}",
                malformed.0
            ),
        }
    }
}

/// A time as a person would say it: `5 s`, `250 ms`.
fn in_words(time: Duration) -> String {
    match time.as_millis() {
        ms if ms % 1000 == 0 => format!("{} s", ms / 1000),
        ms => format!("{ms} ms"),
    }
}

/// What a status is called (RFC 9110, 15).
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        408 => "Request Timeout",
        414 => "URI Too Long",
        417 => "Expectation Failed",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Error",
    }
}

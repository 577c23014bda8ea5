//! What makes a build fail and is no fault of the app's.

use std::fmt;
use std::io;

use super::capture::Captured;

/// What makes a build fail and is no fault of the app's, so that nothing is shown by the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// A registry could not be reached.
    Network,
    /// A registry refused who asked.
    Refused,
    /// The disk is full.
    Disk,
    /// There was not enough memory.
    Memory,
    /// A program that builds the app is not installed.
    Tool,
    /// The version of the language that the app declares is not installed.
    Runtime,
    /// The time that the build may take was over.
    Time,
    /// The system did not let xii do what it had to.
    System,
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outside::Network => "a registry could not be reached",
            Outside::Refused => "a registry asked for credentials that this machine does not have",
            Outside::Disk => "the disk is full",
            Outside::Memory => "there was not enough memory",
            Outside::Tool => "a program that builds the app is not installed",
            Outside::Runtime => {
                "the version of the language that the app declares is not installed"
            }
            Outside::Time => "the time was over",
            Outside::System => "the system did not allow it",
        })
    }
}

/// What package managers and libraries say, in lower case. Each is long enough to be about the machine and not about
/// a package that is called so.
const SIGNS: [(&str, Outside); 36] = [
    ("no space left on device", Outside::Disk),
    ("enospc", Outside::Disk),
    ("disk quota exceeded", Outside::Disk),
    ("edquot", Outside::Disk),
    ("javascript heap out of memory", Outside::Memory),
    ("cannot allocate memory", Outside::Memory),
    ("enomem", Outside::Memory),
    // npm, yarn, pnpm.
    ("getaddrinfo enotfound", Outside::Network),
    ("getaddrinfo eai_again", Outside::Network),
    ("npm error code etimedout", Outside::Network),
    ("npm error code econnrefused", Outside::Network),
    ("npm error code econnreset", Outside::Network),
    ("npm error code self_signed_cert_in_chain", Outside::Network),
    (
        "npm error code unable_to_get_issuer_cert_locally",
        Outside::Network,
    ),
    ("npm error network", Outside::Network),
    ("err_socket_timeout", Outside::Network),
    ("err_pnpm_meta_fetch_fail", Outside::Network),
    (
        "there appears to be trouble with your network",
        Outside::Network,
    ),
    ("npm error code e401", Outside::Refused),
    ("npm error code e403", Outside::Refused),
    (
        "the engine \"node\" is incompatible with this module",
        Outside::Runtime,
    ),
    // pip, uv, poetry.
    ("no interpreter found for python", Outside::Runtime),
    ("temporary failure in name resolution", Outside::Network),
    ("name or service not known", Outside::Network),
    ("failed to establish a new connection", Outside::Network),
    ("read timed out", Outside::Network),
    ("network is unreachable", Outside::Network),
    ("all attempts to connect to", Outside::Network),
    ("certificate verify failed", Outside::Network),
    ("401 error, credentials not correct", Outside::Refused),
    // cargo, go, git, bundler.
    ("spurious network error", Outside::Network),
    ("could not resolve host", Outside::Network),
    ("dial tcp", Outside::Network),
    ("could not reach host", Outside::Network),
    ("failed to download from `http", Outside::Network),
    ("could not read username for", Outside::Refused),
];

/// What the last lines of a step that failed say.
pub(super) fn of_output(output: &Captured) -> Option<Outside> {
    output.lines().rev().take(200).find_map(|line| {
        let line = line.to_lowercase();
        SIGNS
            .iter()
            .find(|(sign, _)| line.contains(sign))
            .map(|(_, what)| *what)
    })
}

/// What an error of the system says.
pub(super) fn of_error(error: &io::Error) -> Option<Outside> {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(Outside::Disk),
        io::ErrorKind::OutOfMemory => Some(Outside::Memory),
        _ => None,
    }
}

//! How many files a process may have open.

use std::sync::OnceLock;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The limit that the caller had, which the processes of the app are given back.
static CALLERS: OnceLock<Rlimit> = OnceLock::new();

/// Lets this process open as many files as the system allows it: a router has two for each request.
/// Returns how many more it may open; `None` where there is no limit.
pub fn raise_open_files() -> Option<u64> {
    let callers = *CALLERS.get_or_init(|| getrlimit(Resource::Nofile));
    let raised = Rlimit {
        current: callers.maximum,
        maximum: callers.maximum,
    };
    // Refused: then it stays as it is.
    let _ = setrlimit(Resource::Nofile, raised);
    let most = getrlimit(Resource::Nofile).current?;
    // Without descriptors the folder cannot be read, which then says enough.
    let open = std::fs::read_dir("/dev/fd").map_or(most, |files| files.count() as u64);
    Some(most.saturating_sub(open))
}

/// The limit to give back, if it was raised.
pub(super) fn callers() -> Option<Rlimit> {
    CALLERS.get().copied()
}

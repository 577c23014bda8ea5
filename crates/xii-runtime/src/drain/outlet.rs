//! What delivers records to one place.

use std::io;
use std::time::Duration;

/// What delivers records to one place, on a thread of its own.
pub(super) trait Outlet: Send {
    /// Delivers the records of a block but for those that are done already, and says how far it came,
    /// also when it could not go on. After an error it is asked again a while later.
    fn deliver(&mut self, block: &[u8], progress: &mut Progress) -> io::Result<()>;
}

/// How far the delivery of a block came.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Records that are delivered, or given up.
    pub(super) done: u64,
    /// Of these, the ones that were given up.
    pub(super) lost: u64,
    /// How long to wait before it is tried again, when the other side says so.
    pub(super) wait: Option<Duration>,
}

//! What was told, kept until the end.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use xii_model::Deed;
use xii_witness::Seen;

use super::masked;

/// How many deeds are kept, the first: some tens of megabytes.
const KEPT: usize = 200_000;

/// Keeps what a witness tells.
#[derive(Default)]
pub(super) struct Keeper {
    kept: Arc<Mutex<Record>>,
}

/// What was done, in order.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) seen: Vec<Seen>,
    /// How many deeds are not among them.
    pub(super) lost: u64,
}

impl Keeper {
    /// What a witness is to call.
    pub(super) fn tell(&self) -> impl FnMut(Seen) + Send + 'static {
        let kept = Arc::clone(&self.kept);
        move |seen| {
            let mut record = kept.lock().unwrap_or_else(PoisonError::into_inner);
            record.keep(seen);
        }
    }

    /// The record, with what the witness itself could not tell.
    pub(super) fn finish(self, lost: u64) -> Record {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut record = mem::take(&mut *kept);
        record.lost += lost;
        record
    }
}

impl Record {
    fn keep(&mut self, mut seen: Seen) {
        if self.seen.len() >= KEPT {
            self.lost += 1;
            return;
        }
        if let Deed::Executed { words, .. } = &mut seen.act.deed {
            masked::words(words);
        }
        self.seen.push(seen);
    }
}

//! Reading along.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;

/// The blocks of the stream from when it was made, for somebody in the same process.
#[derive(Debug)]
pub struct Subscription {
    pub(super) blocks: mpsc::Receiver<Arc<Vec<u8>>>,
    pub(super) lost: Arc<AtomicU64>,
}

impl Subscription {
    /// The next block; `None` when the pump has ended and all was read.
    pub async fn next(&mut self) -> Option<Arc<Vec<u8>>> {
        self.blocks.recv().await
    }

    /// The same for a thread that may wait. It panics inside of a runtime.
    pub fn next_blocking(&mut self) -> Option<Arc<Vec<u8>>> {
        self.blocks.blocking_recv()
    }

    /// Records that were in blocks that it did not take in time.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

/// The pump's end of a subscription.
#[derive(Debug)]
pub(super) struct Subscriber {
    blocks: mpsc::Sender<Arc<Vec<u8>>>,
    lost: Arc<AtomicU64>,
}

impl Subscriber {
    pub(super) fn new(capacity: usize) -> (Self, Subscription) {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        let lost = Arc::new(AtomicU64::new(0));
        let subscriber = Subscriber {
            blocks: sender,
            lost: Arc::clone(&lost),
        };
        let subscription = Subscription {
            blocks: receiver,
            lost,
        };
        (subscriber, subscription)
    }

    /// Whether anybody is still there.
    pub(super) fn offer(&self, block: &Arc<Vec<u8>>, records: u64) -> bool {
        match self.blocks.try_send(Arc::clone(block)) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.lost.fetch_add(records, Ordering::Relaxed);
                true
            }
            Err(mpsc::error::TrySendError::Closed(_)) => false,
        }
    }
}

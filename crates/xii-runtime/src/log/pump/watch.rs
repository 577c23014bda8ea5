//! Waiting for a line.

use std::collections::BTreeSet;

use regex::bytes::Regex;
use tokio::sync::oneshot;

use super::StreamId;

/// Somebody waits for the first line of these streams that matches.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) streams: BTreeSet<StreamId>,
    pub(super) pattern: Regex,
    pub(super) found: oneshot::Sender<()>,
}

/// All who wait.
#[derive(Debug, Default)]
pub(super) struct Watches {
    open: Vec<Watch>,
}

impl Watches {
    pub(super) fn add(&mut self, watch: Watch) {
        self.open.push(watch);
    }

    /// Whether nobody waits for anything.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Tells those who waited for this line.
    pub(super) fn line(&mut self, stream: StreamId, bytes: &[u8]) {
        let mut at = 0;
        while let Some(watch) = self.open.get(at) {
            if watch.found.is_closed() {
                self.open.swap_remove(at);
            } else if watch.streams.contains(&stream) && watch.pattern.is_match(bytes) {
                // That nobody waits any more is no matter.
                let _ = self.open.swap_remove(at).found.send(());
            } else {
                at += 1;
            }
        }
    }

    /// The stream has ended. Who waited for nothing else is told so by the end of the channel.
    pub(super) fn ended(&mut self, stream: StreamId) {
        self.open.retain_mut(|watch| {
            watch.streams.remove(&stream);
            !watch.streams.is_empty() && !watch.found.is_closed()
        });
    }
}

//! A time until which something must have happened.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// A timer that is moved with every step of a connection, and so must cost nothing to move: one that is
/// moved to a later time is left where it is, and looked at again when it rings.
pub(super) struct Deadline {
    sleep: Pin<Box<Sleep>>,
    at: Instant,
}

impl Deadline {
    /// A deadline so long from now.
    pub(super) fn new(after: Duration) -> Self {
        let at = Instant::now() + after;
        Deadline {
            sleep: Box::pin(sleep_until(at)),
            at,
        }
    }

    /// Moves it.
    pub(super) fn set(&mut self, after: Duration) {
        self.set_at(Instant::now() + after);
    }

    /// Moves it to this time.
    pub(super) fn set_at(&mut self, at: Instant) {
        self.at = at;
        if at < self.sleep.deadline() {
            self.sleep.as_mut().reset(at);
        }
    }

    /// Ready once it has passed.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.sleep.as_mut().poll(cx).is_ready() {
            if Instant::now() >= self.at {
                return Poll::Ready(());
            }
            self.sleep.as_mut().reset(self.at);
        }
        Poll::Pending
    }
}

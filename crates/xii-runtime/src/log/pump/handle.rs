//! How others speak with the pump.

use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use regex::bytes::Regex;
use tokio::sync::oneshot;
use xii_model::{Event, Instance, Stream};

use super::counters::Counters;
use super::inbox::{Attach, Command, Inbox};
use super::subscription::{Subscriber, Subscription};
use super::watch::Watch;

/// One attached pipe. Every attach has its own, also when the same instance is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub(super) u64);

/// Speaks with a pump, from any thread. Cheap to clone. Nothing here waits.
#[derive(Clone, Debug)]
pub struct PumpHandle {
    pub(super) inbox: Arc<Inbox>,
    pub(super) counters: Arc<Counters>,
    pub(super) next: Arc<AtomicU64>,
}

impl PumpHandle {
    /// Reads the lines of an instance from this pipe until its end or until it is detached.
    ///
    /// The pipe is made non-blocking. It may also be a socket or the side of a pseudo-terminal that
    /// belongs to who watches; with what cannot be waited for, a file, a note is written to the stream
    /// instead.
    ///
    /// Attach before the process is started, so that nothing is written to a pipe that nobody reads.
    pub fn attach(
        &self,
        pipe: OwnedFd,
        instance: Instance,
        stream: Stream,
        release: Option<String>,
    ) -> StreamId {
        let id = self.reserve();
        self.attach_as(id, pipe, instance, stream, release);
        id
    }

    /// The id of a pipe that will be attached: so that its lines can be watched from the very first, and
    /// an event that must precede them can be written in between.
    pub fn reserve(&self) -> StreamId {
        // 0 is the pump's own.
        StreamId(self.next.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The same as [`PumpHandle::attach`], under an id that was reserved for it.
    pub fn attach_as(
        &self,
        id: StreamId,
        pipe: OwnedFd,
        instance: Instance,
        stream: Stream,
        release: Option<String>,
    ) {
        // Refused only when the pump has ended: then the pipe is closed, as at any end.
        let _ = self.inbox.ask(Command::Attach(Box::new(Attach {
            id,
            pipe,
            instance,
            stream,
            release,
        })));
    }

    /// Writes an event to the stream.
    ///
    /// Events stay in the order of their calls. Everything that a process writes because of what was
    /// done after this call comes after the event. To bring an event behind an instance's last line, wait
    /// for [`PumpHandle::detach`] first.
    ///
    /// When the sinks do not take what is written, access events of the router are left out beyond 4 MiB
    /// of them, and the stream says so.
    pub fn event(&self, event: Event) {
        self.inbox.event(&event);
    }

    /// Says that an instance has ended with all its processes: what is in its pipes is read, text without
    /// a line end is kept as it is, and the pipes are closed.
    ///
    /// Resolves when all of it was handed to the sinks; with an error when the pump has ended. It does not
    /// wait for the end of the stream: a process that has left the group may hold the pipe open.
    pub fn detach(&self, streams: &[StreamId]) -> oneshot::Receiver<()> {
        let (done, detached) = oneshot::channel();
        // Refused only when the pump has ended: the receiver is told by the end of the channel.
        let _ = self.inbox.ask(Command::Detach(streams.to_vec(), done));
        detached
    }

    /// Waits for the first line of these streams, from now on, that the pattern is found in.
    ///
    /// To see the very first line, call this before the process is started. An error means that all of
    /// the streams have ended without such a line. A line of more than [`super::CAP`] bytes is looked at
    /// piece by piece.
    pub fn watch(&self, streams: &[StreamId], pattern: Regex) -> oneshot::Receiver<()> {
        let (found, watched) = oneshot::channel();
        let streams: BTreeSet<StreamId> = streams.iter().copied().collect();
        let _ = self.inbox.ask(Command::Watch(Box::new(Watch {
            streams,
            pattern,
            found,
        })));
        watched
    }

    /// Reads along, from now on. So many blocks wait for a reader that is slow; what is beyond is lost to
    /// it, and counted.
    pub fn subscribe(&self, capacity: usize) -> Subscription {
        let (subscriber, subscription) = Subscriber::new(capacity);
        self.inbox.subscribe(subscriber);
        subscription
    }

    /// What went through, and what was dropped.
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }
}

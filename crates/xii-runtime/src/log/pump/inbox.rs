//! What others ask of the pump's thread.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustix::event::{EventfdFlags, eventfd};
use tokio::sync::oneshot;
use xii_model::{Event, Instance, Level, Source, Stream, What};

use super::StreamId;
use super::subscription::Subscriber;
use super::watch::Watch;
use crate::log::record;

/// Events wait here while the pump is busy. Beyond this much, requests are left out and counted; what
/// happens to processes is rare and always kept.
const EVENTS_KEPT: usize = 4 << 20;

/// A pipe to be read.
#[derive(Debug)]
pub(super) struct Attach {
    pub(super) id: StreamId,
    pub(super) pipe: OwnedFd,
    pub(super) instance: Instance,
    pub(super) stream: Stream,
    pub(super) release: Option<String>,
}

/// What the thread is asked to do.
#[derive(Debug)]
pub(super) enum Command {
    Attach(Box<Attach>),
    Detach(Vec<StreamId>, oneshot::Sender<()>),
    Watch(Box<Watch>),
    /// Read what is there, no longer than until then, and end.
    Stop(Instant),
}

/// The queue in front of the pump's thread.
#[derive(Debug)]
pub(super) struct Inbox {
    waiting: Mutex<Waiting>,
    /// Something waits, and `wake` was written to.
    woken: AtomicBool,
    /// Events wait.
    events: AtomicBool,
    wake: OwnedFd,
}

#[derive(Debug, Default)]
struct Waiting {
    commands: Vec<Command>,
    events: Events,
    subscribers: Vec<Subscriber>,
    closed: bool,
}

/// Events as records.
#[derive(Debug, Default)]
pub(super) struct Events {
    pub(super) block: Vec<u8>,
    pub(super) records: u64,
    left_out: u64,
}

impl Inbox {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Inbox {
            waiting: Mutex::default(),
            woken: AtomicBool::new(false),
            events: AtomicBool::new(false),
            wake: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Readable when something waits.
    pub(super) fn wake_fd(&self) -> &OwnedFd {
        &self.wake
    }

    /// Asks; the thread has ended when this is given back.
    pub(super) fn ask(&self, command: Command) -> Result<(), Command> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(command);
        }
        waiting.commands.push(command);
        drop(waiting);
        self.wake();
        Ok(())
    }

    pub(super) fn event(&self, event: &Event) {
        let mut waiting = self.lock();
        if waiting.closed {
            return;
        }
        waiting.events.push(event);
        self.events.store(true, Ordering::Release);
        drop(waiting);
        self.wake();
    }

    pub(super) fn subscribe(&self, subscriber: Subscriber) {
        let mut waiting = self.lock();
        if !waiting.closed {
            waiting.subscribers.push(subscriber);
        }
    }

    fn wake(&self) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            // It can only fail by being full, and then it is readable.
            let _ = rustix::io::write(&self.wake, &1u64.to_ne_bytes());
        }
    }

    /// Commands that wait, in their order.
    pub(super) fn commands(&self) -> Vec<Command> {
        if !self.woken.load(Ordering::Acquire) {
            return Vec::new();
        }
        // In this order: who asks after the swap wakes again, who asked before it is found below.
        let mut count = [0; 8];
        let _ = rustix::io::read(&self.wake, &mut count);
        self.woken.swap(false, Ordering::AcqRel);
        std::mem::take(&mut self.lock().commands)
    }

    /// Moves the events that wait to `to`, whose records were taken; false when there are none.
    pub(super) fn events(&self, to: &mut Events) -> bool {
        if !self.events.swap(false, Ordering::AcqRel) {
            return false;
        }
        to.block.clear();
        to.records = 0;
        let mut waiting = self.lock();
        std::mem::swap(&mut waiting.events, to);
        drop(waiting);
        to.say_left_out();
        true
    }

    /// Gives the block to all who read along.
    pub(super) fn offer(&self, block: &std::sync::Arc<Vec<u8>>, records: u64) {
        let mut waiting = self.lock();
        waiting
            .subscribers
            .retain(|subscriber| subscriber.offer(block, records));
    }

    /// The thread ends: who asks from now on is refused, and who reads along has read all.
    pub(super) fn close(&self) -> Vec<Command> {
        let mut waiting = self.lock();
        waiting.closed = true;
        waiting.subscribers.clear();
        std::mem::take(&mut waiting.commands)
    }
}

impl Events {
    fn push(&mut self, event: &Event) {
        if self.block.len() > EVENTS_KEPT && matches!(event.what, What::Request(_)) {
            self.left_out += 1;
            return;
        }
        let start = self.block.len();
        record::push_event(&mut self.block, event);
        let length = self.block.len() - start;
        if length > record::LARGEST {
            // A reader would take it for damage and read nothing after it.
            self.block.truncate(start);
            let message = format!("an event of {length} bytes is too large for the log: left out");
            self.note(event.source.clone(), message);
        } else {
            self.records += 1;
        }
    }

    fn note(&mut self, source: Source, message: String) {
        let event = Event {
            at: jiff::Timestamp::now(),
            source,
            release: None,
            what: What::Note {
                level: Level::Warn,
                message,
            },
        };
        record::push_event(&mut self.block, &event);
        self.records += 1;
    }

    fn say_left_out(&mut self) {
        if std::mem::take(&mut self.left_out) > 0 {
            let message = "requests came faster than the log could take them: some were left out";
            self.note(Source::Router, message.to_owned());
        }
    }
}

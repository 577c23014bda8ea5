//! The pump's thread.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::event::{Timespec, epoll};
use rustix::io::Errno;
use tokio::sync::oneshot;
use xii_model::{Event, Level, Source, What};

use super::StreamId;
use super::inbox::{Attach, Command, Inbox};
use super::streams::Streams;

/// The stream is quiet when nothing was read for so long.
const QUIET: Duration = Duration::from_millis(50);
/// A stream that is never quiet is flushed after so long.
const LONGEST: Duration = Duration::from_millis(250);
/// When nothing happens, what sinks dropped by themselves is looked at after so long.
const IDLE: Duration = Duration::from_secs(5);
/// Pipes that are ready in one turn. When there are more, the system begins with the others next time.
const READY: usize = 64;

/// What runs on the thread.
pub(super) struct Work {
    streams: Streams,
    inbox: Arc<Inbox>,
    flushed: Instant,
    /// Who waits for the end of a detach that is not yet handed on.
    detached: Vec<oneshot::Sender<()>>,
    stop: Option<Instant>,
}

impl Work {
    pub(super) fn new(streams: Streams, inbox: Arc<Inbox>) -> Self {
        Work {
            streams,
            inbox,
            flushed: Instant::now(),
            detached: Vec::new(),
            stop: None,
        }
    }

    /// Runs until it is told to stop. Returns what every sink dropped.
    pub(super) fn run(mut self) -> Vec<(String, u64)> {
        let mut ready: Vec<epoll::Event> = Vec::with_capacity(READY);
        loop {
            let waited = if self.streams.outlet.dirty {
                QUIET
            } else {
                IDLE
            };
            ready.clear();
            let timeout = Timespec {
                tv_sec: waited.as_secs().cast_signed(),
                tv_nsec: waited.subsec_nanos().into(),
            };
            let buffer = rustix::buffer::spare_capacity(&mut ready);
            match epoll::wait(&self.streams.epoll, buffer, Some(&timeout)) {
                Ok(0) => self.quiet(),
                Ok(_) | Err(Errno::INTR) => {}
                // It can only fail for a reason that is a fault of ours; without it nothing can be read.
                Err(_) => break,
            }
            self.take_commands();
            for event in &ready {
                let id = event.data.u64();
                if id != 0 {
                    self.streams.turn(StreamId(id));
                }
            }
            self.hand_on();
            if let Some(deadline) = self.stop {
                self.drain(deadline);
                break;
            }
        }
        self.end()
    }

    fn quiet(&mut self) {
        if self.streams.outlet.dirty {
            self.streams.outlet.flush();
            self.flushed = Instant::now();
        } else {
            self.streams.outlet.look(false);
        }
    }

    fn hand_on(&mut self) {
        let outlet = &mut self.streams.outlet;
        outlet.hand_on();
        for detached in self.detached.drain(..) {
            // That nobody waits for it is no matter.
            let _ = detached.send(());
        }
        if outlet.dirty && self.flushed.elapsed() >= LONGEST {
            outlet.flush();
            self.flushed = Instant::now();
        }
        outlet.look_sometimes();
    }

    fn take_commands(&mut self) {
        let commands = self.inbox.commands();
        self.streams.take_events();
        for command in commands {
            match command {
                Command::Attach(attach) => self.attach(*attach),
                Command::Detach(ids, done) => {
                    for id in ids {
                        self.streams.detach(id);
                    }
                    self.detached.push(done);
                }
                Command::Watch(watch) => self.streams.watches.add(*watch),
                Command::Stop(deadline) => self.stop = Some(deadline),
            }
        }
    }

    fn attach(&mut self, attach: Attach) {
        let source = Source::Instance(attach.instance.clone());
        if let Err(error) = self.streams.attach(attach) {
            let message = format!("its output cannot be read: {error}");
            self.streams.outlet.event(&Event {
                at: Timestamp::now(),
                source,
                release: None,
                what: What::Note {
                    level: Level::Error,
                    message,
                },
            });
        }
    }

    /// Reads what is in the pipes, for as long as there is time.
    fn drain(&mut self, deadline: Instant) {
        for id in self.streams.ids() {
            if Instant::now() < deadline {
                self.streams.detach(id);
            } else {
                self.streams.abandon(id);
            }
        }
        self.streams.take_events();
        self.hand_on();
    }

    fn end(mut self) -> Vec<(String, u64)> {
        for command in self.inbox.close() {
            // Who waits for a detach is told by the end of its channel, and an attached pipe is closed.
            drop(command);
        }
        self.streams.take_events();
        self.streams.outlet.end();
        self.streams.outlet.dropped()
    }
}

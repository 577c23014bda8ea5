//! One direction of a connection: from one socket to the other, as the rules of the line say.

use std::collections::VecDeque;
use std::io;

use bytes::{Buf, Bytes};
use rustix::net::Shutdown;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::connection::{Ends, Shared, Side};
use super::line::{Budget, Lane, Rules};
use super::tally::Tally;
use super::watched::Scan;

/// Bytes that one direction of one connection holds back at most. Then it reads no more, and whoever
/// sends is held up by TCP, as without an interposer. With a delay this bounds what is under way.
pub(super) const MOST_HELD: usize = 256 * 1024;

/// Bytes that were read and not passed on yet.
struct Held {
    read: Instant,
    bytes: Bytes,
}

/// One direction of a connection.
pub(super) struct Way<'a> {
    shared: &'a Shared,
    ends: &'a Ends,
    lane: Lane,
    from: &'a TcpStream,
    to: &'a TcpStream,
    queue: VecDeque<Held>,
    held: usize,
    /// When the sender said that it will send no more.
    ended: Option<Instant>,
    scan: Scan,
}

impl<'a> Way<'a> {
    pub(super) fn new(
        shared: &'a Shared,
        ends: &'a Ends,
        lane: Lane,
        from: &'a TcpStream,
        to: &'a TcpStream,
    ) -> Self {
        Way {
            shared,
            ends,
            lane,
            from,
            to,
            queue: VecDeque::new(),
            held: 0,
            ended: None,
            scan: Scan::default(),
        }
    }

    /// Passes on all that comes, and at last its end.
    ///
    /// # Errors
    ///
    /// When one of the sockets fails, mostly because its other side was reset.
    pub(super) async fn run(mut self) -> io::Result<()> {
        let mut changes = self.shared.rules.subscribe();
        loop {
            let rules = *changes.borrow_and_update();
            if rules.stalled {
                self.changed(&mut changes).await?;
                continue;
            }
            if self.is_half_closed() {
                self.queue.clear();
                self.held = 0;
            }
            let (blocked, wake) = match self.pass(&rules)? {
                Step::Done => return Ok(()),
                Step::Again => continue,
                Step::Blocked => (true, None),
                Step::Wait(wake) => (false, wake),
            };
            let wakes = wake.is_some();
            let wake = wake.unwrap_or_else(Instant::now);
            tokio::select! {
                changed = changes.changed() => changed.map_err(|_| gone())?,
                ready = self.from.readable(), if self.ended.is_none() && self.held < MOST_HELD => {
                    ready?;
                    self.read(&rules)?;
                }
                ready = self.to.writable(), if blocked => ready?,
                () = sleep_until(wake), if wakes => {}
            }
        }
    }

    async fn changed(&self, changes: &mut watch::Receiver<Rules>) -> io::Result<()> {
        changes.changed().await.map_err(|_| gone())
    }

    /// Whether the app was already told that nothing more comes.
    fn is_half_closed(&self) -> bool {
        self.lane == Lane::ToApp && self.ends.half_closed.get()
    }

    /// Passes on what may go now.
    fn pass(&mut self, rules: &Rules) -> io::Result<Step> {
        let now = Instant::now();
        let Some(front) = self.queue.front() else {
            return match self.ended.map(|ended| ended + rules.delay) {
                None => Ok(Step::Wait(None)),
                Some(due) if due > now => Ok(Step::Wait(Some(due))),
                Some(_) => self.end(),
            };
        };
        let due = front.read + rules.delay;
        if due > now {
            return Ok(Step::Wait(Some(due)));
        }
        let budget = self.budget();
        let most = match budget.allows(rules, now) {
            Ok(most) => most.min(front.bytes.len()),
            Err(when) => return Ok(Step::Wait(Some(when))),
        };
        let Some(written) = self.write(&front.bytes[..most])? else {
            return Ok(Step::Blocked);
        };
        budget.spend(rules, written, now);
        let Some(mut front) = self.queue.pop_front() else {
            return Ok(Step::Again);
        };
        self.passed(&front.bytes[..written]);
        self.held -= written;
        front.bytes.advance(written);
        if front.bytes.has_remaining() {
            self.queue.push_front(front);
        }
        Ok(Step::Again)
    }

    /// Reads once, and passes on at once what nothing holds up.
    fn read(&mut self, rules: &Rules) -> io::Result<()> {
        // Nothing waits while this is borrowed.
        let mut scratch = self.shared.scratch.borrow_mut();
        let read = match self.from.try_read(&mut scratch) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => {
                self.ends.ended_by(self.sender());
                return Err(error);
            }
        };
        if read == 0 {
            self.ends.ended_by(self.sender());
            self.ended = Some(Instant::now());
            return Ok(());
        }
        if self.is_half_closed() {
            return Ok(());
        }
        let bytes = &scratch[..read];
        let mut written = 0;
        if self.queue.is_empty() && rules.are_none() {
            written = self.write(bytes)?.unwrap_or(0);
            self.passed(&bytes[..written]);
        }
        if written < read {
            self.held += read - written;
            self.queue.push_back(Held {
                read: Instant::now(),
                bytes: Bytes::copy_from_slice(&bytes[written..]),
            });
        }
        Ok(())
    }

    /// Writes what the socket takes; `None` when it takes nothing now.
    fn write(&self, bytes: &[u8]) -> io::Result<Option<usize>> {
        match self.to.try_write(bytes) {
            Ok(written) => Ok(Some(written)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => {
                self.ends.ended_by(self.receiver());
                Err(error)
            }
        }
    }

    /// These bytes were passed on.
    fn passed(&mut self, bytes: &[u8]) {
        let (count, own) = match self.lane {
            Lane::ToResource => (&self.shared.tally.to_resource, &self.ends.to_resource),
            Lane::ToApp => (&self.shared.tally.to_app, &self.ends.to_app),
        };
        Tally::add(count, bytes.len() as u64);
        own.set(own.get() + bytes.len() as u64);
        if self.lane == Lane::ToResource {
            self.scan.look(&mut self.shared.needles.borrow_mut(), bytes);
        }
    }

    /// Passes the end on.
    fn end(&self) -> io::Result<Step> {
        if !self.is_half_closed() {
            match rustix::net::shutdown(self.to, Shutdown::Write) {
                // Whoever has left already needs not be told.
                Ok(()) | Err(rustix::io::Errno::NOTCONN) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Step::Done)
    }

    fn budget(&self) -> &'a Budget {
        match self.lane {
            Lane::ToResource => &self.shared.to_resource,
            Lane::ToApp => &self.shared.to_app,
        }
    }

    fn sender(&self) -> Side {
        match self.lane {
            Lane::ToResource => Side::App,
            Lane::ToApp => Side::Resource,
        }
    }

    fn receiver(&self) -> Side {
        match self.lane {
            Lane::ToResource => Side::Resource,
            Lane::ToApp => Side::App,
        }
    }
}

/// What can be done next.
enum Step {
    /// The end was passed on.
    Done,
    /// Something was passed on; there may be more.
    Again,
    /// The receiver takes nothing now.
    Blocked,
    /// Nothing may go before then, or before more comes.
    Wait(Option<Instant>),
}

fn gone() -> io::Error {
    io::Error::other("the interposer ended")
}

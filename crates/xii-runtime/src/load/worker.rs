//! One thread that sends requests and reads answers.

use std::collections::VecDeque;
use std::mem::MaybeUninit;
use std::num::NonZeroU64;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

use super::answer::{End, Step};
use super::clock::{Clock, Phase};
use super::connection::{self, Connection, Flight, State};
use super::plan::{Load, Pace, Switch};
use super::tally::{Cause, Tally};

/// Bytes that are read at once.
const CHUNK: usize = 64 * 1024;
/// Events that are taken at once.
const EVENTS: usize = 256;
/// How long a wait lasts at most: then the switch is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// How long a connection of a closed loop waits after it could not be opened, so that a server that is
/// gone is not asked a hundred thousand times a second.
const BACK_OFF: Duration = Duration::from_millis(10);
/// The event data of the timer; no connection has this number.
const TIMER: u64 = u64::MAX;

/// When the next request begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// None does any more.
    Nothing,
    /// Not before this time.
    At(Instant),
    /// As soon as a connection is free.
    WhenFree,
}

/// What one thread works with.
pub(super) struct Worker<'a> {
    load: &'a Load,
    messages: &'a [Vec<u8>],
    switch: Switch,
    clock: Clock,
    epoll: OwnedFd,
    /// Waits finer than the milliseconds of epoll, for an open loop.
    timer: OwnedFd,
    armed: Option<Instant>,
    connections: Vec<Connection>,
    /// Connections that are free: those that are open, and those that are not.
    open: Vec<usize>,
    unopened: Vec<usize>,
    /// Connections that may be tried again from a time on; in the order of the times.
    resting: VecDeque<(Instant, usize)>,
    busy: usize,
    swept: Instant,
    tallies: [Tally; 3],
    /// Answered and lost requests that the switch was not told of.
    news: (u64, u64),
    chunk: Vec<u8>,
    without_body: bool,
}

impl<'a> Worker<'a> {
    /// Gets everything ready that can fail.
    pub(super) fn new(
        load: &'a Load,
        messages: &'a [Vec<u8>],
        switch: Switch,
        clock: Clock,
        connections: usize,
        tallies: [Tally; 3],
    ) -> Result<Self, Errno> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let timer = timerfd_create(
            TimerfdClockId::Monotonic,
            TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
        )?;
        let flags = EventFlags::IN | EventFlags::ET;
        epoll::add(&epoll, &timer, EventData::new_u64(TIMER), flags)?;
        let now = Instant::now();
        Ok(Worker {
            load,
            messages,
            switch,
            clock,
            epoll,
            timer,
            armed: None,
            connections: (0..connections).map(|_| Connection::new(now)).collect(),
            open: Vec::with_capacity(connections),
            unopened: (0..connections).rev().collect(),
            resting: VecDeque::new(),
            busy: 0,
            swept: now,
            tallies,
            news: (0, 0),
            chunk: vec![0; CHUNK],
            without_body: load.message.method == "HEAD",
        })
    }

    /// Sends until nothing more is due, and waits for what is on its way.
    pub(super) fn run(mut self) -> Result<[Tally; 3], Errno> {
        // The slack of 50 µs that a thread's timers have would count as latency of an open loop.
        let _ = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
        loop {
            let now = Instant::now();
            self.sweep(now);
            let next = self.begin(now);
            if self.busy == 0 && next == Next::Nothing {
                return Ok(self.tallies);
            }
            self.wait(next)?;
            let (answered, lost) = std::mem::take(&mut self.news);
            if answered + lost > 0 {
                self.switch.add(answered, lost);
            }
        }
    }

    /// Begins what is due.
    fn begin(&mut self, now: Instant) -> Next {
        while let Some((at, index)) = self.resting.front().copied() {
            if at > now {
                break;
            }
            self.resting.pop_front();
            self.unopened.push(index);
        }
        loop {
            if self.switch.is_stopped() {
                return Next::Nothing;
            }
            let Some(due) = self.clock.next(now) else {
                return Next::Nothing;
            };
            if due > now {
                return Next::At(due);
            }
            if self.load.pace != Pace::Closed && now >= due + self.load.timeout {
                let (_, phase) = self.clock.take(due, &self.switch);
                self.tally(phase).lost(Cause::NotSent);
                continue;
            }
            let Some(index) = self.open.pop().or_else(|| self.unopened.pop()) else {
                let rested = self.resting.front().map(|(at, _)| *at);
                return rested.map_or(Next::WhenFree, Next::At);
            };
            self.start(index, due);
        }
    }

    /// Sends the next request over a free connection.
    fn start(&mut self, index: usize, due: Instant) {
        let (number, phase) = self.clock.take(due, &self.switch);
        let messages = self.messages.len() as u64;
        let connection = &mut self.connections[index];
        connection.flight = Flight {
            due,
            phase,
            message: usize::try_from(number % messages).unwrap_or(0),
            written: 0,
        };
        connection.answer.begin(self.without_body);
        self.busy += 1;
        if connection.socket.is_some() {
            connection.state = State::Busy;
            self.send(index);
            return;
        }
        connection.generation = connection.generation.wrapping_add(1);
        connection.answers = 0;
        let data = EventData::new_u64(data(index, connection.generation));
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        let opened = connection::connect(&self.load.target.address()).and_then(|(socket, made)| {
            epoll::add(&self.epoll, &socket, data, flags).map(|()| (socket, made))
        });
        match opened {
            Ok((socket, made)) => {
                connection.socket = Some(socket);
                connection.state = State::Connecting;
                if made {
                    self.connected(index);
                }
            }
            Err(errno) => self.lose(index, connection::connect_cause(errno)),
        }
    }

    fn connected(&mut self, index: usize) {
        let connection = &mut self.connections[index];
        connection.state = State::Busy;
        let phase = connection.flight.phase;
        self.tally(phase).connections += 1;
        self.send(index);
    }

    /// Sends as much of the request as the socket takes.
    fn send(&mut self, index: usize) {
        loop {
            let connection = &mut self.connections[index];
            let message = &self.messages[connection.flight.message];
            let rest = &message[connection.flight.written..];
            let Some(socket) = connection.socket.as_ref().filter(|_| !rest.is_empty()) else {
                return;
            };
            match connection::send(socket.as_fd(), rest) {
                Ok(sent) => {
                    connection.flight.written += sent;
                    let phase = connection.flight.phase;
                    self.tally(phase).sent += sent as u64;
                }
                Err(Errno::AGAIN) => return,
                Err(Errno::INTR) => {}
                // The other side may have answered before it closed: what it said is read first.
                Err(errno) => {
                    self.receive(index, true);
                    let connection = &self.connections[index];
                    if connection.state == State::Busy {
                        let cause = connection.cause(Some(errno));
                        self.lose(index, cause);
                    }
                    return;
                }
            }
        }
    }

    /// Reads what has come. `ending`: the other side has closed, so that there is an end to read.
    fn receive(&mut self, index: usize, ending: bool) {
        loop {
            let connection = &mut self.connections[index];
            let Some(socket) = connection.socket.as_ref() else {
                return;
            };
            let read = match rustix::io::read(socket, &mut self.chunk[..]) {
                Ok(read) => read,
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) => return,
                Err(errno) => return self.ended(index, Some(errno)),
            };
            if read == 0 {
                return self.ended(index, None);
            }
            let phase = connection.flight.phase;
            if connection.state != State::Busy {
                // Nobody asked: what follows on this connection could not be told apart.
                return self.close_idle(index);
            }
            let step = connection.answer.read(&self.chunk[..read]);
            self.tallies[phase as usize].received += read as u64;
            match step {
                Ok(Step::Whole(used)) => {
                    let more = read == self.chunk.len();
                    let keep = used == read && !ending;
                    self.finish(index, keep);
                    if !(keep && more) {
                        return;
                    }
                }
                Ok(Step::More) if read < self.chunk.len() && !ending => return,
                Ok(Step::More) => {}
                Err(_) => return self.lose(index, Cause::Malformed),
            }
        }
    }

    /// The other side closed the connection, or it failed.
    fn ended(&mut self, index: usize, failure: Option<Errno>) {
        let connection = &self.connections[index];
        if connection.state != State::Busy {
            return self.close_idle(index);
        }
        if failure.is_none() && connection.answer.end() == End::Whole {
            self.finish(index, false);
        } else {
            let cause = connection.cause(failure);
            self.lose(index, cause);
        }
    }

    /// The answer is whole.
    fn finish(&mut self, index: usize, keep: bool) {
        let now = Instant::now();
        let (from, end) = self.clock.measured();
        let connection = &mut self.connections[index];
        let flight = connection.flight;
        connection.answers += 1;
        self.news.0 += 1;
        let status = connection.answer.status();
        // An answer that came before the request was sent to its end leaves the connection unusable.
        let keep = keep
            && self.load.keep_alive
            && connection.answer.keeps()
            && flight.written == self.messages[flight.message].len();
        let tally = self.tally(flight.phase);
        tally.answered(status, now.saturating_duration_since(flight.due));
        if now >= from && end.is_none_or(|end| now < end) {
            tally.within += 1;
        }
        if keep {
            self.connections[index].state = State::Idle;
            self.busy -= 1;
            self.open.push(index);
        } else {
            self.close(index);
            self.unopened.push(index);
        }
    }

    /// There will be no whole answer.
    fn lose(&mut self, index: usize, cause: Cause) {
        let phase = self.connections[index].flight.phase;
        self.tally(phase).lost(cause);
        self.news.1 += 1;
        let rest = self.load.pace == Pace::Closed
            && matches!(
                cause,
                Cause::Refused | Cause::Unreachable | Cause::Exhausted
            );
        self.close(index);
        if rest {
            self.resting.push_back((Instant::now() + BACK_OFF, index));
        } else {
            self.unopened.push(index);
        }
    }

    /// Closes a connection that had a request. That takes it out of epoll as well.
    fn close(&mut self, index: usize) {
        let connection = &mut self.connections[index];
        connection.socket = None;
        connection.state = State::Idle;
        self.busy -= 1;
    }

    /// A free connection was closed by the other side, which loses nothing.
    fn close_idle(&mut self, index: usize) {
        if self.connections[index].socket.take().is_some() {
            self.open.retain(|one| *one != index);
            self.unopened.push(index);
        }
    }

    /// Gives up requests whose time has passed.
    fn sweep(&mut self, now: Instant) {
        let every = (self.load.timeout / 20).clamp(Duration::from_millis(1), LOOK);
        if now < self.swept + every {
            return;
        }
        self.swept = now;
        for index in 0..self.connections.len() {
            let connection = &self.connections[index];
            if connection.state != State::Idle && now >= connection.flight.due + self.load.timeout {
                self.lose(index, Cause::TimedOut);
            }
        }
    }

    /// Waits for something to do, no longer than until the next request is due, and does it.
    fn wait(&mut self, next: Next) -> Result<(), Errno> {
        let mut most = LOOK;
        if let Next::At(at) = next {
            let left = at.saturating_duration_since(Instant::now());
            most = LOOK.min(left);
            if !left.is_zero() && left < LOOK && self.armed != Some(at) {
                let time = Itimerspec {
                    it_interval: Timespec::default(),
                    it_value: timespec(left),
                };
                timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &time)?;
                self.armed = Some(at);
            }
        }
        let mut room = [const { MaybeUninit::<Event>::uninit() }; EVENTS];
        let events = match epoll::wait(&self.epoll, &mut room, Some(&timespec(most))) {
            Ok((events, _)) => events,
            Err(Errno::INTR) => return Ok(()),
            Err(errno) => return Err(errno),
        };
        for event in events.iter() {
            let (data, flags) = (event.data.u64(), event.flags);
            if data != TIMER {
                self.progress(data, flags);
            }
        }
        Ok(())
    }

    /// Something happened on a connection.
    fn progress(&mut self, data: u64, flags: EventFlags) {
        let index = (data & u64::from(u32::MAX)) as usize;
        let connection = &self.connections[index];
        // The socket that it happened on was closed since.
        if connection.generation != (data >> 32) as u32 || connection.socket.is_none() {
            return;
        }
        if connection.state == State::Connecting {
            let outcome = connection.socket.as_ref().map(connection::connected);
            match outcome {
                Some(Err(errno)) => return self.lose(index, connection::connect_cause(errno)),
                _ if flags.contains(EventFlags::OUT) => self.connected(index),
                _ => return,
            }
        } else if flags.contains(EventFlags::OUT) {
            self.send(index);
        }
        let ending = flags.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR);
        if ending || flags.contains(EventFlags::IN) {
            self.receive(index, ending);
        }
    }

    fn tally(&mut self, phase: Phase) -> &mut Tally {
        &mut self.tallies[phase as usize]
    }
}

/// The event data of a connection.
fn data(index: usize, generation: u32) -> u64 {
    u64::from(generation) << 32 | index as u64
}

fn timespec(time: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(time.subsec_nanos()),
    }
}

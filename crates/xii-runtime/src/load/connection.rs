//! A connection's socket.

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, ipproto, sockopt};

use super::answer::Answer;
use super::clock::Phase;
use super::tally::Cause;

/// One of the connections of a run, or the place of one that is not open.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) socket: Option<OwnedFd>,
    pub(super) state: State,
    /// How often a socket was opened here: tells late events of an earlier socket apart.
    pub(super) generation: u32,
    /// The answers that came over this socket.
    pub(super) answers: u64,
    pub(super) flight: Flight,
    pub(super) answer: Answer,
}

/// What a connection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Waits for a request.
    Idle,
    /// Is being opened for a request.
    Connecting,
    /// Has a request to send or an answer to get.
    Busy,
}

/// The request that is on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) due: Instant,
    pub(super) phase: Phase,
    /// Which of the messages it is.
    pub(super) message: usize,
    /// How much of it is sent.
    pub(super) written: usize,
}

impl Connection {
    /// A place for a connection.
    pub(super) fn new(now: Instant) -> Self {
        Connection {
            socket: None,
            state: State::Idle,
            generation: 0,
            answers: 0,
            flight: Flight {
                due: now,
                phase: Phase::WarmUp,
                message: 0,
                written: 0,
            },
            answer: Answer::default(),
        }
    }

    /// Why a request is lost whose connection was closed (`None`) or failed so.
    pub(super) fn cause(&self, failure: Option<Errno>) -> Cause {
        if self.answer.end() != super::answer::End::Nothing {
            Cause::Cut
        } else if self.answers > 0 {
            Cause::Stale
        } else if failure.is_some() {
            Cause::Reset
        } else {
            Cause::Closed
        }
    }
}

/// Why connecting failed, as it is counted.
pub(super) fn connect_cause(errno: Errno) -> Cause {
    match errno {
        Errno::CONNREFUSED => Cause::Refused,
        Errno::CONNRESET => Cause::Reset,
        Errno::MFILE
        | Errno::NFILE
        | Errno::NOBUFS
        | Errno::NOMEM
        | Errno::ADDRNOTAVAIL
        | Errno::AGAIN => Cause::Exhausted,
        _ => Cause::Unreachable,
    }
}

/// Begins to connect. `true`: the connection is made already.
pub(super) fn connect(to: &SocketAddr) -> Result<(OwnedFd, bool), Errno> {
    let family = match to {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = rustix::net::socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?;
    // Without it a request in two writes would wait for the acknowledgement of the first.
    sockopt::set_tcp_nodelay(&socket, true)?;
    match rustix::net::connect(&socket, to) {
        Ok(()) => Ok((socket, true)),
        Err(Errno::INPROGRESS) => Ok((socket, false)),
        Err(errno) => Err(errno),
    }
}

/// Sends without a signal when the other side is gone.
pub(super) fn send(socket: BorrowedFd<'_>, bytes: &[u8]) -> Result<usize, Errno> {
    rustix::net::send(socket, bytes, SendFlags::NOSIGNAL)
}

/// How connecting ended.
pub(super) fn connected(socket: impl AsFd) -> Result<(), Errno> {
    sockopt::socket_error(socket)?
}

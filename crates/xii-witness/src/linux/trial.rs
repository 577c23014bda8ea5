//! Whether a witness can be had here: tried with a child that is watched for one call.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, socketpair};
use rustix::process::{Pid, Signal, WaitOptions, waitpid};

use super::filter::Instruction;
use super::{handover, kernel};
use crate::Unavailable;

/// How long the child may take.
const LONGEST: Duration = Duration::from_secs(5);

/// What the child says when all went well.
const WELL: i32 = 0;

/// Puts a filter on a child that tells one harmless call, receives it, reads the child's memory, and lets it
/// go on. One to two milliseconds.
pub(super) fn attempt() -> Result<(), Unavailable> {
    let (ours, theirs) = socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )
    .map_err(|error| refused("a pair of sockets")(error.into()))?;
    let program = program();
    let there = *b"witness\0";
    // SAFETY: the child makes system calls, touches its stack, and leaves.
    let child = unsafe { kernel::fork() }.map_err(refused("a child process"))?;
    if child == 0 {
        let said = be_watched(theirs.as_fd(), &program);
        let _ = rustix::net::send(&theirs, &said.to_ne_bytes(), SendFlags::NOSIGNAL);
        kernel::leave(0);
    }
    drop(theirs);
    let _child = Child(Pid::from_raw(child));
    let end = Instant::now() + LONGEST;
    if let Some(error) = look(ours.as_fd(), &there, end)? {
        return Err(match error.raw_os_error() {
            Some(libc::EBUSY) => Unavailable::Watched,
            _ => refused("installing a filter")(error),
        });
    }
    match said(ours.as_fd(), end).map_err(refused(WENT_ON))? {
        WELL => Ok(()),
        code => Err(refused(WENT_ON)(io::Error::from_raw_os_error(code))),
    }
}

const WENT_ON: &str = "letting a call go on";
const HANDED: &str = "handing a listener over";

fn refused(step: &'static str) -> impl Fn(io::Error) -> Unavailable {
    move |source| Unavailable::Refused { step, source }
}

/// A filter that tells only `sched_yield(2)`, which nothing else does here.
fn program() -> [Instruction; 4] {
    let yields = u32::try_from(libc::SYS_sched_yield).unwrap_or(u32::MAX);
    let one = |code: u16, jf: u8, k: u32| Instruction { code, jt: 0, jf, k };
    [
        one(0x20, 0, 0),
        one(0x15, 1, yields),
        one(0x06, 0, libc::SECCOMP_RET_USER_NOTIF),
        one(0x06, 0, libc::SECCOMP_RET_ALLOW),
    ]
}

/// The child's part: allocates nothing. What failed, or that all went well.
fn be_watched(witness: BorrowedFd<'_>, program: &[Instruction]) -> i32 {
    let code = |error: io::Error| error.raw_os_error().unwrap_or(libc::EIO);
    if let Err(error) = rustix::thread::set_no_new_privs(true) {
        return error.raw_os_error();
    }
    let listener = match kernel::install(program) {
        Ok(listener) => listener,
        Err(error) => return code(error),
    };
    if let Err(error) = handover::send(witness, b"trial", listener.as_fd()) {
        return code(error);
    }
    drop(listener);
    // SAFETY: takes nothing. A number returned is the call's own answer.
    match unsafe { libc::sched_yield() } {
        0 => WELL,
        _ => code(io::Error::last_os_error()),
    }
}

/// The witness's part; what the child says, when it could not hand a listener over.
fn look(
    connection: BorrowedFd<'_>,
    there: &[u8; 8],
    end: Instant,
) -> Result<Option<io::Error>, Unavailable> {
    wait(connection, end).map_err(refused(HANDED))?;
    let (message, listener) = handover::receive(connection).map_err(refused(HANDED))?;
    let Some(listener): Option<OwnedFd> = listener else {
        let code = message.try_into().map(i32::from_ne_bytes);
        return Ok(Some(match code {
            Ok(code) => io::Error::from_raw_os_error(code),
            Err(_) => io::ErrorKind::UnexpectedEof.into(),
        }));
    };
    wait(listener.as_fd(), end).map_err(refused("being told of a call"))?;
    let notice = kernel::receive(listener.as_fd()).map_err(refused("being told of a call"))?;
    let mut read = [0; 8];
    // The child was forked from us, so what is at an address here is there too.
    let address = there.as_ptr().addr() as u64;
    let done = kernel::read_memory(notice.pid, address, &mut read);
    done.map_err(refused("reading another process's memory"))?;
    if &read != there {
        let source = io::Error::other("it is not what was written");
        return Err(refused("reading another process's memory")(source));
    }
    kernel::go_on(listener.as_fd(), notice.id);
    Ok(None)
}

/// What the child says at its end.
fn said(connection: BorrowedFd<'_>, end: Instant) -> io::Result<i32> {
    wait(connection, end)?;
    let (message, _) = handover::receive(connection)?;
    let code = message
        .try_into()
        .map_err(|_| io::ErrorKind::UnexpectedEof)?;
    Ok(i32::from_ne_bytes(code))
}

/// Waits until it is readable.
fn wait(what: BorrowedFd<'_>, end: Instant) -> io::Result<()> {
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let left = rustix::event::Timespec::try_from(left).map_err(|_| io::ErrorKind::TimedOut)?;
        let mut list = [PollFd::new(&what, PollFlags::IN)];
        match poll(&mut list, Some(&left)) {
            Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A child that does not stay, whatever happens.
struct Child(Option<Pid>);

impl Drop for Child {
    fn drop(&mut self) {
        if let Some(child) = self.0 {
            // It has said all that it has to say. Another part of this program may have waited for it already.
            let _ = rustix::process::kill_process(child, Signal::KILL);
            let _ = waitpid(Some(child), WaitOptions::empty());
        }
    }
}

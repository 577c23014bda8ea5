//! Starting a process that speaks with the user.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;

use rustix::process::Pid;

use super::spawn::{Spawn, command};

/// What a process reads from and writes to.
#[derive(Debug)]
pub(crate) struct Attached {
    /// Its standard input.
    pub(crate) stdin: OwnedFd,
    /// Its standard output.
    pub(crate) stdout: OwnedFd,
    /// Its standard error.
    pub(crate) stderr: OwnedFd,
    /// Its standard input is a terminal, which becomes that of a session of its own: then Ctrl-C and
    /// its like are the terminal's to turn into signals.
    pub(crate) terminal: bool,
}

/// Starts a process as the leader of its own group, or session. It is killed when the calling thread
/// ends, which should therefore live as long as it. The caller waits for it.
///
/// # Errors
///
/// When the program cannot be run, or the system gives no process.
pub(crate) fn spawn_attached(what: &Spawn, attached: Attached) -> io::Result<Pid> {
    let mut command = command(what)?;
    command
        .stdin(attached.stdin)
        .stdout(attached.stdout)
        .stderr(attached.stderr);
    if attached.terminal {
        // SAFETY: between fork and exec it makes system calls and touches no memory but its own.
        unsafe { command.pre_exec(own_session) };
    } else {
        command.process_group(0);
    }
    let child = command.spawn()?;
    Pid::from_raw(child.id().cast_signed()).ok_or_else(|| io::ErrorKind::Other.into())
}

/// Begins a session, with standard input as its terminal.
fn own_session() -> io::Result<()> {
    rustix::process::setsid()?;
    // SAFETY: standard input was set up before this is called, and stays open.
    let stdin = unsafe { BorrowedFd::borrow_raw(0) };
    rustix::process::ioctl_tiocsctty(stdin)?;
    Ok(())
}

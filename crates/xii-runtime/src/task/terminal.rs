//! The user's terminal, lent to a task.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{Mode, OFlags};
use rustix::process::Pid;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{
    OptionalActions, Termios, isatty, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr, tcsetpgrp,
    tcsetwinsize,
};

/// Whether the user sits at a terminal and it is ours to use: standard input and output are one, and we
/// were not started in its background.
pub fn has_terminal() -> bool {
    let stdin = io::stdin();
    isatty(&stdin)
        && isatty(io::stdout())
        && tcgetpgrp(&stdin).is_ok_and(|front| ours().contains(&Some(front)))
}

/// Our group, and that of the guard, which is the one that the shell knows.
fn ours() -> [Option<Pid>; 2] {
    let parent = rustix::process::getppid();
    let parents = parent.and_then(|parent| rustix::process::getpgid(Some(parent)).ok());
    [Some(rustix::process::getpgrp()), parents]
}

/// The user's terminal while a task has it: every key comes to us as it is, and goes to a terminal of the
/// task's own. Dropped, the terminal is as it was.
#[derive(Debug)]
pub(super) struct Lent {
    saved: Termios,
    front: Pid,
    /// Our side of the task's terminal.
    pub(super) ours: OwnedFd,
}

impl Lent {
    /// Makes a terminal for a task, of the size of the user's, and turns the user's into a mere carrier of
    /// keys. Gives the task's side, too.
    pub(super) fn new() -> io::Result<(Self, OwnedFd)> {
        let stdin = io::stdin();
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let path = ptsname(&ours, Vec::new())?;
        let theirs = rustix::fs::open(
            path.as_c_str(),
            OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        let saved = tcgetattr(&stdin)?;
        tcsetattr(&theirs, OptionalActions::Now, &saved)?;
        let front = tcgetpgrp(&stdin)?;
        // The guard's group has the terminal; only who has it may read.
        tcsetpgrp(&stdin, rustix::process::getpgrp())?;
        let lent = Lent {
            saved: saved.clone(),
            front,
            ours,
        };
        lent.resize();
        let mut raw = saved;
        raw.make_raw();
        tcsetattr(&stdin, OptionalActions::Now, &raw)?;
        Ok((lent, theirs))
    }

    /// Hands on the size of the user's terminal.
    pub(super) fn resize(&self) {
        if let Ok(size) = tcgetwinsize(io::stdin()) {
            let _ = tcsetwinsize(&self.ours, size);
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let stdin = io::stdin();
        // A terminal that has gone needs nothing.
        let _ = tcsetattr(&stdin, OptionalActions::Drain, &self.saved);
        let _ = tcsetpgrp(stdin.as_fd(), self.front);
    }
}

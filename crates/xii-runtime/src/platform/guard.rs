//! Two processes that watch each other, so that nothing is left running whichever of them is killed.
//!
//! The process that the user started becomes the *guard*: it forks, forwards signals to its child and
//! ends as its child ends. The child is the supervisor. Both are subreapers (`prctl(2)`,
//! PR_SET_CHILD_SUBREAPER), so that every descendant stays below them, whatever double fork or new
//! session it made. When the guard dies, the supervisor sees the end of a pipe, kills all its
//! descendants and ends; when the supervisor dies, its descendants become the guard's, which does the
//! same. As PID 1 of a container the guard also reaps what nobody else waits for.

use std::io;
use std::os::fd::OwnedFd;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};

use super::mask::{HANDED_ON, block, give_back, ignores, keep_callers, signals};
use super::tree;

/// How long the last descendants may take to go once SIGKILL was sent.
const LAST: Duration = Duration::from_secs(5);

/// The proof that this process is guarded.
#[derive(Debug)]
pub struct Guarded {
    _private: (),
}

/// Forks: returns in the supervisor, and never in the guard.
///
/// Must be called before any thread is started, since only the calling thread lives on in a fork.
///
/// # Errors
///
/// When the system gives no process, pipe or thread.
pub fn guard() -> io::Result<Guarded> {
    subreaper()?;
    let (watched, held) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    keep_callers()?;
    let handed_on = handed_on();
    block(&HANDED_ON)?;
    block(&[libc::SIGCHLD])?;
    // SAFETY: no other thread runs yet, so the child may use everything that the parent could.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            drop(held);
            supervise(watched)?;
            Ok(Guarded { _private: () })
        }
        child => {
            drop(watched);
            let code = Pid::from_raw(child).map_or(1, |child| watch(child, &handed_on));
            // Not dropped before: its end tells the supervisor that the guard is gone.
            drop(held);
            process::exit(code)
        }
    }
}

/// The supervisor's part: a group of its own, so that what a terminal or a shell sends to the guard's
/// group arrives once; and a thread that waits for the guard's end.
fn supervise(watched: OwnedFd) -> io::Result<()> {
    rustix::process::setpgid(None, None)?;
    subreaper()?;
    give_back()?;
    // In a background group, writing to a terminal with `tostop` set would stop the supervisor.
    block(&[libc::SIGTTOU])?;
    std::thread::Builder::new()
        .name("guard".to_owned())
        .stack_size(64 << 10)
        .spawn(move || {
            // They are for who knows what to do with them. Refused: then one of them ends all at once.
            let _ = block(&HANDED_ON);
            let mut byte = [0];
            while let Err(rustix::io::Errno::INTR) = rustix::io::read(&watched, &mut byte) {}
            kill_all();
            process::exit(137);
        })?;
    Ok(())
}

/// Nothing is to be started any more.
static OVER: AtomicBool = AtomicBool::new(false);

/// Whether everything is being killed, so that nothing may be started.
pub(super) fn is_over() -> bool {
    OVER.load(Ordering::SeqCst)
}

/// Everything that this process started, and all that came of it, is killed. From now on nothing is
/// started: another thread may be about to replace what is killed here.
pub(crate) fn kill_all() {
    OVER.store(true, Ordering::SeqCst);
    let own = rustix::process::getpid();
    let end = Instant::now() + LAST;
    // A process may fork between the look and the signal: look again until there is none.
    while tree::kill_descendants(own) > 0 && Instant::now() < end {
        while let Ok(Some(_)) = rustix::process::wait(WaitOptions::NOHANG) {}
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The signals to hand on: not the hang-up where the caller ignores it, as `nohup` does.
fn handed_on() -> Vec<libc::c_int> {
    let ignored = ignores(libc::SIGHUP);
    let mut list = HANDED_ON.to_vec();
    list.retain(|signal| !(ignored && *signal == libc::SIGHUP));
    list
}

/// The guard's part: hand on signals, reap, and end as the supervisor ends.
fn watch(supervisor: Pid, handed_on: &[libc::c_int]) -> i32 {
    let mut set = signals(handed_on);
    // SAFETY: the set was initialised by `signals`.
    unsafe { libc::sigaddset(&mut set, libc::SIGCHLD) };
    // It will only wait from now on.
    super::forget_start();
    loop {
        let mut signal = 0;
        // SAFETY: both pointers are to locals; the set is initialised.
        if unsafe { libc::sigwait(&set, &mut signal) } != 0 {
            continue;
        }
        if signal != libc::SIGCHLD {
            if let Some(signal) = Signal::from_named_raw(signal) {
                let _ = rustix::process::kill_process(supervisor, signal);
            }
            continue;
        }
        let mut ended = None;
        while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
            if pid == supervisor && (status.exited() || status.signaled()) {
                ended = Some(exit_code(status));
            }
        }
        if let Some(code) = ended {
            kill_all();
            return code;
        }
    }
}

/// The exit code that a shell would give: 128 and the signal's number for a signal.
pub fn exit_code(status: WaitStatus) -> i32 {
    status
        .exit_status()
        .or_else(|| status.terminating_signal().map(|signal| 128 + signal))
        .unwrap_or(1)
}

#[cfg(target_os = "linux")]
fn subreaper() -> io::Result<()> {
    // Any value but `None` switches it on.
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn subreaper() -> io::Result<()> {
    Ok(())
}

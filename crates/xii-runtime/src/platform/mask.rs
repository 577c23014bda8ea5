//! Which signals are held back.

use std::io;
use std::sync::OnceLock;

/// Signals that the guard hands on, and the supervisor understands.
pub(super) const HANDED_ON: [libc::c_int; 6] = [
    libc::SIGINT,
    libc::SIGTERM,
    libc::SIGHUP,
    libc::SIGQUIT,
    libc::SIGUSR1,
    libc::SIGUSR2,
];

/// The mask that the caller had, which the processes of the app are given back.
static CALLERS: OnceLock<libc::sigset_t> = OnceLock::new();

/// Holds back what the guard hands on, in this thread and those that it starts from now on, until
/// [`release_signals`]: to be called before the first process is started, so that a signal which comes
/// before somebody listens does not end this process and leave the app to be killed.
///
/// # Errors
///
/// When the system refuses it, which it has no reason to.
pub fn hold_signals() -> io::Result<()> {
    block(&HANDED_ON)
}

/// Lets this thread have what was held back, now that it listens.
///
/// # Errors
///
/// When the system refuses it, which it has no reason to.
pub fn release_signals() -> io::Result<()> {
    change(libc::SIG_UNBLOCK, &signals(&HANDED_ON))
}

/// Notes the mask of the caller, before any is changed.
pub(super) fn keep_callers() -> io::Result<()> {
    let mut now = signals(&[]);
    // SAFETY: no new set is given, and the old one is written to a local.
    match unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &mut now) } {
        0 => {
            CALLERS.get_or_init(|| now);
            Ok(())
        }
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

/// Sets the mask that the caller had; nothing where it was never noted. Safe between fork and exec.
pub(super) fn give_back() -> io::Result<()> {
    match CALLERS.get() {
        Some(callers) => change(libc::SIG_SETMASK, callers),
        None => Ok(()),
    }
}

/// Holds back everything in this thread; returns what was held back before.
#[cfg(target_os = "linux")]
pub(super) fn hold_all() -> io::Result<libc::sigset_t> {
    let mut before = signals(&[]);
    // SAFETY: sigfillset initialises the set; the old one is written to a local.
    let done = unsafe {
        let mut all = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before)
    };
    match done {
        0 => Ok(before),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

/// Holds back just these in this thread.
#[cfg(target_os = "linux")]
pub(super) fn set(held: &libc::sigset_t) -> io::Result<()> {
    change(libc::SIG_SETMASK, held)
}

/// Sets the mask that the caller had, or none. Whether that was done. Safe between clone and exec.
#[cfg(target_os = "linux")]
pub(super) fn give_back_or_clear() -> bool {
    match CALLERS.get() {
        Some(callers) => change(libc::SIG_SETMASK, callers),
        None => change(libc::SIG_SETMASK, &signals(&[])),
    }
    .is_ok()
}

/// Holds these back in this thread, and in those that it starts from now on.
pub(super) fn block(list: &[libc::c_int]) -> io::Result<()> {
    change(libc::SIG_BLOCK, &signals(list))
}

/// Whether this process ignores a signal, which it has from its caller.
pub(super) fn ignores(signal: libc::c_int) -> bool {
    // SAFETY: no new action is given, and the old one is written to a local that any bytes are valid for.
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &mut now) == 0
            && now.sa_sigaction == libc::SIG_IGN
    }
}

/// The set of these.
pub(super) fn signals(list: &[libc::c_int]) -> libc::sigset_t {
    // SAFETY: sigemptyset initialises the set that the other calls then change.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        for signal in list {
            libc::sigaddset(&mut set, *signal);
        }
        set
    }
}

fn change(how: libc::c_int, set: &libc::sigset_t) -> io::Result<()> {
    // SAFETY: the set is initialised, and no old set is asked for.
    match unsafe { libc::pthread_sigmask(how, set, std::ptr::null_mut()) } {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

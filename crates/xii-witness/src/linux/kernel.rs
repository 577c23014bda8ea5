//! The system calls that no library wraps, each behind a function that is safe to call.

use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use super::filter::Instruction;

/// A call that waits to go on: `struct seccomp_notif`.
pub(super) type Notice = libc::seccomp_notif;

/// `SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP` of `linux/seccomp.h`.
const SYNC_WAKE_UP: libc::c_ulong = 1;

/// Later kernels may write more than is known here.
const SPACE: usize = 64;

/// Puts a filter on the calling thread and all that comes of it; what it wants told comes out of the returned
/// descriptor. Allocates nothing, so that it may be called between fork and exec.
///
/// # Errors
///
/// EBUSY when another listener is in place, EINVAL on a kernel that knows no listeners, EACCES without
/// `no_new_privs`.
pub(super) fn install(program: &[Instruction]) -> io::Result<OwnedFd> {
    let listener = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
    // No guard against speculation is wanted, which older kernels add to every filter at a high price.
    let quick = libc::SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    // Once a call was received only a deadly signal interrupts it; else a busy timer's signal would start it
    // anew again and again (Linux 5.19).
    let steady = libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    match install_with(program, listener | quick | steady) {
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
            install_with(program, listener | quick)
        }
        done => done,
    }
}

fn install_with(program: &[Instruction], flags: libc::c_ulong) -> io::Result<OwnedFd> {
    let program = libc::sock_fprog {
        len: u16::try_from(program.len()).map_err(|_| io::ErrorKind::InvalidInput)?,
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: the program outlives the call, which only reads it.
    let fd = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            flags,
            &raw const program,
        )
    };
    let fd = i32::try_from(fd).unwrap_or(-1);
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Whether this is a listener at all: it was handed over by a stranger.
pub(super) fn is_listener(fd: BorrowedFd<'_>) -> bool {
    is_valid(fd, 0) || io::Error::last_os_error().raw_os_error() == Some(libc::ENOENT)
}

/// Asks that who is woken takes over the processor of who wakes it: the way there and back takes half the time
/// or less, above all on a busy machine (Linux 6.6).
pub(super) fn wake_nearby(listener: BorrowedFd<'_>) {
    // SAFETY: the argument is a number. Refused by older kernels: then it is slower.
    unsafe {
        libc::ioctl(
            listener.as_raw_fd(),
            libc::SECCOMP_IOCTL_NOTIF_SET_FLAGS,
            SYNC_WAKE_UP,
        )
    };
}

/// Lets this thread come before others, where that is granted: all that it looks at waits for it.
pub(super) fn come_first() {
    // SAFETY: numbers; 0 is the calling thread, as Linux has it. Refused without privilege: then it is one of many.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, -10) };
}

/// Takes the next call that waits. To be called when the listener is readable.
///
/// # Errors
///
/// ENOENT when who waited is gone.
pub(super) fn receive(listener: BorrowedFd<'_>) -> io::Result<Notice> {
    let mut space = [0u64; SPACE];
    const { assert!(size_of::<Notice>() <= SPACE * 8) };
    // SAFETY: the kernel writes its `struct seccomp_notif`, which has room; it wants the space zeroed.
    let done = unsafe {
        libc::ioctl(
            listener.as_raw_fd(),
            libc::SECCOMP_IOCTL_NOTIF_RECV,
            space.as_mut_ptr(),
        )
    };
    if done < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the space is aligned for it, begins with it, and any bytes are valid for it.
    Ok(unsafe { space.as_ptr().cast::<Notice>().read() })
}

/// Lets a call go on.
pub(super) fn go_on(listener: BorrowedFd<'_>, id: u64) {
    let mut answer = libc::seccomp_notif_resp {
        id,
        val: 0,
        error: 0,
        flags: libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32,
    };
    // SAFETY: the answer is a local that the kernel reads. Refused when who waited is gone.
    unsafe {
        libc::ioctl(
            listener.as_raw_fd(),
            libc::SECCOMP_IOCTL_NOTIF_SEND,
            &raw mut answer,
        )
    };
}

/// Whether a call still waits, so that what was read of its process was indeed of it.
pub(super) fn is_valid(listener: BorrowedFd<'_>, id: u64) -> bool {
    // SAFETY: the kernel reads a local.
    unsafe {
        libc::ioctl(
            listener.as_raw_fd(),
            libc::SECCOMP_IOCTL_NOTIF_ID_VALID,
            &raw const id,
        ) == 0
    }
}

/// Reads memory of another process; fewer bytes where not all of it is there.
///
/// # Errors
///
/// When none of it is there, or the kernel does not let us.
pub(super) fn read_memory(thread: u32, address: u64, into: &mut [u8]) -> io::Result<usize> {
    let local = libc::iovec {
        iov_base: into.as_mut_ptr().cast(),
        iov_len: into.len(),
    };
    let there = usize::try_from(address).map_err(|_| io::ErrorKind::InvalidInput)?;
    let remote = libc::iovec {
        iov_base: std::ptr::without_provenance_mut(there),
        iov_len: into.len(),
    };
    // SAFETY: the local part is ours to write; the remote address is only a number here.
    let read = unsafe {
        libc::process_vm_readv(
            thread.cast_signed(),
            &raw const local,
            1,
            &raw const remote,
            1,
            0,
        )
    };
    usize::try_from(read).map_err(|_| io::Error::last_os_error())
}

/// Drops all other groups, and becomes this user and group, in every thread.
pub(super) fn become_user(id: u32) -> io::Result<()> {
    let done = |code: libc::c_int| {
        if code == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    };
    // SAFETY: numbers, and an empty list.
    unsafe {
        done(libc::setgroups(0, std::ptr::null()))?;
        done(libc::setresgid(id, id, id))?;
        done(libc::setresuid(id, id, id))
    }
}

/// Forks. The child may only make system calls, since other threads may hold locks.
///
/// # Safety
///
/// The child must end by [`leave`] and touch nothing that allocates or locks.
pub(super) unsafe fn fork() -> io::Result<i32> {
    // SAFETY: the caller's promise.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        child => Ok(child),
    }
}

/// Ends this process at once.
pub(super) fn leave(code: i32) -> ! {
    // SAFETY: never returns.
    unsafe { libc::_exit(code) }
}

/// Becomes another program, with this process's variables; returns why not. A reader that is gone ends the
/// program again, which Rust's start has switched off for this process.
pub(super) fn execute(path: &std::ffi::CStr, words: &[std::ffi::CString]) -> io::Error {
    let mut pointers: Vec<_> = words.iter().map(|word| word.as_ptr()).collect();
    pointers.push(std::ptr::null());
    // SAFETY: both are ended by a null, and live until the call returns, which is when it failed.
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
        libc::execv(path.as_ptr(), pointers.as_ptr());
    }
    io::Error::last_os_error()
}

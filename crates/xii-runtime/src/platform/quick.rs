//! Starting a process without copying this one.
//!
//! A fork copies the page tables, which takes a supervisor more time than all else that a start needs; and
//! `posix_spawn(3)`, which does not copy them, cannot ask for a signal at the parent's death. So this does
//! what it does: the child shares the memory of the parent, which waits until it has become the program
//! (`clone(2)`, CLONE_VM and CLONE_VFORK), and makes nothing but system calls until then.

use std::ffi::{CString, OsStr, OsString, c_char, c_int, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::ptr;

use rustix::process::Pid;

use super::spawn::{Spawn, Spawned};
use super::{limits, mask};

/// What the child needs of a stack: a few frames.
const STACK: usize = 64 << 10;

/// All that the child reads, prepared so that it needs no memory of its own.
struct Child {
    program: *const c_char,
    words: Vec<*const c_char>,
    variables: Vec<*const c_char>,
    folder: *const c_char,
    streams: [c_int; 3],
    parent: libc::pid_t,
    files: Option<libc::rlimit>,
    /// What the system said when something failed; 0 when the program runs.
    error: c_int,
}

/// Starts a process whose program is given by its path, as [`super::spawn`] says.
pub(super) fn spawn(what: &Spawn, program: &OsStr) -> io::Result<Spawned> {
    let path = text(program)?;
    let folder = text(what.folder.as_os_str())?;
    let words: Vec<CString> = what
        .words
        .iter()
        .map(|word| text(word))
        .collect::<Result<_, _>>()?;
    let variables: Vec<CString> = what
        .environment
        .iter()
        .map(|(name, value)| {
            let both = [name.as_os_str(), value.as_os_str()].join(OsStr::new("="));
            text(&both)
        })
        .collect::<Result<_, _>>()?;
    let null = std::fs::File::open("/dev/null")?;
    let (stdout, out) = pipe()?;
    let (stderr, err) = pipe()?;
    let mut child = Child {
        program: path.as_ptr(),
        words: pointers(&words),
        variables: pointers(&variables),
        folder: folder.as_ptr(),
        streams: [null.as_raw_fd(), out.as_raw_fd(), err.as_raw_fd()],
        parent: rustix::process::getpid().as_raw_pid(),
        files: limits::callers().map(|limit| libc::rlimit {
            rlim_cur: limit.current.unwrap_or(libc::RLIM_INFINITY),
            rlim_max: limit.maximum.unwrap_or(libc::RLIM_INFINITY),
        }),
        error: 0,
    };
    let mut stack = vec![MaybeUninit::<u128>::uninit(); STACK / size_of::<u128>()];
    let top = stack.as_mut_ptr_range().end;
    // A handler of this process must not run in the child, which has its memory.
    let before = mask::hold_all()?;
    // SAFETY: the stack is ours and grows down from its end; `become_program` reads what lives until the
    // parent goes on, which it does when the child has another memory or is gone.
    let pid = unsafe {
        libc::clone(
            become_program,
            top.cast(),
            libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD,
            ptr::from_mut(&mut child).cast::<c_void>(),
        )
    };
    let failed = (pid < 0).then(io::Error::last_os_error);
    mask::set(&before)?;
    if let Some(error) = failed {
        return Err(error);
    }
    let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::Other)?;
    // Read as what another process wrote, which the compiler cannot see.
    // SAFETY: the field is ours, and the child that wrote it is gone.
    match unsafe { ptr::read_volatile(&raw const child.error) } {
        0 => Ok(Spawned {
            pid,
            stdout,
            stderr,
        }),
        error => {
            // It has ended, and nobody else knows of it.
            let _ = rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty());
            Err(io::Error::from_raw_os_error(error))
        }
    }
}

fn text(text: &OsStr) -> io::Result<CString> {
    CString::new(text.as_bytes()).map_err(io::Error::other)
}

fn pointers(texts: &[CString]) -> Vec<*const c_char> {
    let all = texts.iter().map(|text| text.as_ptr());
    all.chain([ptr::null()]).collect()
}

fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?)
}

/// Runs in the child: system calls only, and no memory that it would have to ask for.
extern "C" fn become_program(child: *mut c_void) -> c_int {
    // SAFETY: it points to the parent's `Child`, which outlives this, and nobody else uses it meanwhile.
    let child = unsafe { &mut *child.cast::<Child>() };
    // SAFETY: all of these are safe between clone and exec, and all pointers are to prepared texts.
    unsafe {
        if prepare(child) {
            libc::execve(
                child.program,
                child.words.as_ptr(),
                child.variables.as_ptr(),
            );
        }
        child.error = (*libc::__errno_location()).max(1);
        libc::_exit(127)
    }
}

/// Everything that comes before the program. False when something failed.
unsafe fn prepare(child: &Child) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        if libc::setpgid(0, 0) != 0
            || libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0
            // The parent may have died before the kernel was asked.
            || libc::getppid() != child.parent
            || libc::chdir(child.folder) != 0
        {
            return false;
        }
        for (number, stream) in child.streams.iter().enumerate() {
            if libc::dup2(*stream, number as c_int) < 0 {
                return false;
            }
        }
        if let Some(files) = &child.files
            && libc::setrlimit(libc::RLIMIT_NOFILE, files) != 0
        {
            return false;
        }
        // No handler of the parent's may run once signals are let through. Those that are ignored stay so,
        // but for SIGPIPE, which Rust ignores for itself.
        for signal in 1..=64 {
            let mut action = MaybeUninit::<libc::sigaction>::zeroed();
            if libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) == 0 {
                let action = action.assume_init_mut();
                let handled =
                    action.sa_sigaction != libc::SIG_IGN && action.sa_sigaction != libc::SIG_DFL;
                if handled || signal == libc::SIGPIPE {
                    action.sa_sigaction = libc::SIG_DFL;
                    libc::sigaction(signal, action, ptr::null_mut());
                }
            }
        }
    }
    mask::give_back_or_clear()
}

/// The words with which a shell runs a file that the system takes for no program.
pub(super) fn by_shell(words: &[OsString], program: &OsStr) -> Vec<OsString> {
    let mut all = vec![OsString::from("/bin/sh"), program.to_owned()];
    all.extend(words.iter().skip(1).cloned());
    all
}

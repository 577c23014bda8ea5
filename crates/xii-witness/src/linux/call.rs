//! The system calls that are told, by what they mean.

/// A system call that may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Call {
    Execve,
    Execveat,
    Open,
    Openat,
    Openat2,
    Creat,
    Truncate,
    Rename,
    /// `renameat(2)` and `renameat2(2)`, whose first four arguments are the same.
    Renameat,
    Link,
    Linkat,
    Symlink,
    Symlinkat,
    Unlink,
    Unlinkat,
    Rmdir,
    Mkdir,
    Mkdirat,
    Mknod,
    Mknodat,
    Bind,
    Connect,
    Listen,
    Sendto,
    Sendmsg,
    Sendmmsg,
    /// All calls about sockets behind one number, on the old 32-bit x86.
    Socketcall,
    Setsid,
    Setpgid,
    /// `kill(2)` and `rt_sigqueueinfo(2)`.
    Kill,
    Tkill,
    /// `tgkill(2)` and `rt_tgsigqueueinfo(2)`.
    Tgkill,
    PidfdSignal,
    /// What the C libraries do first in every new process: `set_robust_list(2)` in glibc,
    /// `set_tid_address(2)` in musl. A fork is thus seen when the child begins, whatever it does after.
    Appear,
    /// `io_uring_setup(2)`.
    Ring,
}

/// When a call is told, as far as its registers can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Each time.
    Always,
    /// The open flags in this argument ask for more than reading.
    Writing(u8),
    /// This argument, a pointer, is not null.
    Given(u8),
    /// This argument is none of these.
    NoneOf(u8, &'static [u32]),
    /// This argument is one of these.
    OneOf(u8, &'static [u32]),
}

/// Signals to one's own threads by which runtimes work, hundreds a second: Go's preemption (SIGURG), the
/// timers of Ruby and of profilers, and those that the C libraries keep for themselves. 0 asks only whether
/// the thread is there.
const OF_RUNTIMES: &[u32] = &[0, 23, 26, 27, 32, 33, 34];

/// `bind`, `connect`, `listen`, `sendto`, `sendmsg`, `sendmmsg`.
const SOCKETCALLS: &[u32] = &[2, 3, 4, 11, 16, 20];

impl Call {
    /// When it is told.
    pub(super) fn when(self, reads: bool) -> When {
        match self {
            Call::Open | Call::Openat if reads => When::Always,
            Call::Open => When::Writing(1),
            Call::Openat => When::Writing(2),
            Call::Sendto => When::Given(4),
            Call::Socketcall => When::OneOf(0, SOCKETCALLS),
            // Signal 0 asks only whether somebody is there.
            Call::Kill | Call::PidfdSignal => When::NoneOf(1, &[0]),
            Call::Tkill => When::NoneOf(1, OF_RUNTIMES),
            Call::Tgkill => When::NoneOf(2, OF_RUNTIMES),
            _ => When::Always,
        }
    }
}

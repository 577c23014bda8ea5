//! Why there is no witness.

use std::io;

/// Why there is no witness here.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// The operating system has nothing of the kind.
    #[error(
        "what a process does can be recorded only on Linux, and this is {}",
        std::env::consts::OS
    )]
    System,
    /// The processor's system calls are not known.
    #[error(
        "what a process does can be recorded only on x86-64 and aarch64, and this is {}",
        std::env::consts::ARCH
    )]
    Processor,
    /// Another seccomp listener is in place already, and the kernel has one a process.
    #[error(
        "this process is recorded itself already, by `xii witness` or a sandbox, and the kernel allows one recorder a process: run xii outside of it"
    )]
    Watched,
    /// The kernel refuses a step of it.
    #[error(
        "this kernel does not let one process record another ({step}: {source}): Linux 5.9 or later with seccomp can, unless a container's profile forbids it"
    )]
    Refused {
        /// The step that failed.
        step: &'static str,
        /// The kernel's answer.
        source: io::Error,
    },
    /// Something of this process was not to be had: a folder, a socket, a thread.
    #[error("the recorder cannot be set up ({step}: {source})")]
    SetUp {
        /// The step that failed.
        step: &'static str,
        /// The system's answer.
        source: io::Error,
    },
}

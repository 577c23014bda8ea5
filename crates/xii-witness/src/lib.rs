//! Records what a process tree does to the system: programs run, files written, addresses bound and
//! connected, processes made, sessions left, signals sent.
//!
//! On Linux by seccomp user notification (`seccomp_unotify(2)`): a process puts a filter on itself before it
//! becomes the app's program, all its descendants inherit it, and the kernel stops each of them at a system
//! call of the list until the [`Witness`] has noted it. The call then goes on as if nothing had been there
//! (`SECCOMP_USER_NOTIF_FLAG_CONTINUE`): the witness observes and never decides. It needs no privilege, only
//! that the processes gain none (`PR_SET_NO_NEW_PRIVS`), so set-user-ID programs run as the user.
//!
//! Because a process waits until it was noted, whatever it did before it answered a request is told before
//! the answer is seen.
//!
//! What it cannot see is said in `docs/decisions/0014-witness.md`.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(any(target_os = "linux", test))]
mod limit;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "linux", test))]
mod reading;
mod seen;
mod unavailable;

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{Witness, become_witnessed};
#[cfg(target_os = "linux")]
pub use linux::{Witness, become_witnessed};
pub use seen::{Options, Seen};
pub use unavailable::Unavailable;

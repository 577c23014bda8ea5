//! What a call means, as a deed.

use xii_model::{Act, Deed, Purpose};

use super::call::Call;
use super::memory;
use super::people::Standing;
use super::place::Place;
use super::request::Request;
use super::{signals, socket};
use crate::reading::signal_name;

/// `O_PATH`, `O_TMPFILE` without `O_DIRECTORY`, and `O_EXCL`, the same in all interfaces that are told.
const ONLY_PATH: u32 = 0o10_000_000;
const UNNAMED: u32 = 0o20_000_000;
const EXCLUSIVE: u32 = 0o200;
const MAKE: u32 = 0o100;
const EMPTY: u32 = 0o1000;
const APPEND: u32 = 0o2000;
const ACCESS: u32 = 0o3;

/// `AT_REMOVEDIR` and `AT_EMPTY_PATH` change nothing of what is told; this is relative to no descriptor.
const HERE: i32 = -100;

/// What a call of this process does; nothing when it does nothing that is told.
pub(super) fn act(request: &Request, pid: u32, reads: bool) -> Option<Act> {
    let left = |pid, what: &str| Act {
        pid,
        deed: Deed::Left {
            what: what.to_owned(),
        },
    };
    match request.call {
        Call::Setsid => Some(left(pid, "session")),
        // A group is left by whom the call names.
        Call::Setpgid => moved(request, pid).map(|(whom, _)| left(whom, "group")),
        _ => deed(request, pid, reads).map(|deed| Act { pid, deed }),
    }
}

fn deed(request: &Request, pid: u32, reads: bool) -> Option<Deed> {
    let place = Place::of(request.thread);
    let path = |at| place.path(request.wide(at));
    let path_at = |folder, at| place.path_at(request.signed(folder), request.wide(at));
    Some(match request.call {
        Call::Execve => executed(request, place, HERE, 0)?,
        Call::Execveat => executed(request, place, request.signed(0), 1)?,
        Call::Open => opened(path(0), request.number(1), place, reads)?,
        Call::Openat => opened(path_at(0, 1), request.number(2), place, reads)?,
        Call::Openat2 => {
            let flags = memory::bytes::<8>(request.thread, request.wide(2))?;
            let flags = (u64::from_ne_bytes(flags) & u64::from(u32::MAX)) as u32;
            opened(path_at(0, 1), flags, place, reads)?
        }
        Call::Creat | Call::Mknod => made(path(0)),
        Call::Mknodat => made(path_at(0, 1)),
        // The name is new; what it leads to is not touched.
        Call::Symlink => made(path(1)),
        Call::Symlinkat => made(path_at(1, 2)),
        Call::Truncate => Deed::Opened {
            path: path(0),
            purpose: Purpose::Write,
        },
        Call::Rename | Call::Link => Deed::Renamed {
            from: path(0),
            to: path(1),
        },
        Call::Renameat | Call::Linkat => Deed::Renamed {
            from: path_at(0, 1),
            to: path_at(2, 3),
        },
        Call::Unlink | Call::Rmdir => Deed::Removed { path: path(0) },
        Call::Unlinkat => Deed::Removed {
            path: path_at(0, 1),
        },
        Call::Mkdir => Deed::MadeFolder { path: path(0) },
        Call::Mkdirat => Deed::MadeFolder {
            path: path_at(0, 1),
        },
        Call::Bind => Deed::Bound {
            address: socket::passed(request, pid, 1, 2)?,
        },
        Call::Connect => Deed::Connected {
            address: socket::passed(request, pid, 1, 2)?,
        },
        Call::Sendto => Deed::Connected {
            address: socket::passed(request, pid, 4, 5)?,
        },
        Call::Listen => Deed::Listening {
            address: socket::own(request, pid)?,
        },
        Call::Kill | Call::Tkill | Call::Tgkill | Call::PidfdSignal => Deed::Signalled {
            target: signals::target(request, pid),
            signal: signal_name(signals::number(request)),
        },
        Call::Ring => Deed::Unseen {
            way: "io_uring".to_owned(),
        },
        // No deed of their own, or taken apart before.
        Call::Appear
        | Call::Setsid
        | Call::Setpgid
        | Call::Socketcall
        | Call::Sendmsg
        | Call::Sendmmsg => return None,
    })
}

fn made(path: String) -> Deed {
    Deed::Opened {
        path,
        purpose: Purpose::Create,
    }
}

/// A program that is run. One that is not there is not told: shells and runtimes try every folder of `PATH`.
fn executed(request: &Request, place: Place, folder: i32, path: usize) -> Option<Deed> {
    let file = place.path_at(folder, request.wide(path));
    if file.starts_with('/') && !place.exists(&file) {
        return None;
    }
    let words = memory::words(request.thread, request.wide(path + 1), request.abi);
    Some(Deed::Executed { path: file, words })
}

fn opened(path: String, flags: u32, place: Place, reads: bool) -> Option<Deed> {
    if flags & ONLY_PATH != 0 {
        return None;
    }
    if flags & UNNAMED != 0 {
        return Some(made(format!("{path}/(unnamed)")));
    }
    let writes = flags & ACCESS != 0;
    let anew = flags & EMPTY != 0 || flags & (MAKE | EXCLUSIVE) == MAKE | EXCLUSIVE;
    let purpose = if anew || (flags & MAKE != 0 && !place.exists(&path)) {
        Purpose::Create
    } else if writes && flags & APPEND != 0 {
        Purpose::Append
    } else if writes {
        Purpose::Write
    } else if reads {
        Purpose::Read
    } else {
        return None;
    };
    Some(Deed::Opened { path, purpose })
}

/// Which process a call moves to which group, if it does: `setsid(2)`, and `setpgid(2)` of itself or a child.
pub(super) fn moved(request: &Request, pid: u32) -> Option<(u32, u32)> {
    match request.call {
        Call::Setsid => Some((pid, pid)),
        Call::Setpgid => {
            let or = |number, instead| if number == 0 { instead } else { number };
            let whom = or(request.number(0), pid);
            let to = or(request.number(1), whom);
            let is_there = Standing::of(whom).is_some_and(|standing| standing.group == to);
            (!is_there).then_some((whom, to))
        }
        _ => None,
    }
}

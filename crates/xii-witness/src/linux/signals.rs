//! Whom a signal is sent to.

use std::fs;

use super::call::Call;
use super::people::{Standing, process_of};
use super::place::Place;
use super::request::Request;

/// The process, or minus the group; 0 when it cannot be told. -1 is every process.
pub(super) fn target(request: &Request, pid: u32) -> i32 {
    let first = request.signed(0);
    match request.call {
        Call::Kill if first == 0 => {
            Standing::of(pid).map_or(0, |standing| -standing.group.cast_signed())
        }
        Call::Kill | Call::Tgkill => first,
        Call::Tkill => process_of(first.cast_unsigned()).map_or(first, u32::cast_signed),
        _ => by_descriptor(request.thread, first).unwrap_or(0),
    }
}

/// The signal's number.
pub(super) fn number(request: &Request) -> u32 {
    request.number(if request.call == Call::Tgkill { 2 } else { 1 })
}

/// The process that a descriptor stands for: of `pidfd_open(2)`, or its folder below `/proc`.
fn by_descriptor(thread: u32, descriptor: i32) -> Option<i32> {
    let about = format!("/proc/{thread}/fdinfo/{descriptor}");
    let about = fs::read_to_string(about).ok()?;
    let mut lines = about.lines();
    if let Some(pid) = lines.find_map(|line| line.strip_prefix("Pid:")) {
        return pid.trim().parse().ok();
    }
    let folder = Place::of(thread).file(descriptor)?;
    folder.strip_prefix("/proc/")?.parse().ok()
}

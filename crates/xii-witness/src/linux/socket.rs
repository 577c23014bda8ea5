//! Which socket a descriptor of another process is.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, sockopt};
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags};
use xii_model::Address;

use super::memory;
use super::place::Place;
use super::request::Request;
use crate::reading::{Name, read_name};

/// The longest address that is read (`struct sockaddr_storage`).
const LONGEST: u64 = 128;

/// The address that was passed with a call, at these arguments.
pub(super) fn passed(
    request: &Request,
    pid: u32,
    pointer: usize,
    length: usize,
) -> Option<Address> {
    let length = u64::from(request.number(length)).min(LONGEST);
    let bytes = memory::block(
        request.thread,
        request.wide(pointer),
        usize::try_from(length).ok()?,
    );
    let place = Place::of(request.thread);
    Some(match read_name(&bytes)? {
        Name::Nothing => return None,
        Name::Path(path) => Address::Unix(place.resolve_here(&path)),
        Name::Abstract(name) => Address::Unix(name),
        Name::Other(words) => Address::Other(words),
        Name::Inet(address) => {
            let socket = borrow(pid, request.signed(0));
            of_kind(address, socket.as_ref())
        }
    })
}

/// The address that a socket really has.
pub(super) fn own(request: &Request, pid: u32) -> Option<Address> {
    let socket = borrow(pid, request.signed(0))?;
    let name = rustix::net::getsockname(&socket).ok()?;
    if let Ok(address) = SocketAddr::try_from(name.clone()) {
        let address = SocketAddr::new(address.ip().to_canonical(), address.port());
        return Some(of_kind(address, Some(&socket)));
    }
    match name.address_family() {
        AddressFamily::UNIX => {
            let unix = SocketAddrUnix::try_from(name).ok()?;
            if let Some(name) = unix.abstract_name() {
                let name = String::from_utf8_lossy(name).replace('\0', "@");
                return Some(Address::Unix(format!("@{name}")));
            }
            let path = unix.path()?.to_string_lossy().into_owned();
            Some(Address::Unix(Place::of(request.thread).resolve_here(&path)))
        }
        other => Some(Address::Other(format!("family {}", other.as_raw()))),
    }
}

/// A second descriptor of a process's socket, which is closed again at once.
fn borrow(pid: u32, descriptor: i32) -> Option<OwnedFd> {
    let process = Pid::from_raw(pid.cast_signed())?;
    let process = rustix::process::pidfd_open(process, PidfdFlags::empty()).ok()?;
    rustix::process::pidfd_getfd(&process, descriptor, PidfdGetfdFlags::empty()).ok()
}

/// An address of the Internet and what kind of socket it is for; without a socket it cannot be told.
fn of_kind(address: SocketAddr, socket: Option<&OwnedFd>) -> Address {
    let kind = socket.and_then(|socket| sockopt::socket_type(socket).ok());
    let protocol = || socket.and_then(|socket| sockopt::socket_protocol(socket).ok().flatten());
    match kind {
        Some(SocketType::STREAM) => Address::Tcp(address),
        Some(SocketType::DGRAM) => match protocol() {
            None | Some(rustix::net::ipproto::UDP) => Address::Udp(address),
            // The socket of an unprivileged ping.
            Some(_) => Address::Other(format!("icmp {}", address.ip())),
        },
        Some(SocketType::RAW) => Address::Other(format!("raw {}", address.ip())),
        _ => Address::Other(format!("inet {address}")),
    }
}

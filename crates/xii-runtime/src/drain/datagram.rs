//! Syslog over UDP, a message a datagram.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use super::address::Peer;
use super::outlet::{Outlet, Progress};
use super::syslog::{Format, message};
use crate::log::record::Records;

/// Bytes of a line that go into a datagram. RFC 5426 asks receivers for 2048 at least and those in use
/// take 8192 or more; the rest of a longer line follows in messages of its own.
const PART: usize = 8000;

/// A socket that leads to a syslog receiver.
#[derive(Debug)]
pub(super) struct Datagrams {
    peer: Peer,
    format: Format,
    socket: Option<UdpSocket>,
    /// The last record was counted as lost.
    lost: bool,
}

impl Datagrams {
    pub(super) fn new(peer: Peer, format: Format) -> Self {
        Datagrams {
            peer,
            format,
            socket: None,
            lost: false,
        }
    }

    fn socket(&mut self) -> io::Result<UdpSocket> {
        if let Some(socket) = self.socket.take() {
            return Ok(socket);
        }
        let mut last = io::Error::from(ErrorKind::NotFound);
        for address in self.peer.addresses()? {
            match to(address) {
                Ok(socket) => return Ok(socket),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

fn to(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?,
        SocketAddr::V6(_) => UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?,
    };
    socket.connect(address)?;
    Ok(socket)
}

impl Outlet for Datagrams {
    fn deliver(&mut self, block: &[u8], progress: &mut Progress) -> io::Result<()> {
        let socket = self.socket()?;
        let mut text = Vec::new();
        let skip = usize::try_from(progress.done).unwrap_or(usize::MAX);
        for record in Records::of(block).skip(skip) {
            let mut rest = message(&record);
            let mut first = true;
            let mut lost = false;
            loop {
                let (part, after) = rest.split_at(rest.len().min(PART));
                text.clear();
                self.format.head(&record, &mut text);
                text.extend_from_slice(part);
                match send(&socket, &text)? {
                    Sent::Away => {}
                    Sent::TooLong => lost = true,
                    // It was the datagram before this one.
                    Sent::AfterRefusal if first => progress.lost += u64::from(!self.lost),
                    Sent::AfterRefusal => lost = true,
                }
                first = false;
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            progress.done += 1;
            progress.lost += u64::from(lost);
            self.lost = lost;
        }
        // After an error the host is looked up again.
        self.socket = Some(socket);
        Ok(())
    }
}

/// What became of a datagram.
enum Sent {
    /// The system took it.
    Away,
    /// The system took it, after it told that nobody listens where an earlier one went.
    AfterRefusal,
    /// It takes none of this size.
    TooLong,
}

fn send(socket: &UdpSocket, text: &[u8]) -> io::Result<Sent> {
    let mut refused = false;
    loop {
        match socket.send(text) {
            Ok(_) if refused => return Ok(Sent::AfterRefusal),
            Ok(_) => return Ok(Sent::Away),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // The answer to an earlier one is told by refusing this one, once.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused && !refused => {
                refused = true;
            }
            Err(error) if error.raw_os_error() == Some(TOO_LONG) => return Ok(Sent::TooLong),
            Err(error) => return Err(error),
        }
    }
}

/// The path takes no datagram of this size.
const TOO_LONG: i32 = rustix::io::Errno::MSGSIZE.raw_os_error();

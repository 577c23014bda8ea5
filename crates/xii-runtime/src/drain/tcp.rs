//! Syslog over TCP, each message with its length before it.

use std::io::{self, ErrorKind, Write};
use std::net::TcpStream;

use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

use super::address::Peer;
use super::outlet::{Outlet, Progress};
use super::peer::PATIENCE;
use super::syslog::{Format, message};
use crate::log::record::Records;

/// Bytes that are written at once.
const WRITE: usize = 64 << 10;

/// A connection to a syslog receiver.
#[derive(Debug)]
pub(super) struct Connection {
    peer: Peer,
    format: Format,
    stream: Option<TcpStream>,
}

impl Connection {
    pub(super) fn new(peer: Peer, format: Format) -> Self {
        Connection {
            peer,
            format,
            stream: None,
        }
    }

    /// A connection that the other side has not ended.
    fn stream(&mut self) -> io::Result<TcpStream> {
        match self.stream.take() {
            Some(stream) if is_open(&stream) => Ok(stream),
            _ => {
                let stream = self.peer.connect()?;
                stream.set_write_timeout(Some(PATIENCE))?;
                stream.set_nodelay(true)?;
                Ok(stream)
            }
        }
    }
}

impl Outlet for Connection {
    fn deliver(&mut self, block: &[u8], progress: &mut Progress) -> io::Result<()> {
        let mut stream = self.stream()?;
        let (mut frames, mut text) = (Vec::with_capacity(2 * WRITE), Vec::new());
        let mut ends = Vec::new();
        let skip = usize::try_from(progress.done).unwrap_or(usize::MAX);
        let mut records = Records::of(block).skip(skip).peekable();
        while let Some(record) = records.next() {
            text.clear();
            self.format.head(&record, &mut text);
            text.extend_from_slice(message(&record));
            write!(frames, "{} ", text.len())?;
            frames.extend_from_slice(&text);
            ends.push(frames.len());
            if frames.len() >= WRITE || records.peek().is_none() {
                send(&mut stream, &frames, &ends, progress)?;
                frames.clear();
                ends.clear();
            }
        }
        // After an error it is not kept: what was sent of a message cannot be taken back.
        self.stream = Some(stream);
        Ok(())
    }
}

/// Sends frames; those that the system took whole are done.
fn send(
    stream: &mut TcpStream,
    frames: &[u8],
    ends: &[usize],
    progress: &mut Progress,
) -> io::Result<()> {
    let mut sent = 0;
    let result = loop {
        if sent == frames.len() {
            break Ok(());
        }
        match stream.write(&frames[sent..]) {
            Ok(0) => break Err(ErrorKind::WriteZero.into()),
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    progress.done += ends.partition_point(|end| *end <= sent) as u64;
    result
}

/// Whether the other side can still be written to: what it sends is not expected, and passed over; that
/// it has ended is only seen by reading, and what is written after that would be lost.
fn is_open(stream: &TcpStream) -> bool {
    let mut bytes = [0; 512];
    for _ in 0..64 {
        match recv(stream, &mut bytes[..], RecvFlags::DONTWAIT) {
            Ok((0, _)) => return false,
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return error == Errno::AGAIN,
        }
    }
    true
}

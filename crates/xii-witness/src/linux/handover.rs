//! How a process that was given a filter hands its listener over: one message with the descriptor beside it
//! (`unix(7)`, SCM_RIGHTS), answered by one byte.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketFlags, SocketType, connect, recvmsg,
    sendmsg, socket_with,
};

/// Who speaks, and in which version of this message.
const MAGIC: &[u8; 4] = b"xii1";

/// The longest label, in bytes.
pub(super) const LABEL: usize = 256;

/// The answer.
const TAKEN: u8 = 1;

/// What is said of a tree that is handed over.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tree {
    /// Its label.
    pub(super) label: String,
    /// Whether files that are opened to be read are told.
    pub(super) reads: bool,
}

/// A connection to the witness.
pub(super) fn connection(socket: &Path) -> io::Result<OwnedFd> {
    let address = SocketAddrUnix::new(socket)?;
    let connection = socket_with(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?;
    connect(&connection, &address)?;
    Ok(connection)
}

/// The message about a tree.
pub(super) fn message(tree: &Tree) -> Vec<u8> {
    let mut cut = tree.label.len().min(LABEL);
    while !tree.label.is_char_boundary(cut) {
        cut -= 1;
    }
    let label = tree.label.get(..cut).unwrap_or_default().as_bytes();
    [MAGIC.as_slice(), &[u8::from(tree.reads)], label].concat()
}

/// Reads a message.
fn read(message: &[u8]) -> Option<Tree> {
    let rest = message.strip_prefix(MAGIC)?;
    let (reads, label) = rest.split_first()?;
    Some(Tree {
        label: String::from_utf8(label.to_vec()).ok()?,
        reads: *reads != 0,
    })
}

/// Sends the listener. Allocates nothing.
pub(super) fn send(
    connection: BorrowedFd<'_>,
    message: &[u8],
    listener: BorrowedFd<'_>,
) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    let listeners = [listener];
    beside.push(SendAncillaryMessage::ScmRights(&listeners));
    sendmsg(
        connection,
        &[IoSlice::new(message)],
        &mut beside,
        SendFlags::NOSIGNAL,
    )?;
    Ok(())
}

/// Waits for the answer.
pub(super) fn wait_for_answer(connection: BorrowedFd<'_>) -> io::Result<()> {
    let mut byte = [0];
    loop {
        return match rustix::io::read(connection, &mut byte) {
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => Err(error.into()),
            Ok(1) if byte[0] == TAKEN => Ok(()),
            Ok(_) => Err(io::ErrorKind::ConnectionAborted.into()),
        };
    }
}

/// Takes what was handed over on a connection that is readable; nothing when it is not such a message.
pub(super) fn take(connection: BorrowedFd<'_>) -> Option<(Tree, OwnedFd)> {
    let (message, listener) = receive(connection).ok()?;
    let tree = read(&message)?;
    let listener = listener?;
    super::kernel::is_listener(listener.as_fd()).then_some((tree, listener))
}

/// One message, and the descriptor beside it.
pub(super) fn receive(connection: BorrowedFd<'_>) -> io::Result<(Vec<u8>, Option<OwnedFd>)> {
    let mut bytes = [0; MAGIC.len() + 1 + LABEL];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(
        connection,
        &mut [IoSliceMut::new(&mut bytes)],
        &mut beside,
        RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT,
    )?;
    let mut listener = None;
    for message in beside.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message {
            // More than one is nobody's message; the others are closed here.
            for descriptor in descriptors {
                listener.get_or_insert(descriptor);
            }
        }
    }
    let message = bytes.get(..received.bytes).unwrap_or_default().to_vec();
    Ok((message, listener))
}

/// Tells who handed it over that it may go on.
pub(super) fn answer(connection: BorrowedFd<'_>) -> bool {
    rustix::net::send(
        connection,
        &[TAKEN],
        SendFlags::NOSIGNAL | SendFlags::DONTWAIT,
    )
    .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_back_as_it_was() {
        for label in ["web.1", "", "ü"] {
            let tree = Tree {
                label: label.to_owned(),
                reads: true,
            };
            assert_eq!(read(&message(&tree)), Some(tree));
        }
    }

    #[test]
    fn a_long_label_is_cut_between_letters() {
        let tree = Tree {
            label: "ü".repeat(1000) + "x",
            reads: false,
        };
        let back = read(&message(&tree)).expect("it is whole");
        assert_eq!(back.label, "ü".repeat(LABEL / 2));
    }

    #[test]
    fn what_is_no_message_is_none() {
        for wrong in [&b""[..], b"xii1", b"xii2\0web", b"xii1\0\xff"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}

//! The thread that reads: all listeners, and the socket that new ones come through.

use std::collections::HashMap;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::epoll;
use rustix::net::{SocketFlags, accept_with};

use super::tree::Tree;
use super::witness::Shared;
use super::{handover, kernel};
use crate::Seen;

/// How many connections may be there that have said nothing yet.
const CONNECTIONS: usize = 64;
/// How many calls of one tree are taken before the others get their turn.
const IN_A_ROW: usize = 32;
/// How many things that are ready are taken from the kernel at once.
const EVENTS: usize = 64;

const DOOR: u64 = 0;
const STOP: u64 = 1;

/// The reading thread's own.
pub(super) struct Reader {
    epoll: OwnedFd,
    door: OwnedFd,
    /// Becomes readable when all is over.
    stop: OwnedFd,
    shared: Arc<Shared>,
    tell: Box<dyn FnMut(Seen) + Send>,
    last: u64,
    connections: HashMap<u64, OwnedFd>,
}

impl Reader {
    /// A reader for this socket.
    pub(super) fn new(
        door: OwnedFd,
        stop: OwnedFd,
        shared: Arc<Shared>,
        tell: Box<dyn FnMut(Seen) + Send>,
    ) -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let reader = Reader {
            epoll,
            door,
            stop,
            shared,
            tell,
            last: STOP,
            connections: HashMap::new(),
        };
        reader.listen_to(reader.door.as_fd(), DOOR)?;
        reader.listen_to(reader.stop.as_fd(), STOP)?;
        Ok(reader)
    }

    fn listen_to(&self, what: BorrowedFd<'_>, number: u64) -> io::Result<()> {
        let data = epoll::EventData::new_u64(number);
        Ok(epoll::add(&self.epoll, what, data, epoll::EventFlags::IN)?)
    }

    /// Reads until it is told to stop. Then the listeners are closed.
    pub(super) fn run(mut self) {
        kernel::come_first();
        let mut trees: HashMap<u64, Tree> = HashMap::new();
        let mut space = [MaybeUninit::uninit(); EVENTS];
        loop {
            let ready = match epoll::wait(&self.epoll, &mut space, None) {
                Ok((ready, _)) => ready,
                Err(rustix::io::Errno::INTR) => continue,
                // Nothing of this can be: the descriptor and the space are ours.
                Err(_) => return,
            };
            for event in ready {
                // Copied, since the kernel packs them.
                let (number, flags) = (event.data.u64(), event.flags);
                match number {
                    STOP => return,
                    DOOR => self.open_door(),
                    number => match trees.get_mut(&number) {
                        Some(tree) if flags.contains(epoll::EventFlags::IN) => {
                            self.read(tree);
                        }
                        // The last process of the tree is gone.
                        Some(_) => {
                            trees.remove(&number);
                            self.shared.ended();
                        }
                        None => {
                            if let Some(tree) = self.take_over(number) {
                                trees.insert(number, tree);
                            }
                        }
                    },
                }
            }
        }
    }

    fn open_door(&mut self) {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let connection = match accept_with(&self.door, flags) {
            Ok(connection) => connection,
            Err(rustix::io::Errno::MFILE | rustix::io::Errno::NFILE) => {
                // Who waits outside goes on waiting; the connections that say nothing make room.
                self.connections.clear();
                std::thread::sleep(Duration::from_millis(1));
                return;
            }
            Err(_) => return,
        };
        if self.connections.len() >= CONNECTIONS {
            let oldest = self.connections.keys().min().copied();
            oldest.map(|oldest| self.connections.remove(&oldest));
        }
        self.last += 1;
        if self.listen_to(connection.as_fd(), self.last).is_ok() {
            self.connections.insert(self.last, connection);
        }
    }

    /// What a connection hands over. Whatever it was, the connection has served.
    fn take_over(&mut self, number: u64) -> Option<Tree> {
        let connection = self.connections.remove(&number)?;
        let (about, listener) = handover::take(connection.as_fd())?;
        // The connection goes first: the listener takes its number.
        let _ = epoll::delete(&self.epoll, &connection);
        let tree = Tree::new(about, listener);
        self.listen_to(tree.listener(), number).ok()?;
        self.shared.began();
        // Who does not wait for it is gone, which the listener will say.
        handover::answer(connection.as_fd());
        Some(tree)
    }

    /// Tells what waits in a tree, and lets it go on.
    fn read(&mut self, tree: &mut Tree) {
        // All are taken first: a signal interrupts a call only as long as nobody has taken it.
        let mut notices = Vec::new();
        while notices.len() < IN_A_ROW && (notices.is_empty() || waits(tree.listener())) {
            // Refused when who waited is gone.
            let Ok(notice) = kernel::receive(tree.listener()) else {
                break;
            };
            notices.push(notice);
        }
        for notice in notices {
            let told = tree.look(&notice);
            for act in told.acts {
                (self.tell)(Seen {
                    at: told.at,
                    label: tree.label.clone(),
                    act,
                });
            }
            if told.lost > 0 {
                self.shared.lose(&tree.label, told.lost);
            }
            kernel::go_on(tree.listener(), notice.id);
        }
    }
}

/// Whether a call waits, so that taking it does not block.
fn waits(listener: BorrowedFd<'_>) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut list = [PollFd::new(&listener, PollFlags::IN)];
    let now = Timespec::default();
    poll(&mut list, Some(&now)).is_ok_and(|ready| ready > 0)
        && list
            .first()
            .is_some_and(|one| one.revents().contains(PollFlags::IN))
}

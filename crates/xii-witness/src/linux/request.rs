//! A call with its arguments, once what is behind pointers was found out.

use super::abi::Abi;
use super::call::Call;
use super::kernel::Notice;
use super::memory;

/// How many messages of one `sendmmsg(2)` are looked at.
const MESSAGES: usize = 8;

/// A call that waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    /// The thread that waits.
    pub(super) thread: u32,
    pub(super) call: Call,
    pub(super) abi: Abi,
    pub(super) arguments: [u64; 6],
}

impl Request {
    /// What waits; none when it is no call of the list.
    pub(super) fn of(notice: &Notice) -> Option<Self> {
        let number = notice.data.nr.cast_unsigned();
        let (call, abi) = super::abi::call(notice.data.arch, number)?;
        Some(Request {
            thread: notice.pid,
            call,
            abi,
            arguments: notice.data.args,
        })
    }

    /// An argument that is a pointer or a size.
    pub(super) fn wide(&self, at: usize) -> u64 {
        self.arguments.get(at).copied().unwrap_or(0)
    }

    /// An argument of 32 bits: flags, or a signal.
    pub(super) fn number(&self, at: usize) -> u32 {
        (self.wide(at) & u64::from(u32::MAX)) as u32
    }

    /// An argument that is a descriptor or a process.
    pub(super) fn signed(&self, at: usize) -> i32 {
        self.number(at).cast_signed()
    }

    /// The calls that this one is, all of which have their addresses in the arguments: what is behind
    /// `socketcall(2)`, and a `sendto(2)` for each message with an address.
    pub(super) fn plain(self) -> Vec<Request> {
        match self.call {
            Call::Socketcall => match self.behind_socketcall() {
                Some(inner) => inner.plain(),
                None => Vec::new(),
            },
            Call::Sendto if self.wide(4) == 0 => Vec::new(),
            Call::Sendmsg => self.message(self.wide(1)).into_iter().collect(),
            Call::Sendmmsg => {
                // `struct mmsghdr` is a message and a number, as long as its widest member makes it.
                let step = if self.abi.pointer == 4 { 32 } else { 64 };
                let count = usize::try_from(self.number(2)).unwrap_or(0).min(MESSAGES);
                (0..count as u64)
                    .filter_map(|at| self.message(self.wide(1).checked_add(at * step)?))
                    .collect()
            }
            _ => vec![self],
        }
    }

    /// `sendto(2)` to the address of a `struct msghdr`, whose first members are the address and its length.
    fn message(self, at: u64) -> Option<Request> {
        let head = memory::block(self.thread, at, 2 * self.abi.pointer);
        let name = memory::pointer(&head, 0, self.abi)?;
        let length = memory::number(&head, self.abi.pointer)?;
        let descriptor = self.wide(0);
        (name != 0).then_some(Request {
            call: Call::Sendto,
            arguments: [descriptor, 0, 0, 0, name, length.into()],
            ..self
        })
    }

    /// `socketcall(2)`: a number, and a list of arguments in memory.
    fn behind_socketcall(self) -> Option<Request> {
        let (call, count) = match self.number(0) {
            2 => (Call::Bind, 3),
            3 => (Call::Connect, 3),
            4 => (Call::Listen, 2),
            11 => (Call::Sendto, 6),
            16 => (Call::Sendmsg, 3),
            20 => (Call::Sendmmsg, 4),
            _ => return None,
        };
        let list = memory::block(self.thread, self.wide(1), count * 4);
        let mut arguments = [0; 6];
        for (at, argument) in arguments.iter_mut().enumerate().take(count) {
            *argument = memory::number(&list, at * 4)?.into();
        }
        Some(Request {
            call,
            arguments,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Abi = Abi { pointer: 8 };
    const NARROW: Abi = Abi { pointer: 4 };

    /// A request of this very thread.
    fn request(call: Call, abi: Abi, arguments: [u64; 6]) -> Request {
        Request {
            thread: rustix::process::getpid().as_raw_pid().cast_unsigned(),
            call,
            abi,
            arguments,
        }
    }

    fn address<T>(of: &[T]) -> u64 {
        of.as_ptr().addr() as u64
    }

    #[test]
    fn a_message_with_an_address_is_a_datagram_and_one_without_is_nothing() {
        let with = [0x1234u64, 16, 0, 0, 0, 0, 0];
        let plain = request(Call::Sendmsg, WIDE, [7, address(&with), 0, 0, 0, 0]).plain();
        assert_eq!(plain.len(), 1);
        assert_eq!(plain[0].call, Call::Sendto);
        assert_eq!(plain[0].arguments, [7, 0, 0, 0, 0x1234, 16]);
        let without = [0u64; 7];
        assert!(
            request(Call::Sendmsg, WIDE, [7, address(&without), 0, 0, 0, 0])
                .plain()
                .is_empty()
        );
        assert!(
            request(Call::Sendmsg, WIDE, [7, 1, 0, 0, 0, 0])
                .plain()
                .is_empty()
        );
    }

    #[test]
    fn several_messages_are_several_datagrams() {
        let wide: [u64; 16] = [1, 16, 0, 0, 0, 0, 0, 0, 2, 16, 0, 0, 0, 0, 0, 0];
        let plain = request(Call::Sendmmsg, WIDE, [7, address(&wide), 2, 0, 0, 0]).plain();
        assert_eq!(
            plain.iter().map(|one| one.wide(4)).collect::<Vec<_>>(),
            [1, 2]
        );
        let narrow: [u32; 16] = [1, 16, 0, 0, 0, 0, 0, 0, 2, 16, 0, 0, 0, 0, 0, 0];
        let plain = request(Call::Sendmmsg, NARROW, [7, address(&narrow), 2, 0, 0, 0]).plain();
        assert_eq!(
            plain.iter().map(|one| one.wide(4)).collect::<Vec<_>>(),
            [1, 2]
        );
        // A number that is a lie reads no further than the bound.
        let plain = request(Call::Sendmmsg, WIDE, [7, address(&wide), u64::MAX, 0, 0, 0]).plain();
        assert!(plain.len() <= MESSAGES);
    }

    #[test]
    fn what_is_behind_one_number_is_found() {
        let list: [u32; 3] = [5, 0x8000, 16];
        let plain = request(Call::Socketcall, NARROW, [3, address(&list), 0, 0, 0, 0]).plain();
        assert_eq!(plain[0].call, Call::Connect);
        assert_eq!(plain[0].arguments, [5, 0x8000, 16, 0, 0, 0]);
        // recv, and an address that is not there.
        assert!(
            request(Call::Socketcall, NARROW, [10, address(&list), 0, 0, 0, 0])
                .plain()
                .is_empty()
        );
        assert!(
            request(Call::Socketcall, NARROW, [3, 1, 0, 0, 0, 0])
                .plain()
                .is_empty()
        );
    }
}

//! Ports that no other test has, of this program or of another.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// A base for foreman's rule: its types and their first instances have ports that are free, and no other
/// test is given them while this lives.
pub(crate) struct Ports {
    /// The base.
    pub(crate) base: u16,
    /// Held by every test of the machine that uses this base.
    _held: TcpListener,
}

/// Bases lie below what systems give to who asks for any port (32768 on Linux, `ip(7)`).
const FIRST: u16 = 10_000;
/// Ten types of a base lie in its thousand, 100 apart; ten bases share a thousand, 10 apart.
const BASES: u16 = 22 * 10;
const TYPES: u16 = 4;
const INSTANCES: u16 = 9;

impl Ports {
    /// Ports for four types with up to nine instances each.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        // Programs that run at the same time begin at different places.
        let begin = std::process::id() % u32::from(BASES);
        for _ in 0..BASES {
            let next = NEXT.fetch_add(1, Ordering::Relaxed) + u16::try_from(begin).unwrap_or(0);
            let block = next % BASES;
            let base = FIRST + block / 10 * 1000 + block % 10 * 10;
            let Ok(held) = TcpListener::bind((Ipv4Addr::LOCALHOST, base + INSTANCES)) else {
                continue;
            };
            let free = (0..TYPES).all(|one| {
                (0..INSTANCES).all(|number| {
                    TcpListener::bind((Ipv4Addr::UNSPECIFIED, base + 100 * one + number)).is_ok()
                })
            });
            if free {
                return Ports { base, _held: held };
            }
        }
        panic!("no ports are free");
    }

    /// The base as an argument.
    pub(crate) fn base(&self) -> String {
        self.base.to_string()
    }
}

use std::collections::HashSet;
use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// How often the system is asked for another port before we give up.
const TRIES: usize = 1_000;

/// Free ports of loopback for instances behind the router: never the same twice, since the system may
/// give a port again before the process that it was meant for has bound it.
#[derive(Debug, Default)]
pub struct PrivatePorts {
    given: HashSet<u16>,
}

impl PrivatePorts {
    /// Ports besides these, which others were promised.
    pub fn besides(reserved: impl IntoIterator<Item = u16>) -> Self {
        PrivatePorts {
            given: reserved.into_iter().collect(),
        }
    }

    /// A port that is free now and was not given before.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn next_port(&mut self) -> io::Result<u16> {
        // What was given before is held meanwhile, so that the system has to give others.
        let mut held = Vec::new();
        for _ in 0..TRIES {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            let port = listener.local_addr()?.port();
            if self.given.insert(port) {
                return Ok(port);
            }
            held.push(listener);
        }
        Err(io::Error::other(
            "no port is left that was not given before",
        ))
    }

    /// Gives a port back whose process has ended.
    pub fn give_back(&mut self, port: u16) {
        self.given.remove(&port);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_free_and_never_the_same() {
        let mut ports = PrivatePorts::default();
        let mut seen = HashSet::new();
        for _ in 0..200 {
            let port = ports.next_port().expect("a port");
            assert!(seen.insert(port), "{port}");
        }
    }
}

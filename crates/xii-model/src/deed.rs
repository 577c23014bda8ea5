//! What a process did to the system, and what happened between an app and its resources.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// Something that a process did to the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The process.
    pub pid: u32,
    /// What it did. It was asked of the system, which may have refused it.
    #[serde(flatten)]
    pub deed: Deed,
}

/// What was asked of the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "kebab-case")]
pub enum Deed {
    /// Became another program (`execve(2)`).
    Executed {
        /// Its file, as an absolute path.
        path: String,
        /// Its arguments, the program's name first; cut to a bounded size.
        words: Vec<String>,
    },
    /// A process appeared that was not seen before; its parent made it.
    Born {
        /// The parent.
        parent: u32,
    },
    /// Opened a file (`openat(2)`).
    Opened {
        /// As an absolute path.
        path: String,
        /// What for.
        purpose: Purpose,
    },
    /// Removed a file or a folder.
    Removed {
        /// As an absolute path.
        path: String,
    },
    /// Gave a file another name, or a second one.
    Renamed {
        /// As absolute paths.
        from: String,
        /// Where it is then.
        to: String,
    },
    /// Made a folder.
    MadeFolder {
        /// As an absolute path.
        path: String,
    },
    /// Bound a socket to an address of its own.
    Bound {
        /// The address that was asked for; its port may be 0.
        address: Address,
    },
    /// Listens on a socket.
    Listening {
        /// The address that the socket really has.
        address: Address,
    },
    /// Connected a socket, or sent a datagram.
    Connected {
        /// To whom.
        address: Address,
    },
    /// Left its session or its process group.
    Left {
        /// `session` or `group`.
        what: String,
    },
    /// Sent a signal.
    Signalled {
        /// The process, or minus the group; -1 for every process, 0 where it is not known.
        target: i32,
        /// Such as `SIGTERM`.
        signal: String,
    },
    /// Made itself a way to the system that cannot be recorded: what it does by it is not known.
    Unseen {
        /// Such as `io_uring`.
        way: String,
    },
}

/// What a file was opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Only to read; recorded where it was asked for.
    Read,
    /// To write what is there already.
    Write,
    /// To write at its end.
    Append,
    /// To make it, or to write it anew.
    Create,
}

/// An address of a socket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// TCP, or another stream of the Internet family.
    Tcp(SocketAddr),
    /// UDP, or another datagram socket of the Internet family.
    Udp(SocketAddr),
    /// A socket of the file system; an abstract one starts with `@`.
    Unix(String),
    /// Something else, in words.
    Other(String),
}

impl Address {
    /// The address on the Internet, if it is one.
    pub fn socket(&self) -> Option<SocketAddr> {
        match self {
            Address::Tcp(address) | Address::Udp(address) => Some(*address),
            Address::Unix(_) | Address::Other(_) => None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Tcp(address) => write!(f, "tcp {address}"),
            Address::Udp(address) => write!(f, "udp {address}"),
            Address::Unix(path) => write!(f, "unix {path}"),
            Address::Other(words) => write!(f, "other {words}"),
        }
    }
}

impl Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (kind, rest) = text.split_once(' ').unwrap_or(("other", &text));
        let socket = || rest.parse::<SocketAddr>().map_err(serde::de::Error::custom);
        Ok(match kind {
            "tcp" => Address::Tcp(socket()?),
            "udp" => Address::Udp(socket()?),
            "unix" => Address::Unix(rest.to_owned()),
            _ => Address::Other(rest.to_owned()),
        })
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deed::Executed { path, words } => write!(f, "ran {path}: {}", words.join(" ")),
            Deed::Born { parent } => write!(f, "was made by {parent}"),
            Deed::Opened { path, purpose } => {
                let purpose = match purpose {
                    Purpose::Read => "opened to read",
                    Purpose::Write => "opened to write",
                    Purpose::Append => "opened to append to",
                    Purpose::Create => "made or emptied",
                };
                write!(f, "{purpose} {path}")
            }
            Deed::Removed { path } => write!(f, "removed {path}"),
            Deed::Renamed { from, to } => write!(f, "renamed {from} to {to}"),
            Deed::MadeFolder { path } => write!(f, "made the folder {path}"),
            Deed::Bound { address } => write!(f, "bound {address}"),
            Deed::Listening { address } => write!(f, "listens on {address}"),
            Deed::Connected { address } => write!(f, "connected to {address}"),
            Deed::Left { what } => write!(f, "left its {what}"),
            Deed::Signalled { target: -1, signal } => write!(f, "sent {signal} to every process"),
            Deed::Signalled { target: 0, signal } => write!(f, "sent {signal}"),
            Deed::Signalled { target, signal } if *target < 0 => {
                write!(f, "sent {signal} to the group {}", target.unsigned_abs())
            }
            Deed::Signalled { target, signal } => write!(f, "sent {signal} to {target}"),
            Deed::Unseen { way } => write!(f, "uses {way}, which cannot be seen through"),
        }
    }
}

/// What happened between an app and a resource of its, or was done to what lies between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relayed {
    /// The variable that names the resource, such as `DATABASE_URL`.
    pub resource: String,
    /// What happened.
    pub how: String,
}

/// A request that a probe sent, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// `GET`.
    pub method: String,
    /// The path, with the query.
    pub path: String,
    /// The port that was asked.
    pub port: u16,
    /// The status of the answer; none when there was no answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// Why there was no answer: `refused`, `reset`, `closed`, `timed out`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub miss: Option<String>,
    /// Microseconds from the first byte sent to the last one read.
    pub duration_us: u64,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} → ", self.method, self.path)?;
        match (self.status, &self.miss) {
            (Some(status), None) => write!(f, "{status}")?,
            (Some(status), Some(miss)) => write!(f, "{status}, then {miss}")?,
            (None, Some(miss)) => f.write_str(miss)?,
            (None, None) => f.write_str("no answer")?,
        }
        write!(f, " after {} ms", self.duration_us / 1000)
    }
}

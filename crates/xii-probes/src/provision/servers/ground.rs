//! What private servers stand on: programs, users, folders, ports.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use xii_runtime::ports::PrivatePorts;

use crate::provision::canary::Breeder;

/// Folders where systems keep server programs that are on nobody's PATH.
const BESIDE_PATH: [&str; 5] = [
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/libexec",
    "/usr/local/opt/postgresql/bin",
    "/opt/homebrew/bin",
];

/// Longest path of a Unix socket, with the end left out (`sun_path`, unix(7): 108, 104 on macOS).
const LONGEST_SOCKET: usize = 100;

/// What private servers stand on.
pub(crate) struct Ground {
    /// Where their folders are made.
    pub(crate) scratch: PathBuf,
    /// Where programs are looked for.
    pub(crate) path: OsString,
    pub(crate) breeder: Breeder,
    pub(crate) openssl: Option<PathBuf>,
    /// Where what is the same in every run is kept.
    pub(crate) cache: Option<PathBuf>,
    ports: RefCell<PrivatePorts>,
}

impl Ground {
    pub(crate) fn new(
        scratch: &Path,
        cache: Option<&Path>,
        path: &OsStr,
        breeder: Breeder,
    ) -> Self {
        Ground {
            scratch: scratch.to_owned(),
            path: path.to_owned(),
            breeder,
            cache: cache.map(Path::to_owned),
            openssl: program("openssl", path),
            ports: RefCell::default(),
        }
    }

    /// A free address on loopback.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        let port = self.ports.borrow_mut().next_port()?;
        Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }

    /// A free address with this port, on another of loopback's addresses: for an app that lets nobody
    /// say the port. Linux has all of 127.0.0.0/8 (RFC 1122, 3.2.1.3).
    pub(crate) fn address_with(&self, port: u16) -> io::Result<SocketAddr> {
        for number in 0_u32..32 {
            let bytes = self.breeder.bytes(&format!("address {number}"), 3);
            let [a, b, c] = bytes.as_slice() else {
                break;
            };
            let ip = Ipv4Addr::new(127, 1 + a % 250, *b, 1 + c % 250);
            let address = SocketAddr::new(IpAddr::V4(ip), port);
            if TcpListener::bind(address).is_ok() {
                return Ok(address);
            }
        }
        Err(io::ErrorKind::AddrInUse.into())
    }

    /// A program, by its names.
    pub(crate) fn program(&self, names: &[&str]) -> Option<PathBuf> {
        names.iter().find_map(|name| program(name, &self.path))
    }

    /// A new folder that `user` owns, if one is given.
    pub(crate) fn folder(&self, name: &str, user: Option<User>) -> io::Result<TempDir> {
        let make = |below: &Path| tempfile::Builder::new().prefix(name).tempdir_in(below);
        let near = self.scratch.join("resources");
        let short = near.as_os_str().len() + name.len() + 20 < LONGEST_SOCKET;
        let reached = user.is_none() || passable(&self.scratch);
        let folder = match short && reached && fs::create_dir_all(&near).is_ok() {
            true => {
                if user.is_some() {
                    fs::set_permissions(&near, Permissions::from_mode(0o711))?;
                }
                make(&near)?
            }
            // A folder whose way is barred to the server's user, or too long for its socket.
            false => make(&std::env::temp_dir())?,
        };
        if let Some(user) = user {
            chown(folder.path(), Some(user.id), Some(user.group))?;
        }
        Ok(folder)
    }
}

/// Whether everybody may pass through every folder of a path.
fn passable(path: &Path) -> bool {
    path.ancestors()
        .all(|one| fs::metadata(one).is_ok_and(|about| about.permissions().mode() & 0o001 != 0))
}

/// A program on PATH, or where systems keep servers; of PostgreSQL's versions the newest. With an empty
/// PATH there is none.
pub(crate) fn program(name: &str, path: &OsStr) -> Option<PathBuf> {
    if path.is_empty() {
        return None;
    }
    let versions = || {
        let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let number = entry.file_name().to_str()?.parse().ok()?;
                Some((number, entry.path().join("bin")))
            })
            .collect();
        versions.sort();
        versions.into_iter().rev().map(|(_, folder)| folder)
    };
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .chain(versions())
        .chain(BESIDE_PATH.iter().map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| {
            fs::metadata(file)
                .is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
        })
}

/// Another user that a server runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) id: u32,
    pub(crate) group: u32,
}

impl User {
    /// Whom a server that refuses to run as root runs as: one of these names, or nobody. None when this
    /// is not root.
    pub(crate) fn instead_of_root(names: &[&str]) -> Option<User> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let all = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let named = names.iter().chain(&["nobody"]).find_map(|name| {
            all.lines().find_map(|line| {
                let fields: Vec<&str> = line.split(':').collect();
                match fields.as_slice() {
                    [first, _, id, group, ..] if first == name => Some(User {
                        id: id.parse().ok()?,
                        group: group.parse().ok()?,
                    }),
                    _ => None,
                }
            })
        });
        let nobody = User {
            id: 65_534,
            group: 65_534,
        };
        Some(named.unwrap_or(nobody))
    }
}

//! Where a process stands in the file system, and what its paths mean there.

use rustix::fs::{AtFlags, CWD, StatxFlags};
use rustix::io::Errno;

use super::memory;
use crate::reading::resolve;

/// `AT_FDCWD`: relative to the working folder.
const HERE: i32 = -100;

/// A thread that waits, whose paths are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    thread: u32,
}

impl Place {
    /// The place of this thread.
    pub(super) fn of(thread: u32) -> Self {
        Place { thread }
    }

    /// The path at this address, absolute, against its working folder.
    pub(super) fn path(self, address: u64) -> String {
        self.path_at(HERE, address)
    }

    /// The path at this address, absolute, against a descriptor; an empty one is the descriptor's own file.
    pub(super) fn path_at(self, descriptor: i32, address: u64) -> String {
        let path = memory::path(self.thread, address);
        if path == memory::UNREADABLE {
            return path;
        }
        self.resolve(descriptor, &path)
    }

    /// A path that it wrote, absolute, against its working folder.
    pub(super) fn resolve_here(self, path: &str) -> String {
        self.resolve(HERE, path)
    }

    fn resolve(self, descriptor: i32, path: &str) -> String {
        let root = self.link("root");
        if path.starts_with('/') {
            return resolve(path, None, root.as_deref());
        }
        let folder = match descriptor {
            HERE => self.link("cwd"),
            descriptor => self.file(descriptor),
        };
        resolve(path, folder.as_deref(), root.as_deref())
    }

    /// What a descriptor stands for, as `/proc` names it.
    pub(super) fn file(self, descriptor: i32) -> Option<String> {
        self.link(&format!("fd/{descriptor}"))
    }

    fn link(self, name: &str) -> Option<String> {
        let link = format!("/proc/{}/{name}", self.thread);
        let to = rustix::fs::readlinkat(CWD, link, Vec::new()).ok()?;
        Some(String::from_utf8_lossy(to.as_bytes()).into_owned())
    }

    /// Whether a file is there, as far as it can be told without waiting for a server.
    pub(super) fn exists(self, path: &str) -> bool {
        let flags = AtFlags::STATX_DONT_SYNC | AtFlags::NO_AUTOMOUNT;
        let there = |path: &str| match rustix::fs::statx(CWD, path, flags, StatxFlags::TYPE) {
            Ok(_) => true,
            // What cannot be looked at may be there.
            Err(error) => !matches!(error, Errno::NOENT | Errno::NOTDIR),
        };
        // The second is for a process whose file system is another.
        there(path) || there(&format!("/proc/{}/root{path}", self.thread))
    }
}

//! The segments of a log folder: their names, and which are there.
//!
//! A segment is called `<number>-<writer>.seg`: twenty digits, larger for each that is begun, so that
//! names sort by time; and eight hexadecimal digits that all segments of one writer share.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::OFlags;

/// Never through a link: the folder is the user's own, but what lies in it may have been exchanged.
const FLAGS: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC);

/// Which segment: in order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id {
    /// Its number.
    pub(crate) number: u64,
    /// Who writes it.
    pub(crate) writer: u32,
}

/// A segment that is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// Which.
    pub(crate) id: Id,
    /// Its bytes when it was listed.
    pub(crate) length: u64,
    /// When it was last written to.
    pub(crate) modified: SystemTime,
}

impl Id {
    /// Its file.
    pub(crate) fn path(self, folder: &Path) -> PathBuf {
        folder.join(format!("{:020}-{:08x}.seg", self.number, self.writer))
    }

    fn parse(name: &str) -> Option<Self> {
        let (number, writer) = name.strip_suffix(".seg")?.split_once('-')?;
        let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if number.len() != 20 || writer.len() != 8 || !writer.bytes().all(lower) {
            return None;
        }
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Id {
            number: number.parse().ok()?,
            writer: u32::from_str_radix(writer, 16).ok()?,
        })
    }

    /// Opens it for reading; `None` when it was deleted meanwhile.
    pub(crate) fn open(self, folder: &Path) -> io::Result<Option<File>> {
        // What has become a pipe since it was listed is not waited for.
        let flags = FLAGS.union(OFlags::NONBLOCK);
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits() as i32)
            .open(self.path(folder));
        match opened {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes it, for the user alone.
    pub(crate) fn create(self, folder: &Path) -> io::Result<File> {
        OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .custom_flags(FLAGS.bits() as i32)
            .open(self.path(folder))
    }
}

/// The segments in a folder, in order. A folder that is not there has none; what is no segment, or is
/// deleted meanwhile, is left out.
pub(crate) fn list(folder: &Path) -> io::Result<Vec<Entry>> {
    let files = match fs::read_dir(folder) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut entries = Vec::new();
    for file in files {
        let file = file?;
        let Some(id) = file.file_name().to_str().and_then(Id::parse) else {
            continue;
        };
        // Of the link itself, where it is one.
        let Ok(found) = file.metadata() else { continue };
        if found.is_file() {
            entries.push(Entry {
                id,
                length: found.len(),
                modified: found.modified()?,
            });
        }
    }
    entries.sort_unstable_by_key(|entry| entry.id);
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_segments_are_listed_and_in_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |number, writer| Id { number, writer };
        let ids = [at(10, 7), at(9, u32::MAX), at(10, 3)];
        for id in ids {
            id.create(folder.path()).expect("it is made");
        }
        for other in [
            "00000000000000000001-00000001.tmp",
            "1-00000001.seg",
            "0000000000000000000+-00000001.seg",
            "00000000000000000001-0000000A.seg",
            "99999999999999999999-00000001.seg",
        ] {
            fs::write(folder.path().join(other), b"x").expect("it is written");
        }
        let link = at(11, 1).path(folder.path());
        std::os::unix::fs::symlink("/etc/passwd", link).expect("a link");
        fs::create_dir(at(12, 1).path(folder.path())).expect("a folder");
        let listed = list(folder.path()).expect("it is listed");
        let listed: Vec<_> = listed.iter().map(|entry| entry.id).collect();
        assert_eq!(listed, [at(9, u32::MAX), at(10, 3), at(10, 7)]);
        assert!(
            at(11, 1).open(folder.path()).is_err(),
            "a link is not followed"
        );
        assert!(at(13, 1).open(folder.path()).expect("no error").is_none());
        assert!(list(&folder.path().join("none")).expect("none").is_empty());
    }
}

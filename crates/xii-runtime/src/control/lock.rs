//! One `up` for each folder.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, OFlags, flock};

/// Held by the one `up` of a folder, until it ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why the lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum Locked {
    /// Another has it.
    #[error("it is held by process {}", pid.map_or("unknown".to_owned(), |pid| pid.to_string()))]
    Held {
        /// The other's process id, when it wrote it down.
        pid: Option<u32>,
    },
    /// The file cannot be made or locked.
    #[error("cannot lock it: {0}")]
    System(#[from] io::Error),
}

impl Lock {
    /// Takes the lock, or says who has it.
    ///
    /// # Errors
    ///
    /// Another process holds it, or the file cannot be made.
    pub fn take(path: &Path) -> Result<Self, Locked> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
            .open(path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut text = String::new();
                // A pid has at most ten digits; what else stands there is not ours.
                let _ = file.take(16).read_to_string(&mut text);
                return Err(Locked::Held {
                    pid: text.trim().parse().ok(),
                });
            }
            Err(error) => return Err(Locked::System(error.into())),
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Lock { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_had_once_and_names_its_holder() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let held = Lock::take(&path).expect("nobody has it");
        match Lock::take(&path) {
            Err(Locked::Held { pid }) => assert_eq!(pid, Some(std::process::id())),
            other => panic!("{other:?}"),
        }
        drop(held);
        Lock::take(&path).expect("it was given back");
    }
}

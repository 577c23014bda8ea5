//! The scratch folder that everything of a proof lies in, and its removal.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// What scratch folders are called.
const PREFIX: &str = "xii-prove-";
/// Held by who uses the folder; without it, the folder was kept on purpose.
const LOCK: &str = "lock";

/// A folder below the system's temporary one. Everybody may go through it, and only its owner see what is in it:
/// a run may be another user's (`drwx--x--x`).
#[derive(Debug)]
pub(super) struct Scratch {
    folder: PathBuf,
    keep: bool,
    /// Held as long as the folder is in use.
    _lock: File,
}

impl Scratch {
    /// Makes one below `within`, and removes what runs that were killed left there.
    pub(super) fn make(within: &Path, keep: bool) -> io::Result<Self> {
        sweep(within);
        let within = within.canonicalize()?;
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(within)?
            .keep();
        let locked = || {
            fs::set_permissions(&folder, Permissions::from_mode(0o711))?;
            // It gets its name when it is held, so that nobody finds it free.
            let fresh = folder.join("lock.new");
            let lock = File::create(&fresh)?;
            flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
            fs::rename(&fresh, folder.join(LOCK))?;
            Ok(lock)
        };
        match locked() {
            Ok(lock) => Ok(Scratch {
                folder,
                keep,
                _lock: lock,
            }),
            Err(error) => {
                let _ = remove(&folder);
                Err(error)
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    /// Makes a folder in it, with these permissions whatever the caller's mask is.
    pub(super) fn folder(&self, name: &str, mode: u32) -> io::Result<PathBuf> {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder)?;
        fs::set_permissions(&folder, Permissions::from_mode(mode))?;
        Ok(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.keep {
            let _ = fs::remove_file(self.folder.join(LOCK));
        } else {
            // What could not be removed is left to the next run's sweep.
            let _ = remove(&self.folder);
        }
    }
}

/// Removes the scratch folders of this user that nobody holds any more.
fn sweep(within: &Path) {
    let me = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(within).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let folder = entry.path();
        let ours = fs::symlink_metadata(&folder).is_ok_and(|it| it.is_dir() && it.uid() == me);
        let free = || {
            let lock = File::open(folder.join(LOCK)).ok()?;
            flock(&lock, FlockOperation::NonBlockingLockExclusive).ok()
        };
        if ours && free().is_some() {
            let _ = remove(&folder);
        }
    }
}

/// Removes a folder with all that is in it, read-only folders too. Links are removed and not followed.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            open_up(folder);
            fs::remove_dir_all(folder)
        }
        done => done,
    }
}

/// Lets the owner write to every folder.
fn open_up(folder: &Path) {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let _ = fs::set_permissions(&folder, Permissions::from_mode(0o700));
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_folder_goes_with_its_owner_read_only_folders_included() {
        let within = tempfile::tempdir().expect("a folder");
        let scratch = Scratch::make(within.path(), false).expect("a scratch folder");
        let path = scratch.path().to_owned();
        let mode = fs::metadata(&path)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o711);
        let inner = scratch.folder("a", 0o755).expect("a folder in it");
        fs::write(inner.join("file"), "x").expect("a file");
        fs::set_permissions(&inner, Permissions::from_mode(0o555)).expect("it is ours");
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_is_held_or_kept_is_not() {
        let within = tempfile::tempdir().expect("a folder");
        let held = Scratch::make(within.path(), false).expect("a scratch folder");
        let kept = Scratch::make(within.path(), true).expect("a scratch folder");
        let kept_path = kept.path().to_owned();
        drop(kept);
        let left = within.path().join("xii-prove-left");
        fs::create_dir(&left).expect("a folder");
        fs::write(left.join(LOCK), "").expect("a lock that nobody holds");
        let other = within.path().join("other");
        fs::create_dir(&other).expect("a folder");
        fs::write(other.join(LOCK), "").expect("a file");

        let _next = Scratch::make(within.path(), false).expect("a scratch folder");
        assert!(held.path().exists() && kept_path.exists() && other.exists());
        assert!(!left.exists());
    }
}

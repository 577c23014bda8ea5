//! Another copy of a tree that was built.

use std::fs::{self, File, FileTimes};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::folders::holds_dependencies;

/// What is done about files of dependency folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dependencies {
    /// They are the same files by another name.
    Linked,
    /// They are copied like all others.
    Copied,
}

/// Copies a tree into an empty folder: permissions and times are kept, sockets and pipes left out. The copy shares blocks
/// with the original where the file system can.
pub(super) fn duplicate(top: &Path, copy: &Path, dependencies: Dependencies) -> io::Result<()> {
    let mut folders = vec![(top.to_owned(), copy.to_owned(), false)];
    // Their permissions are given last: a read-only folder takes no files.
    let mut made = Vec::new();
    while let Some((from, to, linked)) = folders.pop() {
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            let (source, target) = (entry.path(), to.join(entry.file_name()));
            let kind = entry.file_type()?;
            if kind.is_dir() {
                fs::create_dir(&target)?;
                let about = entry.metadata()?;
                made.push((target.clone(), about.mode(), about.modified().ok()));
                let installed = dependencies == Dependencies::Linked && holds_dependencies(&source);
                let linked = installed || linked && !is_cache(&source);
                folders.push((source, target, linked));
            } else if kind.is_symlink() {
                symlink(led(&fs::read_link(&source)?, top, copy), &target)?;
            } else if kind.is_file() && !(linked && fs::hard_link(&source, &target).is_ok()) {
                file(&source, &target)?;
            }
        }
    }
    for (folder, mode, time) in made.into_iter().rev() {
        if let (Some(time), Ok(opened)) = (time, File::open(&folder)) {
            let _ = opened.set_times(FileTimes::new().set_modified(time));
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(mode & 0o7777))?;
    }
    Ok(())
}

/// Where a link leads in the copy: one that names the original's folder would lead back to it.
fn led(target: &Path, top: &Path, copy: &Path) -> PathBuf {
    match target.strip_prefix(top) {
        Ok(below) => copy.join(below),
        Err(_) => target.to_owned(),
    }
}

/// Whether a run may write over what is in the folder, although it lies among dependencies.
fn is_cache(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default();
    [".cache", ".vite", ".parcel-cache"]
        .iter()
        .any(|cache| name == *cache)
}

fn file(from: &Path, to: &Path) -> io::Result<()> {
    match fs::copy(from, to) {
        Ok(_) => {}
        // It went away since it was listed: a run may be writing here.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    if let Ok(time) = fs::metadata(from).and_then(|about| about.modified()) {
        // A file that may only be read cannot be opened to write, and its time is of no use then.
        if let Ok(opened) = File::options().write(true).open(to) {
            let _ = opened.set_times(FileTimes::new().set_modified(time));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_files_are_copied_and_dependencies_linked() {
        let scratch = tempfile::tempdir().expect("a folder");
        let (from, to) = (scratch.path().join("a"), scratch.path().join("b"));
        fs::create_dir_all(from.join("node_modules/x")).expect("folders");
        fs::create_dir_all(from.join("node_modules/.cache")).expect("folders");
        fs::write(from.join("node_modules/.cache/a"), "1").expect("a file");
        fs::create_dir_all(from.join("locked")).expect("folders");
        fs::create_dir(&to).expect("a folder");
        fs::write(from.join("app.js"), "1").expect("a file");
        fs::write(from.join("locked/file"), "1").expect("a file");
        fs::write(from.join("node_modules/x/index.js"), "1").expect("a file");
        symlink("app.js", from.join("link")).expect("a link");
        symlink(from.join("app.js"), from.join("absolute")).expect("a link");
        let locked = fs::Permissions::from_mode(0o555);
        fs::set_permissions(from.join("locked"), locked).expect("it is ours");

        duplicate(&from, &to, Dependencies::Linked).expect("a copy");
        let same = |path: &str| {
            let inode = |folder: &Path| fs::metadata(folder.join(path)).expect("a file").ino();
            inode(&from) == inode(&to)
        };
        assert!(same("node_modules/x/index.js"));
        assert!(!same("app.js") && !same("locked/file") && !same("node_modules/.cache/a"));
        let target = fs::read_link(to.join("absolute")).expect("a link");
        assert_eq!(target, to.join("app.js"));
        let mode = fs::metadata(to.join("locked")).expect("it is there").mode();
        assert_eq!(mode & 0o777, 0o555);
        assert!(
            fs::symlink_metadata(to.join("link"))
                .expect("a link")
                .is_symlink()
        );

        let third = scratch.path().join("c");
        fs::create_dir(&third).expect("a folder");
        duplicate(&from, &third, Dependencies::Copied).expect("a copy");
        let inode = |path: &Path| fs::metadata(path).expect("a file").ino();
        assert_ne!(
            inode(&from.join("node_modules/x/index.js")),
            inode(&third.join("node_modules/x/index.js"))
        );
        for folder in [&from, &to, &third] {
            super::super::scratch::remove(folder).expect("it can be removed");
        }
    }
}

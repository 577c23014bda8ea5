//! Copying the app's own files into the stage.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::OFlags;

use super::listing::Listing;
use super::problem::Why;

/// No more files than this are staged.
pub(super) const MAX_FILES: usize = 1_000_000;
/// No more bytes than this are staged: 2 GiB. More is data, and does not belong to the code.
pub(super) const MAX_BYTES: u64 = 2 << 30;

/// The bounds, for a person.
pub(super) fn limit_in_words() -> String {
    format!("{} GiB, or {MAX_FILES} files", MAX_BYTES >> 30)
}

/// What was copied.
#[derive(Debug, Default)]
pub(super) struct Transferred {
    pub(super) files: usize,
    pub(super) bytes: u64,
    /// What a reader should know, a sentence each.
    pub(super) notes: Vec<String>,
}

/// Copies the files of the listing from one folder to another, which is empty. Links that lead out of the folder, and
/// whatever is neither a file nor a link, are left out. Nothing is read or written through a link.
pub(super) fn copy(
    listing: &Listing,
    from: &Path,
    to: &Path,
    stop: &AtomicBool,
) -> Result<Transferred, Why> {
    let mut copying = Copying {
        from,
        to,
        real: HashMap::new(),
        done: Transferred::default(),
        links: Vec::new(),
        left_out: Vec::new(),
        gone: 0,
    };
    for path in &listing.paths {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        copying.entry(path).map_err(|error| match error {
            Trouble::TooLarge => Why::TooLarge,
            Trouble::Failed(why) => Why::CopyFailed {
                path: path.display().to_string(),
                why,
            },
        })?;
    }
    copying.check_links();
    let Copying {
        mut done,
        left_out,
        gone,
        ..
    } = copying;
    if gone > 0 {
        done.notes.push(format!(
            "{gone} tracked files are not on the disk, and so not in the copy"
        ));
    }
    for path in left_out.iter().take(10) {
        done.notes.push(format!(
            "{path} leads out of the app, or is no file, and was left out"
        ));
    }
    if left_out.len() > 10 {
        let more = left_out.len() - 10;
        done.notes
            .push(format!("{more} more such files were left out"));
    }
    Ok(done)
}

enum Trouble {
    TooLarge,
    Failed(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Trouble::Failed(error)
    }
}

struct Copying<'a> {
    from: &'a Path,
    to: &'a Path,
    /// Folders below `from`, and whether they are real ones, with nothing but real ones around them.
    real: HashMap<PathBuf, bool>,
    done: Transferred,
    /// Links that were made.
    links: Vec<PathBuf>,
    left_out: Vec<String>,
    gone: usize,
}

impl Copying<'_> {
    fn entry(&mut self, path: &Path) -> Result<(), Trouble> {
        let inside = path
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        let parent = path.parent().unwrap_or(Path::new(""));
        if !inside || !self.is_real(parent) {
            self.left_out.push(path.display().to_string());
            return Ok(());
        }
        let from = self.from.join(path);
        let about = match fs::symlink_metadata(&from) {
            Ok(about) => about,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.gone += 1;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let to = self.to.join(path);
        if about.is_symlink() {
            let target = fs::read_link(&from)?;
            if !stays_inside(parent, &target) {
                self.left_out.push(path.display().to_string());
                return Ok(());
            }
            make_folders(self.to, parent)?;
            std::os::unix::fs::symlink(target, &to)?;
            self.links.push(to);
        } else if about.is_file() {
            make_folders(self.to, parent)?;
            let room = MAX_BYTES.saturating_sub(self.done.bytes);
            let bytes = file(&from, &to, room)?;
            self.done.bytes += bytes;
            if bytes > room {
                return Err(Trouble::TooLarge);
            }
        } else {
            self.left_out.push(path.display().to_string());
            return Ok(());
        }
        self.done.files += 1;
        Ok(())
    }

    /// Whether no part of the folder's path below `from` is a link.
    fn is_real(&mut self, folder: &Path) -> bool {
        if folder.as_os_str().is_empty() {
            return true;
        }
        if let Some(known) = self.real.get(folder) {
            return *known;
        }
        let around = folder.parent().unwrap_or(Path::new(""));
        // What is not there at all is found out when the file is looked at.
        let real = self.is_real(around)
            && !fs::symlink_metadata(self.from.join(folder)).is_ok_and(|about| about.is_symlink());
        self.real.insert(folder.to_owned(), real);
        real
    }

    /// Links that lead to links may lead out all the same: where they really lead is seen in the copy.
    fn check_links(&mut self) {
        let Ok(top) = self.to.canonicalize() else {
            return;
        };
        for link in std::mem::take(&mut self.links) {
            let out = link
                .canonicalize()
                .is_ok_and(|target| !target.starts_with(&top));
            if out && fs::remove_file(&link).is_ok() {
                let path = link.strip_prefix(self.to).unwrap_or(&link);
                self.left_out.push(path.display().to_string());
                self.done.files -= 1;
            }
        }
    }
}

/// Whether a link in this folder stays below the top, by its words alone.
pub(super) fn stays_inside(folder: &Path, target: &Path) -> bool {
    let mut depth = folder.components().count();
    for part in target.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    true
}

/// Makes the folders, each of them one that everybody may enter.
fn make_folders(top: &Path, folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || top.join(folder).is_dir() {
        return Ok(());
    }
    make_folders(top, folder.parent().unwrap_or(Path::new("")))?;
    let full = top.join(folder);
    fs::create_dir(&full)?;
    fs::set_permissions(&full, fs::Permissions::from_mode(0o755))
}

/// Copies a file, at most one byte more than `room`; it may be run where the original may. How many bytes it has.
fn file(from: &Path, to: &Path, room: u64) -> io::Result<u64> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let source = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(from)?;
    let about = source.metadata()?;
    if !about.is_file() {
        return Err(io::Error::other("it was exchanged for something else"));
    }
    let mut target: File = OpenOptions::new().write(true).create_new(true).open(to)?;
    let bytes = io::copy(&mut source.take(room.saturating_add(1)), &mut target)?;
    let mode = match about.permissions().mode() & 0o100 {
        0 => 0o644,
        _ => 0o755,
    };
    target.set_permissions(fs::Permissions::from_mode(mode))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stays_inside_or_does_not() {
        for (folder, target, inside) in [
            ("", "a", true),
            ("", "../a", false),
            ("a/b", "../../c", true),
            ("a/b", "../../../c", false),
            ("a", "/etc/passwd", false),
            ("a", "./b/../../c/../..", false),
        ] {
            assert_eq!(
                stays_inside(Path::new(folder), Path::new(target)),
                inside,
                "{folder} -> {target}"
            );
        }
    }
}

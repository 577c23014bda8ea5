//! Which files belong to the app: those that git tracks, or without git those that are not ignored.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{BufReader, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use ignore::WalkBuilder;

use super::git::git;
use super::transfer::MAX_FILES;

/// Submodules within submodules are followed so deep.
const MAX_DEPTH: usize = 8;
/// A path is not longer, in bytes.
const MAX_PATH: u64 = 16 * 1024;

/// The files of an app, below its folder.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Their paths, in order.
    pub(super) paths: Vec<PathBuf>,
    /// Git told them.
    pub(super) by_git: bool,
    /// What a reader should know, a sentence each.
    pub(super) notes: Vec<String>,
}

/// Lists the files below the folder. `path` is where `git` is looked for.
pub(super) fn list(folder: &Path, path: &OsStr) -> Result<Listing, String> {
    if !is_in_git(folder) {
        let mut listing = walked(folder)?;
        listing.notes.push(
            "the folder is not under git: all its files were copied that .gitignore does not name"
                .to_owned(),
        );
        return Ok(listing);
    }
    let mut listing = Listing {
        by_git: true,
        ..Listing::default()
    };
    match tracked(folder, Path::new(""), path, 0, &mut listing) {
        Ok(()) => {}
        Err(Refused::NoGit) => {
            let mut listing = walked(folder)?;
            listing.notes.push(
                "git is not installed: all files were copied that .gitignore does not name, \
                 tracked or not"
                    .to_owned(),
            );
            return Ok(listing);
        }
        Err(Refused::Said(why)) => return Err(why),
    }
    if listing.paths.is_empty() {
        let mut listing = walked(folder)?;
        listing.notes.push(
            "git tracks no file in it: all its files were copied that .gitignore does not name"
                .to_owned(),
        );
        return Ok(listing);
    }
    listing.paths.sort();
    listing.paths.dedup();
    Ok(listing)
}

/// Whether the folder or one around it is a git work tree. A link is no way around this.
fn is_in_git(folder: &Path) -> bool {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    folder
        .ancestors()
        .any(|ancestor| ancestor.join(".git").exists())
}

enum Refused {
    NoGit,
    Said(String),
}

/// Asks git what it tracks below the folder, without running anything that the repository or the machine sets up.
fn tracked(
    top: &Path,
    below: &Path,
    path: &OsStr,
    depth: usize,
    to: &mut Listing,
) -> Result<(), Refused> {
    let folder = top.join(below);
    let mut git = git(&folder, path)
        .args(["ls-files", "-z", "--stage"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Refused::NoGit,
            _ => Refused::Said(format!("git cannot be run: {error}")),
        })?;
    let entries = entries(&mut git);
    let done = git
        .wait_with_output()
        .map_err(|error| Refused::Said(format!("git cannot be waited for: {error}")))?;
    let entries = entries.map_err(Refused::Said)?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        let said = said.lines().last().unwrap_or("git failed").to_owned();
        return Err(Refused::Said(said));
    }
    for (inner, kind) in entries {
        let inner = below.join(inner);
        if kind == Kind::File {
            to.paths.push(inner);
        } else if depth < MAX_DEPTH && top.join(&inner).join(".git").exists() {
            tracked(top, &inner, path, depth + 1, to)?;
        } else {
            to.notes.push(format!(
                "the submodule {} is not checked out and was left out",
                inner.display()
            ));
        }
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Submodule,
}

/// What `git ls-files --stage -z` prints: `mode object stage`, a tab, the path, a zero byte. A path in conflict comes
/// once for each stage.
fn entries(git: &mut Child) -> Result<BTreeMap<PathBuf, Kind>, String> {
    let mut entries = BTreeMap::new();
    let Some(out) = git.stdout.take() else {
        return Ok(entries);
    };
    let mut out = BufReader::with_capacity(64 * 1024, out);
    loop {
        let mut entry = Vec::new();
        let read = (&mut out)
            .take(MAX_PATH)
            .bytes_until(0, &mut entry)
            .map_err(|error| format!("git cannot be read: {error}"))?;
        if !read {
            return Ok(entries);
        }
        let Some(tab) = entry.iter().position(|byte| *byte == b'\t') else {
            continue;
        };
        let kind = if entry.starts_with(b"160000 ") {
            Kind::Submodule
        } else {
            Kind::File
        };
        let path = OsString::from_vec(entry.split_off(tab + 1));
        entries.insert(PathBuf::from(path), kind);
        if entries.len() > MAX_FILES {
            return Err(format!("git tracks more than {MAX_FILES} files in it"));
        }
    }
}

/// Reading up to a byte, within the bound of a `Take`.
trait BytesUntil {
    /// Reads up to the byte, which is left out. False at the end.
    fn bytes_until(self, end: u8, to: &mut Vec<u8>) -> std::io::Result<bool>;
}

impl<R: std::io::BufRead> BytesUntil for std::io::Take<R> {
    fn bytes_until(mut self, end: u8, to: &mut Vec<u8>) -> std::io::Result<bool> {
        std::io::BufRead::read_until(&mut self, end, to)?;
        if to.last() == Some(&end) {
            to.pop();
            return Ok(true);
        }
        if to.is_empty() {
            return Ok(false);
        }
        Err(std::io::Error::other("a path is too long"))
    }
}

/// All files that are not ignored, without what git and package managers keep for themselves.
fn walked(folder: &Path) -> Result<Listing, String> {
    let mut listing = Listing::default();
    let walk = WalkBuilder::new(folder)
        .hidden(false)
        .follow_links(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .parents(false)
        .ignore(false)
        .max_depth(Some(64))
        .filter_entry(|entry| {
            let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            !(folder && entry.depth() > 0 && is_left_out(entry.path()))
        })
        .build();
    for entry in walk {
        let entry = entry.map_err(|error| error.to_string())?;
        if entry.file_type().is_some_and(|kind| kind.is_dir()) {
            continue;
        }
        if let Ok(below) = entry.path().strip_prefix(folder) {
            listing.paths.push(below.to_owned());
        }
        if listing.paths.len() > MAX_FILES {
            return Err(format!("it holds more than {MAX_FILES} files"));
        }
    }
    listing.paths.sort();
    Ok(listing)
}

/// What nobody would commit: what git keeps, and what was installed.
fn is_left_out(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default();
    name == ".git" || name == "__pycache__" || super::folders::holds_dependencies(folder)
}

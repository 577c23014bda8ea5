//! What is in a folder at one moment, and what changed between two.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::folders::holds_dependencies;
use super::transfer::{MAX_BYTES, MAX_FILES};

/// All that is in a folder, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    entries: BTreeMap<PathBuf, Entry>,
}

/// One thing in it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    kind: Kind,
    size: u64,
    /// Permission bits.
    mode: u32,
    /// What tells its content from another.
    content: Content,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    Link,
    /// A socket, a pipe or a device.
    Special,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    /// Of a file that was read; of a link, of where it leads.
    Hash([u8; 32]),
    /// Of what lies in a dependency folder, or cannot be read: when it was changed, in nanoseconds since 1970.
    Time(i128),
    /// Of a folder.
    Nothing,
}

/// Something that is otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path below the folder.
    pub path: PathBuf,
    /// In what it differs.
    pub how: How,
    /// It is a folder.
    pub folder: bool,
    /// The size that it has now, in bytes; of what is gone, that it had.
    pub size: u64,
}

/// In what something differs from before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It was not there.
    Added,
    /// It is not there any more.
    Removed,
    /// It holds something else, or is something else.
    Content,
    /// Only its permissions differ.
    Mode,
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            How::Added => "is new",
            How::Removed => "is gone",
            How::Content => "was changed",
            How::Mode => "has other permissions",
        })
    }
}

impl Change {
    /// Whether it is what a language writes beside its sources to start quicker (`__pycache__`), and not what the app
    /// wrote.
    pub fn is_bytecode(&self) -> bool {
        self.path
            .components()
            .any(|part| part.as_os_str() == "__pycache__")
    }
}

impl Snapshot {
    /// What is in the folder now. Files are told apart by their content; those in dependency folders, and what is beyond
    /// 2 GiB, by size and time. Links are not followed.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read or holds more than 1,000,000 files.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let mut snapshot = Snapshot::default();
        let mut room = MAX_BYTES;
        let mut folders = vec![(folder.to_owned(), false)];
        while let Some((inside, dependencies)) = folders.pop() {
            let list = match fs::read_dir(&inside) {
                Ok(list) => list,
                // A run may be at work here: what goes away meanwhile is not there.
                Err(error) if inside != folder && error.kind() == io::ErrorKind::NotFound => {
                    continue;
                }
                Err(error) => return Err(error),
            };
            for entry in list {
                let path = entry?.path();
                let Ok(about) = fs::symlink_metadata(&path) else {
                    continue;
                };
                if about.is_dir() {
                    let dependencies = dependencies || holds_dependencies(&path);
                    folders.push((path.clone(), dependencies));
                }
                let below = path.strip_prefix(folder).unwrap_or(&path).to_owned();
                let entry = Entry::of(&path, &about, dependencies, &mut room);
                snapshot.entries.insert(below, entry);
                if snapshot.entries.len() > MAX_FILES {
                    return Err(io::Error::other(format!(
                        "it holds more than {MAX_FILES} files"
                    )));
                }
            }
        }
        Ok(snapshot)
    }

    /// What is otherwise in a later one, in the order of paths.
    pub fn changes(&self, later: &Snapshot) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut say = |path: &Path, entry: &Entry, how| {
            changes.push(Change {
                path: path.to_owned(),
                how,
                folder: entry.kind == Kind::Folder,
                size: entry.size,
            });
        };
        for (path, before) in &self.entries {
            match later.entries.get(path) {
                None => say(path, before, How::Removed),
                Some(now) if now.differs(before) => say(path, now, How::Content),
                Some(now) if now.mode != before.mode => say(path, now, How::Mode),
                Some(_) => {}
            }
        }
        for (path, now) in &later.entries {
            if !self.entries.contains_key(path) {
                say(path, now, How::Added);
            }
        }
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        changes
    }

    /// One digest of all of it, as hexadecimal digits of SHA-256: of paths, kinds, whether a file may be executed, and
    /// content; of files in dependency folders, of their size. Bytecode beside sources is left out. Copies of one build
    /// have the same.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        for (path, entry) in &self.entries {
            let bytecode = path
                .components()
                .any(|part| part.as_os_str() == "__pycache__");
            if bytecode || matches!(entry.kind, Kind::Special) {
                continue;
            }
            hasher.update(path.as_os_str().as_encoded_bytes());
            let kind = match entry.kind {
                Kind::File if entry.mode & 0o100 != 0 => b'x',
                Kind::File => b'f',
                Kind::Folder => b'd',
                Kind::Link | Kind::Special => b'l',
            };
            hasher.update([0, kind]);
            match &entry.content {
                Content::Hash(hash) => hasher.update(hash),
                Content::Time(_) => hasher.update(entry.size.to_be_bytes()),
                Content::Nothing => {}
            }
        }
        hex(&hasher.finalize())
    }

    /// How many files, folders and links there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the folder is empty.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Entry {
    fn of(path: &Path, about: &fs::Metadata, dependencies: bool, room: &mut u64) -> Self {
        let kind = match about.file_type() {
            kind if kind.is_dir() => Kind::Folder,
            kind if kind.is_symlink() => Kind::Link,
            kind if kind.is_file() => Kind::File,
            _ => Kind::Special,
        };
        let time = i128::from(about.mtime()) * 1_000_000_000 + i128::from(about.mtime_nsec());
        let content = match kind {
            Kind::Folder | Kind::Special => Content::Nothing,
            Kind::Link => fs::read_link(path).map_or(Content::Time(time), |target| {
                Content::Hash(Sha256::digest(target.as_os_str().as_encoded_bytes()).into())
            }),
            Kind::File if !dependencies && about.len() <= *room => {
                *room -= about.len();
                hash(path, about.len()).map_or(Content::Time(time), Content::Hash)
            }
            Kind::File => Content::Time(time),
        };
        Entry {
            kind,
            size: if kind == Kind::Folder { 0 } else { about.len() },
            mode: about.mode() & 0o7777,
            content,
        }
    }

    fn differs(&self, other: &Entry) -> bool {
        (self.kind, self.size, &self.content) != (other.kind, other.size, &other.content)
    }
}

/// The digest of a file's content, as long as it was when it was listed.
fn hash(path: &Path, size: u64) -> io::Result<[u8; 32]> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::options()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let mut file = file.take(size);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize().into()),
            Ok(count) => hasher.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn what_changed_is_told_and_nothing_else() {
        let scratch = tempfile::tempdir().expect("a folder");
        let at = |path: &str| scratch.path().join(path);
        fs::create_dir_all(at("node_modules/x")).expect("folders");
        for path in ["same", "changed", "gone", "mode", "node_modules/x/a.js"] {
            fs::write(at(path), "before").expect("a file");
        }
        symlink("same", at("link")).expect("a link");
        let before = Snapshot::of(scratch.path()).expect("a snapshot");
        assert_eq!(before.changes(&before), []);

        // The same size, and perhaps the same time: only the content tells.
        fs::write(at("changed"), "behind").expect("a file");
        fs::remove_file(at("gone")).expect("it is there");
        fs::set_permissions(at("mode"), fs::Permissions::from_mode(0o600)).expect("ours");
        fs::remove_file(at("link")).expect("it is there");
        symlink("changed", at("link")).expect("a link");
        fs::create_dir_all(at("__pycache__")).expect("a folder");
        fs::write(at("__pycache__/a.pyc"), "x").expect("a file");
        fs::write(at("node_modules/x/b.js"), "xx").expect("a file");
        let later = Snapshot::of(scratch.path()).expect("a snapshot");
        let changes = before.changes(&later);
        let told: Vec<(String, How)> = changes
            .iter()
            .filter(|change| !change.is_bytecode())
            .map(|change| (change.path.display().to_string(), change.how))
            .collect();
        assert_eq!(
            told,
            [
                ("changed".to_owned(), How::Content),
                ("gone".to_owned(), How::Removed),
                ("link".to_owned(), How::Content),
                ("mode".to_owned(), How::Mode),
                ("node_modules/x/b.js".to_owned(), How::Added),
            ]
        );
        assert_ne!(before.digest(), later.digest());
    }
}

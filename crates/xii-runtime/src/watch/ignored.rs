//! Files that nobody means when a file changes.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{DirEntry, WalkBuilder};

/// Folders that are watched at most: each costs the system a watch (`inotify(7)`).
const MOST_FOLDERS: usize = 8192;
/// Folders below this depth hold nothing that is edited by hand.
const DEEPEST: usize = 32;
/// Folders of tools, whether git ignores them or not.
const TOOLS: [&str; 6] = [
    ".git",
    ".hg",
    "node_modules",
    ".venv",
    "__pycache__",
    "target",
];

/// What is left out: what git ignores, what tools write, what editors leave beside a file.
#[derive(Debug)]
pub(super) struct Ignored {
    root: PathBuf,
    git: Gitignore,
    /// Device and inode of what this process itself writes to: `xii up > out` must not mind `out`.
    own: Vec<(u64, u64)>,
}

impl Ignored {
    /// Reads every `.gitignore` of the folder, and lists the folders to be watched.
    pub(super) fn of(root: &Path) -> (Self, Vec<PathBuf>) {
        let mut folders = vec![root.to_owned()];
        let mut git = GitignoreBuilder::new(root);
        // A missing or half-broken file: what can be read of it counts.
        let _ = git.add(root.join(".gitignore"));
        for entry in walk(root) {
            if entry.file_name() == ".gitignore" {
                let _ = git.add(entry.path());
            } else if entry.depth() > 0 && entry.file_type().is_some_and(|kind| kind.is_dir()) {
                folders.push(entry.into_path());
            }
            if folders.len() >= MOST_FOLDERS {
                break;
            }
        }
        let ignored = Ignored {
            root: root.to_owned(),
            git: git.build().unwrap_or_else(|_| Gitignore::empty()),
            own: own_output(),
        };
        (ignored, folders)
    }

    /// The path relative to the app's folder, unless it is left out.
    pub(super) fn relevant<'a>(&self, path: &'a Path) -> Option<&'a Path> {
        let inner = path.strip_prefix(&self.root).ok()?;
        let name = inner.file_name()?.to_str()?;
        let scratch = name.ends_with('~')
            || name.ends_with(".swp")
            || name.ends_with(".swx")
            || name.starts_with(".#")
            || name.starts_with("#")
            || name == "4913";
        let tool = inner
            .components()
            .any(|part| TOOLS.iter().any(|tool| part.as_os_str() == *tool));
        let git = self
            .git
            .matched_path_or_any_parents(inner, path.is_dir())
            .is_ignore();
        (!scratch && !tool && !git && !self.is_own(path)).then_some(inner)
    }

    fn is_own(&self, path: &Path) -> bool {
        !self.own.is_empty()
            && std::fs::metadata(path)
                .is_ok_and(|about| self.own.contains(&(about.dev(), about.ino())))
    }
}

/// The files that standard output and standard error are, if they are files.
fn own_output() -> Vec<(u64, u64)> {
    let streams = [rustix::stdio::stdout(), rustix::stdio::stderr()];
    let files = streams.into_iter().filter_map(|stream| {
        let about = rustix::fs::fstat(stream).ok()?;
        let kind = rustix::fs::FileType::from_raw_mode(about.st_mode);
        kind.is_file().then_some((about.st_dev, about.st_ino))
    });
    files.collect()
}

/// What is in a folder, but for what tools write and git ignores.
pub(super) fn walk(root: &Path) -> impl Iterator<Item = DirEntry> {
    WalkBuilder::new(root)
        .hidden(false)
        .require_git(false)
        .max_depth(Some(DEEPEST))
        .filter_entry(|entry| !TOOLS.iter().any(|tool| entry.file_name() == *tool))
        .build()
        .filter_map(Result::ok)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_git_tools_and_editors_make_is_left_out() {
        let scratch = tempfile::tempdir().expect("a folder");
        let root = scratch.path();
        for folder in ["src/deep", "node_modules/x", "log", "web/dist"] {
            fs::create_dir_all(root.join(folder)).expect("a folder");
        }
        fs::write(root.join(".gitignore"), "log/\n*.db\n").expect("a file");
        fs::write(root.join("web/.gitignore"), "dist\n").expect("a file");
        let (ignored, folders) = Ignored::of(root);
        let mut inner: Vec<_> = folders
            .iter()
            .filter_map(|folder| folder.strip_prefix(root).ok()?.to_str())
            .collect();
        inner.sort_unstable();
        assert_eq!(inner, ["", "src", "src/deep", "web"]);
        let relevant = |path: &str| ignored.relevant(&root.join(path)).is_some();
        for path in ["src/a.js", "web/app.ts", "Procfile", ".env"] {
            assert!(relevant(path), "{path}");
        }
        for path in [
            "log/a.log",
            "data.db",
            "web/dist/app.js",
            "node_modules/x/index.js",
            "src/.a.js.swp",
            "src/a.js~",
            ".git/index",
        ] {
            assert!(!relevant(path), "{path}");
        }
    }
}

//! The git work tree around the audited folder: read in process and in isolation from the
//! machine's settings. Nothing that the repository configures (filters, hooks, monitors) is run.

use std::collections::BTreeMap;
use std::path::Path;

use gix::bstr::ByteSlice;
use gix::index::entry::Mode;
use xii_model::Git;

/// Files whose time changed but not their size are hashed, so many at most.
const MAX_HASHED: usize = 2_000;

/// What git says of the audited folder.
#[derive(Debug, Default)]
pub(crate) struct WorkTree {
    /// The facts.
    pub(crate) git: Git,
    /// Tracked files below the audited folder: path below it, and what the index says of each.
    pub(crate) tracked: BTreeMap<String, Staged>,
}

/// A tracked file as the index has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Staged {
    /// Size in bytes when it was staged, cut to 32 bits as the index does.
    size: u32,
    /// When it was changed, in seconds since 1970.
    seconds: u32,
    id: gix::ObjectId,
    /// A regular file, not a link or a submodule.
    regular: bool,
}

/// Reads the work tree around a folder. `None` when there is none or it cannot be read.
pub(crate) fn read(root: &Path) -> Option<WorkTree> {
    let root = root.canonicalize().ok()?;
    let (found, _trust) = gix::discover::upwards(&root).ok()?;
    let (git_dir, _) = found.into_repository_and_work_tree_directories();
    let repository = gix::open::Options::isolated()
        .open(git_dir)
        .ok()?
        .to_thread_local();
    let work_dir = repository.workdir()?.canonicalize().ok()?;
    let prefix = root.strip_prefix(&work_dir).ok()?;
    let prefix = match crate::walk::below(Path::new(""), prefix) {
        prefix if prefix.is_empty() => prefix,
        prefix => format!("{prefix}/"),
    };

    let mut tracked = BTreeMap::new();
    if let Ok(index) = repository.index_or_empty() {
        for entry in index.entries() {
            let path = entry.path(&index).to_str_lossy();
            if let Some(path) = path.strip_prefix(prefix.as_str()) {
                let staged = Staged {
                    size: entry.stat.size,
                    seconds: entry.stat.mtime.secs,
                    id: entry.id,
                    regular: matches!(entry.mode, Mode::FILE | Mode::FILE_EXECUTABLE),
                };
                tracked.insert(path.to_owned(), staged);
            }
        }
    }
    let commit = repository.head_commit().ok();
    let git = Git {
        branch: repository
            .head_name()
            .ok()
            .flatten()
            .map(|name| name.shorten().to_string()),
        commit_time: commit
            .as_ref()
            .and_then(|commit| Some(commit.time().ok()?.seconds)),
        commit: commit.map(|commit| commit.id.to_string()),
        dirty: is_dirty(&root, &tracked),
        tracked_files: tracked.len(),
        untracked_sources: Vec::new(),
        branches: branches(&repository),
    };
    Some(WorkTree { git, tracked })
}

/// Local branches and remote ones without the remote's name, each once.
fn branches(repository: &gix::Repository) -> Vec<String> {
    let mut names = Vec::new();
    if let Ok(references) = repository.references() {
        for reference in references.all().into_iter().flatten().flatten() {
            let name = reference.name().as_bstr().to_str_lossy().into_owned();
            let local = name.strip_prefix("refs/heads/");
            let remote = || {
                name.strip_prefix("refs/remotes/")
                    .and_then(|rest| Some(rest.split_once('/')?.1))
            };
            if let Some(branch) = local.or_else(remote)
                && branch != "HEAD"
            {
                names.push(branch.to_owned());
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

/// Whether a tracked file differs from what was staged: gone, of another size, or of another
/// content where its time changed.
fn is_dirty(root: &Path, tracked: &BTreeMap<String, Staged>) -> bool {
    let mut hashed = 0;
    tracked
        .iter()
        .filter(|(_, staged)| staged.regular)
        .any(|(path, staged)| {
            let full = root.join(path);
            let Ok(metadata) = std::fs::symlink_metadata(&full) else {
                return true;
            };
            // The index keeps the low 32 bits of the size.
            if metadata.len() as u32 != staged.size && staged.size != 0 {
                return true;
            }
            if seconds(&metadata) == Some(staged.seconds) || hashed >= MAX_HASHED {
                return false;
            }
            hashed += 1;
            differs(&full, staged.id)
        })
}

fn seconds(metadata: &std::fs::Metadata) -> Option<u32> {
    let since = metadata
        .modified()
        .ok()?
        .duration_since(std::time::UNIX_EPOCH)
        .ok()?;
    Some(since.as_secs() as u32)
}

/// Whether a file's content is another than the object's. Line endings may have been converted.
fn differs(path: &Path, id: gix::ObjectId) -> bool {
    let Ok(bytes) = std::fs::read(path) else {
        return true;
    };
    let is = |bytes: &[u8]| {
        gix::objs::compute_hash(id.kind(), gix::objs::Kind::Blob, bytes)
            .is_ok_and(|hash| hash == id)
    };
    !is(&bytes) && !is(&bytes.replace("\r\n", "\n"))
}

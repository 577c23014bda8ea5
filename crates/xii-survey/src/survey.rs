//! From a folder to apps: walk, read, put together.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rayon::prelude::*;
use xii_model::{
    Allowance, CommittedDependencies, DependencyGroup, Ecosystem, Evidence, Fact, Facts, FileClass,
    FileEntry, Notice, Scope, Survey, Tally,
};

use crate::languages::{self, Given};
use crate::read::{self, Text};
use crate::source::Source;
use crate::walk::{Walked, walk};
use crate::{
    Options, SurveyError, allow, apps, classify, copies, git, mounts, readers, references, secrets,
};

/// Lock files may be this large, in bytes.
const MAX_LOCK_SIZE: u64 = 32 << 20;

/// Reads the folder and says what is in it.
///
/// # Errors
///
/// When the folder itself cannot be read. What cannot be read below it becomes a notice.
pub fn survey(root: &Path, options: &Options) -> Result<Survey, SurveyError> {
    check_root(root)?;
    let (walked, mut notices) = walk(root, options);
    let work_tree = git::read(root);
    let tracked = |path: &str| {
        work_tree
            .as_ref()
            .map(|tree| tree.tracked.contains_key(path))
    };

    let mut files: Vec<Opened> = walked
        .into_iter()
        .map(|file| Opened {
            class: classify::by_path(&file.path),
            tracked: tracked(&file.path),
            path: file.path.as_str().into(),
            file,
        })
        .collect();
    // What was walked is one thing, what is committed another: a file that git tracks although
    // `.gitignore` names it is part of the code base.
    if let Some(tree) = &work_tree {
        files.extend(tracked_but_ignored(root, tree, &files));
        files.sort_by(|a, b| a.path.cmp(&b.path));
    }

    // Manifests first: they say which imports are known, and so which sources need not be parsed.
    let (declaring, sources): (Vec<&Opened>, Vec<&Opened>) = files
        .iter()
        .partition(|file| readers::recognises(&file.path));
    let nothing = HashSet::new();
    let mut read: Vec<FileRead> = declaring
        .par_iter()
        .map(|file| file.read(options, &nothing))
        .collect();
    let known = known_packages(&read, &files);
    read.par_extend(sources.par_iter().map(|file| file.read(options, &known)));
    read.sort_by(|a, b| a.path.cmp(&b.path));

    let mut facts = Facts::default();
    let mut exports = Vec::new();
    let mut routing = Vec::new();
    let mut allowances = Vec::new();
    let mut tally = Tally {
        files: files.len(),
        ..Tally::default()
    };
    for mut file in read {
        tally.read += usize::from(file.was_read);
        tally.parsed += usize::from(file.given.is_some());
        notices.append(&mut file.notices);
        allowances.append(&mut file.allowances);
        if let Some(found) = file.given {
            exports.push((Arc::clone(&file.path), found.exports));
            routing.push((Arc::clone(&file.path), found.routing));
        }
        facts.append(file.facts);
    }
    secrets::deduplicate(&mut facts);
    readers::inherit(&mut facts);
    references::resolve(&mut facts, &exports);
    mounts::resolve(&mut facts, &exports);
    languages::compose_routes(&mut facts, &routing, &exports);
    notices.extend(facts.unread.drain(..).map(|unread| Notice {
        path: unread.at.path.to_string(),
        line: (!unread.at.is_whole_file()).then_some(unread.at.start.line),
        message: unread.what.why,
    }));
    notices.sort();
    notices.dedup();

    let mut git = work_tree.as_ref().map(|tree| tree.git.clone());
    if let (Some(git), Some(tree)) = (&mut git, &work_tree) {
        facts.committed_dependencies = committed_dependencies(tree);
        git.untracked_sources = files
            .iter()
            .filter(|file| {
                file.tracked == Some(false)
                    && file.class == FileClass::Source
                    && languages::of(&file.path).is_some()
            })
            .map(|file| file.path.to_string())
            .collect();
    }
    let entries: Vec<FileEntry> = files
        .iter()
        .map(|file| FileEntry {
            path: Arc::clone(&file.path),
            size: file.file.size,
            class: file.class,
            tracked: file.tracked,
        })
        .collect();
    let mut apps = apps::divide(root, facts, &entries, git.as_ref());
    copies::find(root, &mut apps, options);
    Ok(Survey {
        apps,
        notices,
        allowances,
        tally,
    })
}

/// A path that is no readable folder is the caller's mistake, not a finding.
fn check_root(root: &Path) -> Result<(), SurveyError> {
    let path = || root.display().to_string();
    let metadata = std::fs::metadata(root).map_err(|error| SurveyError::Unreadable {
        path: path(),
        why: error.kind().to_string(),
    })?;
    if !metadata.is_dir() {
        return Err(SurveyError::NotAFolder { path: path() });
    }
    std::fs::read_dir(root)
        .map(drop)
        .map_err(|error| SurveyError::Unreadable {
            path: path(),
            why: error.kind().to_string(),
        })
}

/// A file that will be read.
struct Opened {
    path: Arc<str>,
    class: FileClass,
    tracked: Option<bool>,
    file: Walked,
}

/// What came of a file.
struct FileRead {
    path: Arc<str>,
    facts: Facts,
    /// `Some` when its syntax was parsed.
    given: Option<Given>,
    allowances: Vec<Allowance>,
    notices: Vec<Notice>,
    was_read: bool,
}

impl Opened {
    /// Reads the file's text once and makes all of its facts.
    fn read(&self, options: &Options, known: &HashSet<String>) -> FileRead {
        let mut read = FileRead {
            path: Arc::clone(&self.path),
            facts: Facts::default(),
            given: None,
            allowances: Vec::new(),
            notices: Vec::new(),
            was_read: false,
        };
        let recognised = readers::recognises(&self.path);
        let is_source = languages::of(&self.path).is_some();
        let unread_class = matches!(
            self.class,
            FileClass::Generated | FileClass::Vendored | FileClass::Documentation
        );
        if !recognised && (unread_class || !(is_source || secrets::looks_at(&self.path))) {
            return read;
        }
        let bound = if self.class == FileClass::Generated {
            MAX_LOCK_SIZE
        } else {
            options.max_file_size
        };
        let text = match read::text(&self.file.full, bound) {
            Ok(Text::Whole(text)) => text,
            Ok(Text::Binary) => return read,
            Ok(Text::TooLarge) => {
                if recognised || is_source {
                    read.notices.push(self.notice(format!(
                        "larger than {} MB, so it was not read",
                        bound >> 20
                    )));
                }
                return read;
            }
            // A file that vanished since the walk is none of the report's business.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return read,
            Err(error) => {
                read.notices
                    .push(self.notice(format!("cannot read it: {}", error.kind())));
                return read;
            }
        };
        read.was_read = true;
        options.read.fetch_add(1, Ordering::Relaxed);
        let class = classify::by_text(self.class, &text);
        let source = Source::new(&self.path, &text, class, self.tracked);
        read.given = facts_of_source(&source, known, &mut read.facts);
        read.allowances = allow::read(&self.path, &text);
        read
    }

    fn notice(&self, message: String) -> Notice {
        Notice {
            path: self.path.to_string(),
            line: None,
            message,
        }
    }
}

/// Makes the facts of one text: what gives secrets away first, since that is masked in what follows.
fn facts_of_source(
    source: &Source<'_>,
    known: &HashSet<String>,
    facts: &mut Facts,
) -> Option<Given> {
    secrets::read(source, facts);
    if readers::recognises(source.path) {
        readers::read(source, facts);
    }
    if matches!(source.class, FileClass::Generated | FileClass::Vendored) {
        return None;
    }
    languages::read(source, known, facts)
}

/// The facts of one file alone, by its path and its text: what an editor or a fuzzer asks for. Values
/// that lead into other files stay references.
pub fn facts_of(path: &str, text: &str) -> Facts {
    let path: Arc<str> = path.into();
    let class = classify::by_text(classify::by_path(&path), text);
    let mut facts = Facts::default();
    let given = facts_of_source(
        &Source::new(&path, text, class, None),
        &HashSet::new(),
        &mut facts,
    );
    if let Some(Given { exports, routing }) = given {
        let exports = [(Arc::clone(&path), exports)];
        languages::compose_routes(&mut facts, &[(path, routing)], &exports);
    }
    secrets::deduplicate(&mut facts);
    facts
}

/// Tracked files that the walk passed over because `.gitignore` names them. What lies in folders of
/// installed dependencies is counted, not read.
fn tracked_but_ignored(root: &Path, tree: &git::WorkTree, files: &[Opened]) -> Vec<Opened> {
    let walked: HashSet<&str> = files.iter().map(|file| &*file.path).collect();
    tree.tracked
        .keys()
        .filter(|path| !walked.contains(path.as_str()) && installed_folder(path).is_none())
        .filter_map(|path| {
            let full = root.join(path);
            let metadata = std::fs::symlink_metadata(&full).ok()?;
            // Below a link there is somebody else's folder.
            let inside = full
                .parent()?
                .canonicalize()
                .ok()?
                .starts_with(root.canonicalize().ok()?);
            (metadata.is_file() && inside).then(|| Opened {
                path: path.as_str().into(),
                class: classify::by_path(path),
                tracked: Some(true),
                file: Walked {
                    path: path.clone(),
                    full,
                    size: metadata.len(),
                },
            })
        })
        .collect()
}

/// How deep below the audited folder an alias such as `@shared` may point.
const ALIAS_DEPTH: usize = 3;

/// Packages that the app declares for run time, packages of the repository itself, and scopes that
/// are aliases of a folder (`@shared` where there is a folder `shared`): an import of one of them
/// needs no second look.
fn known_packages(read: &[FileRead], files: &[Opened]) -> HashSet<String> {
    let dependencies = read.iter().flat_map(|file| &file.facts.dependencies);
    let declared = dependencies
        .filter(|dependency| dependency.group == DependencyGroup::Run)
        .map(|dependency| dependency.name.clone());
    let own = read
        .iter()
        .flat_map(|file| &file.facts.manifests)
        // No source that is read imports a crate.
        .filter(|manifest| manifest.ecosystem != Ecosystem::Cargo)
        .filter_map(|manifest| manifest.name.clone());
    let folders: HashSet<&str> = files
        .iter()
        .filter_map(|file| file.path.rsplit_once('/'))
        .flat_map(|(folder, _)| folder.split('/').take(ALIAS_DEPTH))
        .collect();
    let aliases = folders.into_iter().map(|folder| format!("@{folder}"));
    declared.chain(own).chain(aliases).collect()
}

/// The folder of installed dependencies that a path lies in.
fn installed_folder(path: &str) -> Option<&str> {
    const FOLDERS: [&str; 6] = [
        "node_modules/",
        "bower_components/",
        "site-packages/",
        "vendor/bundle/",
        ".venv/",
        "__pypackages__/",
    ];
    FOLDERS.iter().find_map(|folder| {
        let at = path.find(folder)?;
        let starts = at == 0 || path.as_bytes().get(at - 1) == Some(&b'/');
        starts.then(|| path.get(..at + folder.len() - 1)).flatten()
    })
}

/// Folders of installed dependencies that git tracks.
fn committed_dependencies(tree: &git::WorkTree) -> Vec<Fact<CommittedDependencies>> {
    let mut folders: std::collections::BTreeMap<&str, (usize, &str)> =
        std::collections::BTreeMap::new();
    for path in tree.tracked.keys() {
        if let Some(folder) = installed_folder(path) {
            folders.entry(folder).or_insert((0, path)).0 += 1;
        }
    }
    folders
        .into_iter()
        .map(|(folder, (files, first))| Fact {
            at: Evidence::file(first),
            scope: Scope::default(),
            belongs: None,
            what: CommittedDependencies {
                folder: folder.to_owned(),
                files,
            },
        })
        .collect()
}

//! Files that two apps of one repository both have: code that is copied where it should be a
//! declared dependency.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

use xii_model::{App, CopiedFile, Evidence, Fact, FileClass, Scope};

use crate::read::{Text, text};
use crate::{Options, languages};

/// Shorter files are alike by chance.
const MIN_LINES: usize = 30;
/// Files this alike are copies, in percent of the lines of the smaller one.
const ALIKE: usize = 90;
/// No more files than this are compared.
const MAX_FILES: usize = 4_000;

/// Adds to each app what it shares with another by copying.
pub(crate) fn find(root: &Path, apps: &mut [App], options: &Options) {
    if apps.len() < 2 {
        return;
    }
    // Copies keep their name: only files of one name are compared.
    let mut by_name: BTreeMap<String, Vec<(usize, Arc<str>)>> = BTreeMap::new();
    for (number, app) in apps.iter().enumerate() {
        let own = app.files.iter().filter(|file| {
            file.class == FileClass::Source
                && languages::of(&file.path).is_some()
                && (app.root == "." || file.path.starts_with(&format!("{}/", app.root)))
        });
        for file in own {
            let name = file
                .path
                .rsplit('/')
                .next()
                .unwrap_or(&file.path)
                .to_owned();
            by_name
                .entry(name)
                .or_default()
                .push((number, Arc::clone(&file.path)));
        }
    }
    let mut looked_at = 0;
    for files in by_name.into_values() {
        let owners: HashSet<usize> = files.iter().map(|(app, _)| *app).collect();
        if owners.len() < 2 || looked_at + files.len() > MAX_FILES {
            continue;
        }
        looked_at += files.len();
        let lines: Vec<_> = files
            .iter()
            .filter_map(|(app, path)| Some((*app, path, lines_of(&root.join(&**path), options)?)))
            .collect();
        for (number, (app, path, own)) in lines.iter().enumerate() {
            let copy = lines
                .iter()
                .skip(number + 1)
                .find(|(other, _, theirs)| other != app && alike(own, theirs) >= ALIKE);
            if let Some((other_app, other, theirs)) = copy {
                let lines = own.len().min(theirs.len());
                let percent = u8::try_from(alike(own, theirs)).unwrap_or(100);
                for (app, path, other) in [(*app, *path, *other), (*other_app, *other, *path)] {
                    apps[app].facts.copied_files.push(Fact {
                        at: Evidence::file(Arc::clone(path)),
                        scope: Scope::default(),
                        belongs: None,
                        what: CopiedFile {
                            other: Arc::clone(other),
                            percent,
                            lines,
                        },
                    });
                }
            }
        }
    }
}

/// The hashes of a file's lines that say something.
fn lines_of(path: &Path, options: &Options) -> Option<HashSet<u64>> {
    let Ok(Text::Whole(text)) = text(path, options.max_file_size) else {
        return None;
    };
    let lines: HashSet<u64> = text
        .lines()
        .map(str::trim)
        .filter(|line| line.len() > 3)
        .map(|line| {
            let mut hasher = DefaultHasher::new();
            line.hash(&mut hasher);
            hasher.finish()
        })
        .collect();
    (lines.len() >= MIN_LINES).then_some(lines)
}

/// How alike two files are, in percent of the lines of the smaller one; 0 when their sizes differ much.
fn alike(a: &HashSet<u64>, b: &HashSet<u64>) -> usize {
    let (small, large) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if large.len() > small.len() * 2 {
        return 0;
    }
    small.intersection(large).count() * 100 / small.len().max(1)
}

//! Finds code that is kept once for each environment.
//!
//! ## What it looks for
//!
//! A program file or a source folder beside another of the same name that differs only by the name
//! of an environment, such as `server.js` and `server-prod.js`, or `src/` and `src-staging/`.
//! Config modules, such as `settings_staging.py`, are the business of factor III.
//!
//! ## Why it matters
//!
//! With a copy for each environment the code that was tested is not the code that serves. The
//! copies drift apart, and each correction has to be made as often as there are copies.
//!
//! ## What to do instead
//!
//! Keep one program, and let what differs be variables that each deploy sets:
//!
//! ```js
//! const secure = process.env.COOKIE_SECURE !== "false";
//! ```
//! ```python
//! cookie_secure = os.environ.get("COOKIE_SECURE", "true") == "true"
//! ```

use std::collections::BTreeMap;

use xii_model::{App, Confidence, Evidence, FileClass, FileEntry, Severity};

use crate::deploy_names::{Deploy, file_name, folder, without_deploy};
use crate::wording::{count, list};
use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "copy-per-environment",
    criteria: &["I.3"],
    severity: Severity::Warning,
    check,
};

/// Findings for one app at most.
const MOST: usize = 10;
/// Endings of programs.
const PROGRAMS: [&str; 19] = [
    "js", "cjs", "mjs", "jsx", "ts", "tsx", "py", "rb", "go", "java", "kt", "php", "rs", "cs",
    "ex", "scala", "groovy", "pl", "vue",
];
/// Words of settings and tools: what differs there is config, or never runs in a deploy.
const OTHER_BUSINESS: [&str; 20] = [
    "config",
    "conf",
    "cfg",
    "settings",
    "setting",
    "environment",
    "env",
    "webpack",
    "vite",
    "rollup",
    "babel",
    "jest",
    "karma",
    "eslint",
    "gulp",
    "grunt",
    "logger",
    "logging",
    "polyfill",
    "requirements",
];

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut reported = 0;
    for Copies {
        base,
        exists,
        places,
    } in copied_folders(app).into_iter().chain(copied_files(app))
    {
        let Some((first, others)) = places.split_first() else {
            continue;
        };
        reported += 1;
        if reported > MOST {
            break;
        }
        let message = if exists {
            format!(
                "{} is a copy of {base} for {}: each environment runs other code, so what was tested is not what serves",
                first.path,
                word(first.deploy)
            )
        } else {
            let paths: Vec<&str> = places.iter().map(|place| place.path).collect();
            format!(
                "{} are one program, kept once for each environment: what was tested is not what serves",
                list(&paths, 4)
            )
        };
        let draft = claims.finding(&Evidence::file(first.file), message);
        draft
            .confidence(Confidence::Medium)
            .subject(base)
            .help("keep one program and let the difference be variables that each deploy sets");
        for other in others {
            draft.related(&Evidence::file(other.file), "another copy");
        }
    }
    let sources = app.files.iter().filter(|file| is_program(file)).count();
    if reported == 0 && sources > 0 && app.git.is_some() {
        claims.holds_throughout(
            "I.3",
            format!(
                "no program is kept once for each environment ({})",
                count(sources, "source file")
            ),
        );
    }
}

fn word(deploy: Deploy) -> &'static str {
    match deploy {
        Deploy::Development => "development",
        Deploy::Test => "tests",
        Deploy::Staging => "staging",
        Deploy::Production => "production",
    }
}

fn is_program(file: &FileEntry) -> bool {
    file.class == FileClass::Source
        && file
            .path
            .rsplit_once('.')
            .is_some_and(|(_, end)| PROGRAMS.contains(&end))
}

fn is_other_business(path: &str) -> bool {
    path.split(['/', '.', '-', '_'])
        .map(str::to_ascii_lowercase)
        .any(|word| {
            OTHER_BUSINESS.contains(&word.as_str())
                || word.ends_with("config")
                || word.ends_with("store")
        })
}

/// A program or folder that is kept once for each environment.
struct Copies<'a> {
    /// The name without an environment's.
    base: String,
    /// Whether there is one of that name, too.
    exists: bool,
    /// The copies.
    places: Vec<Copy<'a>>,
}

/// One copy.
struct Copy<'a> {
    /// The file or folder.
    path: &'a str,
    /// The file, or the first one in the folder.
    file: &'a str,
    deploy: Deploy,
}

/// Files beside their own copies. One file alone that names an environment is no copy.
fn copied_files(app: &App) -> Vec<Copies<'_>> {
    let mut groups: BTreeMap<String, Vec<(&FileEntry, Deploy)>> = BTreeMap::new();
    for file in app
        .files
        .iter()
        .filter(|file| is_program(file) && !is_other_business(&file.path))
    {
        if let Some((base, deploy)) = without_deploy(file_name(&file.path))
            && deploy >= Deploy::Staging
        {
            let base = match folder(&file.path) {
                "" => base,
                folder => format!("{folder}/{base}"),
            };
            groups.entry(base).or_default().push((file, deploy));
        }
    }
    groups
        .into_iter()
        .filter_map(|(base, copies)| {
            let original = app
                .files
                .iter()
                .find(|file| *file.path == base && is_program(file));
            let size = original.or(copies.get(1).map(|(file, _)| *file))?.size;
            // A copy is about as long; a file of another length is something else.
            let copies: Vec<_> = copies
                .into_iter()
                .filter(|(file, _)| file.size <= size * 2 && file.size * 2 >= size)
                .map(|(file, deploy)| Copy {
                    path: &file.path,
                    file: &file.path,
                    deploy,
                })
                .collect();
            (!copies.is_empty()).then_some(Copies {
                base,
                exists: original.is_some(),
                places: copies,
            })
        })
        .collect()
}

/// Source folders beside their own copies: at least two files of the same name in both.
fn copied_folders(app: &App) -> Vec<Copies<'_>> {
    let mut by_folder: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in app.files.iter().filter(|file| is_program(file)) {
        for (at, _) in file.path.match_indices('/') {
            if let (Some(above), Some(below)) = (file.path.get(..at), file.path.get(at + 1..)) {
                by_folder.entry(above).or_default().push(below);
            }
        }
    }
    by_folder
        .iter()
        .filter(|(path, _)| !is_other_business(path))
        .filter_map(|(path, files)| {
            let (base, deploy) = without_deploy(file_name(path))?;
            let base = match folder(path) {
                "" => base,
                folder => format!("{folder}/{base}"),
            };
            let originals = by_folder.get(base.as_str())?;
            let same = files.iter().filter(|file| originals.contains(file)).count();
            (deploy >= Deploy::Staging && same >= 2 && same * 2 >= files.len()).then(|| {
                let inside = app.files.iter().find(|file| {
                    is_program(file)
                        && file
                            .path
                            .strip_prefix(*path)
                            .is_some_and(|rest| rest.starts_with('/'))
                });
                Copies {
                    base,
                    exists: true,
                    places: vec![Copy {
                        path,
                        file: inside.map_or(*path, |file| &file.path),
                        deploy,
                    }],
                }
            })
        })
        .collect()
}

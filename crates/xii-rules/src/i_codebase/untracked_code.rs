//! Finds code that no revision control keeps.
//!
//! ## What it looks for
//!
//! An app outside every git work tree, a repository without a commit, and source files that git
//! neither tracks nor ignores.
//!
//! ## Why it matters
//!
//! A deploy is a commit plus config. Code that is in no commit cannot be deployed again, compared
//! with what runs, or rolled back to; a file that was never added works on one machine and is
//! missing everywhere else.
//!
//! ## What to do instead
//!
//! Put the whole app under git, and let `.gitignore` name only what a build makes again:
//!
//! ```sh
//! git init
//! printf 'node_modules/\ndist/\n.env\n' > .gitignore
//! git add --all && git commit -m "First version"
//! ```
//!
//! ## When it is fine
//!
//! An unpacked release archive has no history. Audit the repository it was made from.

use xii_model::{App, Confidence, Evidence, FileClass, Severity};

use crate::{Claims, Rule, manifests};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "untracked-code",
    criteria: &["I.1"],
    severity: Severity::Error,
    check,
};

/// How many files a message names.
const NAMED: usize = 3;

fn check(app: &App, claims: &mut Claims<'_>) {
    let Some(git) = &app.git else {
        if let Some(place) = first_place(app) {
            claims
                .finding(
                    &place,
                    "this app is in no git work tree, so no deploy can be traced to a commit, built again or rolled back",
                )
                // What was given may be an export of a work tree, as in the stage of a build.
                .severity(Severity::Warning)
                .confidence(Confidence::Medium)
                .help("put it under revision control:\n    git init && git add --all && git commit");
        }
        return;
    };
    if git.commit.is_none() {
        if let Some(place) = first_place(app) {
            claims
                .finding(
                    &place,
                    "the repository has no commit yet, so nothing of this app is kept",
                )
                .confidence(Confidence::High)
                .help("git add --all && git commit");
        }
        return;
    }
    let mut untracked: Vec<&str> = app
        .files
        .iter()
        .filter(|file| file.tracked == Some(false) && file.class == FileClass::Source)
        .map(|file| &*file.path)
        .filter(|path| git.untracked_sources.iter().any(|source| source == path))
        .collect();
    untracked.sort_unstable();
    if let Some(first) = untracked.first() {
        let named = untracked
            .iter()
            .take(NAMED)
            .copied()
            .collect::<Vec<_>>()
            .join(", ");
        let (verb, more) = match untracked.len() {
            1 => ("is", String::new()),
            count if count <= NAMED => ("are", String::new()),
            count => ("are", format!(" and {} more", count - NAMED)),
        };
        claims
            .finding(
                &Evidence::file(*first),
                format!(
                    "{named}{more} {verb} neither tracked by git nor ignored: a build from the commit lacks what works here"
                ),
            )
            .severity(Severity::Warning)
            .confidence(Confidence::Medium)
            .subject(named.clone())
            .help("add the files to git, or name them in .gitignore when a build makes them again");
        return;
    }
    if git.tracked_files > 0 {
        claims.holds_throughout(
            "I.1",
            format!(
                "git tracks {} files, and no source file is left out",
                git.tracked_files
            ),
        );
    }
}

/// The place that stands for the app: its manifest, else its first source file.
fn first_place(app: &App) -> Option<Evidence> {
    manifests::any(app)
        .map(|manifest| Evidence::file(manifest.at.path.clone()))
        .or_else(|| {
            app.files
                .iter()
                .find(|file| file.class == FileClass::Source)
                .or_else(|| app.files.first())
                .map(|file| Evidence::file(file.path.clone()))
        })
}

//! Finds installed dependencies that were committed.
//!
//! ## What it looks for
//!
//! Files below `node_modules`, a virtual environment, `site-packages` or `vendor/bundle` that git
//! tracks. A vendoring that the package manager itself declares is left out.
//!
//! ## Why it matters
//!
//! An installed tree holds what fitted one machine: one operating system, one processor, one version
//! of the language. It hides what the manifest misses, makes every review unreadable, and keeps known
//! faults long after the lock has moved on.
//!
//! ## What to do instead
//!
//! Take the tree out of git and let each build install from the lock:
//!
//! ```sh
//! git rm -r --cached node_modules && echo node_modules/ >> .gitignore
//! git rm -r --cached venv && echo venv/ >> .gitignore
//! ```

use xii_model::{App, Confidence, Edit, Severity};

use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "committed-dependencies",
    criteria: &["II.6"],
    severity: Severity::Warning,
    check,
};

/// Folders that installs make.
const INSTALLED: [&str; 5] = ["node_modules", "venv", ".venv", "env", "vendor/bundle"];

fn check(app: &App, claims: &mut Claims<'_>) {
    for tree in &app.facts.committed_dependencies {
        let ignored = app
            .facts
            .ignore_lists
            .iter()
            .find(|list| list.name == ".gitignore" && !list.at.path.contains('/'));
        let folder = tree.folder.trim_end_matches('/');
        let draft = claims.finding(
            &tree.at,
            format!(
                "{} files of installed dependencies are committed below {folder}: they fit one machine and stay when the lock moves on",
                tree.files
            ),
        );
        draft
            .confidence(Confidence::High)
            .subject(folder)
            .help(format!(
                "take them out of git, and let the build install them:\n    git rm -r --cached {folder}\n    echo '{folder}/' >> .gitignore"
            ))
            .unsafe_fix(
                "name the folder in .gitignore",
                vec![Edit::Append {
                    path: ignored.map_or(".gitignore".to_owned(), |list| list.at.path.to_string()),
                    text: format!("{folder}/\n"),
                }],
            );
    }
    if !app.facts.committed_dependencies.is_empty()
        || app.git.as_ref().is_none_or(|git| git.tracked_files == 0)
        || app.facts.dependencies.is_empty()
    {
        return;
    }
    let named = app.facts.ignore_lists.iter().find(|list| {
        list.name == ".gitignore"
            && list.patterns.iter().any(|pattern| {
                let bare = pattern.trim_start_matches("**/").trim_matches('/');
                INSTALLED.contains(&bare)
            })
    });
    match named {
        Some(list) => claims.holds(
            "II.6",
            "no installed dependency is committed, and .gitignore names their folder",
            &list.at,
        ),
        None => claims.holds_throughout(
            "II.6",
            "no installed dependency is among the committed files",
        ),
    }
}

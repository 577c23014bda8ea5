//! Finds source files that two apps of one repository keep as copies.
//!
//! ## What it looks for
//!
//! Source files of 20 lines and more below two app roots that are the same in nearly all lines.
//!
//! ## Why it matters
//!
//! Code that several apps share is a library, and a library is a dependency. A copy is corrected in
//! one app and stays broken in the other, and nothing tells which of the two is the newer.
//!
//! ## What to do instead
//!
//! Move the file to a package of its own and let both apps declare it:
//!
//! ```json
//! { "workspaces": ["packages/*", "apps/*"] }
//! ```
//! ```json
//! { "dependencies": { "@acme/shared": "workspace:*" } }
//! ```
//! ```toml
//! [tool.uv.sources]
//! acme-shared = { path = "../shared", editable = true }
//! ```
//!
//! ## When it is fine
//!
//! Code that a generator writes into each app, when the generator's input is shared.

use std::collections::BTreeMap;

use xii_model::{App, Confidence, CopiedFile, Fact, FileClass, Severity};

use crate::{Claims, Rule, places};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "copied-source",
    criteria: &["I.2"],
    severity: Severity::Warning,
    check,
};

/// Shorter files are alike by chance or by convention.
const MIN_LINES: usize = 20;
/// Less alike is a common origin, not a copy.
const MIN_PERCENT: u8 = 85;
/// How many further pairs a finding names.
const NAMED: usize = 8;

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut by_other: BTreeMap<&str, Vec<&Fact<CopiedFile>>> = BTreeMap::new();
    for copy in &app.facts.copied_files {
        if copy.scope.class == FileClass::Source
            && copy.lines >= MIN_LINES
            && copy.percent >= MIN_PERCENT
        {
            by_other
                .entry(other_root(app, &copy.other))
                .or_default()
                .push(copy);
        }
    }
    for (other, mut copies) in by_other.clone() {
        copies.sort_by_key(|copy| std::cmp::Reverse((copy.percent, copy.lines)));
        let Some(first) = copies.first() else {
            continue;
        };
        let more = match copies.len() - 1 {
            0 => String::new(),
            1 => ", and one more file like it".to_owned(),
            count => format!(", and {count} more files like it"),
        };
        let sure = first.percent >= 95 && first.lines >= 30 || copies.len() > 2;
        let draft = claims.finding(
            &first.at,
            format!(
                "{} {}{more}: what two apps share is a copy here, so a correction reaches only one of them",
                match first.percent {
                    100 => "this file is the same as".to_owned(),
                    percent => format!("{percent} in 100 lines are the same as in"),
                },
                first.other
            ),
        );
        draft
            .confidence(if sure {
                Confidence::High
            } else {
                Confidence::Medium
            })
            .subject(other)
            .help(advice(app));
        for copy in copies.iter().skip(1).take(NAMED) {
            draft.related(
                &copy.at,
                format!("{} in 100 lines as in {}", copy.percent, copy.other),
            );
        }
    }
    if by_other.is_empty() && app.facts.copied_files.is_empty() {
        match app.siblings.len() {
            0 => {}
            1 => claims.holds_throughout("I.2", "the repository holds this one app"),
            count => claims.holds_throughout(
                "I.2",
                format!(
                    "the repository holds {count} apps, and no source file of this one is a copy of another's"
                ),
            ),
        }
    }
}

/// The app root that a path lies below.
fn other_root<'a>(app: &'a App, path: &'a str) -> &'a str {
    app.siblings
        .iter()
        .map(String::as_str)
        .filter(|root| {
            path.strip_prefix(root)
                .is_some_and(|rest| rest.starts_with('/'))
        })
        .max_by_key(|root| root.len())
        .unwrap_or(".")
}

fn advice(app: &App) -> &'static str {
    if places::is_pythonic(app) {
        "move the shared code to a package of its own and declare it in both apps:\n    \
         [tool.uv.sources]\n    shared = { path = \"../shared\", editable = true }"
    } else {
        "move the shared code to a workspace package and declare it in both apps:\n    \
         \"workspaces\": [\"packages/*\", \"apps/*\"]\n    \
         \"dependencies\": { \"@acme/shared\": \"workspace:*\" }"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specimen::{brief, fact};

    fn of(percent: u8, lines: usize) -> Vec<String> {
        let mut app = App {
            root: "web".to_owned(),
            siblings: vec!["web".to_owned(), "worker".to_owned()],
            ..App::default()
        };
        app.facts.push(fact(
            "web/money.js",
            1,
            CopiedFile {
                other: "worker/money.js".into(),
                percent,
                lines,
            },
        ));
        brief(&RULE, &app)
    }

    #[test]
    fn short_or_merely_related_files_are_no_copies() {
        assert_eq!(of(100, 80), ["web/money.js:1:1 I.2 warning/high"]);
        assert_eq!(of(88, 80), ["web/money.js:1:1 I.2 warning/medium"]);
        assert!(of(60, 80).is_empty());
        assert!(of(100, 12).is_empty());
    }
}

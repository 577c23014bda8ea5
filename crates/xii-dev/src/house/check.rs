//! All house checks, and formatting.

use std::process::Command;

use super::{arrows, names, rules, sizes};
use crate::docs;
use crate::work::{self, Outcome};

/// Runs every house check and tells all that is wrong at once.
pub(crate) fn run() -> Outcome {
    let files = work::files()?;
    let mut wrong = Vec::new();
    wrong.extend(arrows::check()?);
    wrong.extend(sizes::check(&files)?);
    wrong.extend(names::check(&files)?);
    wrong.extend(rules::check());
    wrong.extend(docs::check().err());
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("\n  {}", wrong.join("\n  ")))
    }
}

/// Whether everything is formatted. Rules are found by their folder and not named in a module, so
/// `cargo fmt` does not see them.
pub(crate) fn formatting() -> Outcome {
    work::cargo(&["fmt", "--all", "--check"])?;
    let rules: Vec<String> = work::files()?
        .into_iter()
        .filter(|path| path.starts_with("crates/xii-rules/src/") && path.ends_with(".rs"))
        .collect();
    let status = Command::new("rustfmt")
        .args([
            "--check",
            "--edition",
            "2024",
            "--config",
            "skip_children=false",
        ])
        .args(rules.iter().filter(|path| path.matches('/').count() > 3))
        .current_dir(work::root())
        .status()
        .map_err(|error| format!("cannot run rustfmt: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(
            "rules are not formatted: run `rustfmt --edition 2024 crates/xii-rules/src/*/*.rs`"
                .to_owned(),
        )
    }
}

//! Starting a rule: its file and its two repositories.

use std::fs;

use xii_model::{Criterion, Factor};

use crate::house::rules::folder_of;
use crate::work::{self, Outcome};

/// Writes the skeleton of a rule that is named with its factor: `iii/hard-coded-colour`.
pub(crate) fn named(name: &str) -> Outcome {
    match name.split_once('/') {
        Some((factor, name)) => run(factor, name),
        None => Err(format!(
            "which factor does it belong to? say it before the name: iii/{name}"
        )),
    }
}

/// Writes the skeleton of a rule.
pub(crate) fn run(factor: &str, name: &str) -> Outcome {
    let factor: Factor = factor.parse().map_err(|error| format!("{error}"))?;
    let valid = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !valid {
        return Err(format!(
            "`{name}` is no rule's name: write words in lower case with dashes, such as hard-coded-secret"
        ));
    }
    let criterion = Criterion::of(factor)
        .next()
        .map_or("I.1", |criterion| criterion.id);
    let file = work::root()
        .join("crates/xii-rules/src")
        .join(folder_of(factor))
        .join(format!("{}.rs", name.replace('-', "_")));
    if file.exists() {
        return Err(format!("{} exists already", file.display()));
    }
    let text = format!(
        "//! One sentence: what the rule finds.\n//!\n//! ## What it looks for\n//!\n//! ## Why it matters\n//!\n//! ## What to do instead\n\n\
         use xii_model::{{App, Severity}};\n\nuse crate::{{Claims, Rule}};\n\n\
         pub const RULE: Rule = Rule {{\n    name: \"{name}\",\n    criteria: &[\"{criterion}\"],\n    severity: Severity::Warning,\n    check,\n}};\n\n\
         fn check(app: &App, claims: &mut Claims<'_>) {{\n    for fact in app.facts.prints.iter().filter(|fact| fact.scope.is_deployed()) {{\n        claims.finding(&fact.at, \"what is there, and why it matters\").help(\"what to write instead\");\n    }}\n}}\n"
    );
    let cannot = |error: std::io::Error| format!("cannot write the rule: {error}");
    fs::create_dir_all(file.parent().unwrap_or(&file)).map_err(cannot)?;
    fs::write(&file, text).map_err(cannot)?;
    for kind in ["breaks", "keeps"] {
        fs::create_dir_all(work::root().join("fixtures/repos").join(name).join(kind))
            .map_err(cannot)?;
    }
    println!("wrote {}", file.display());
    println!("next: fill fixtures/repos/{name}/breaks and keeps, then");
    println!("  INSTA_UPDATE=always XII_RULE={name} cargo test -p xii-rules --test fixtures");
    Ok(())
}

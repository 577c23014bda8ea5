//! The arrows between the crates point one way.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::work::{self, Outcome};

/// What each crate may see of the others, and what its tests may see besides.
const ARROWS: [(&str, &[&str], &[&str]); 9] = [
    ("xii-model", &[], &[]),
    ("xii-survey", &["xii-model"], &[]),
    ("xii-rules", &["xii-model"], &["xii-survey"]),
    ("xii-report", &["xii-model"], &[]),
    ("xii-runtime", &["xii-model"], &[]),
    ("xii-witness", &["xii-model"], &[]),
    (
        "xii-probes",
        &["xii-model", "xii-runtime", "xii-witness"],
        &["xii-survey"],
    ),
    (
        "xii-cli",
        &[
            "xii-model",
            "xii-survey",
            "xii-rules",
            "xii-report",
            "xii-runtime",
            "xii-witness",
            "xii-probes",
        ],
        &[],
    ),
    ("xii-dev", &["xii-model", "xii-rules", "xii-probes"], &[]),
];

/// Arrows that point the wrong way, and crates that nothing is said of.
pub(crate) fn check() -> Outcome<Vec<String>> {
    let text = work::output(
        &work::cargo_program(),
        &["metadata", "--format-version", "1", "--no-deps"],
    )?;
    let metadata: Value = serde_json::from_str(&text)
        .map_err(|error| format!("cannot read cargo metadata: {error}"))?;
    Ok(wrong(&metadata))
}

fn wrong(metadata: &Value) -> Vec<String> {
    let allowed: BTreeMap<&str, (&[&str], &[&str])> = ARROWS
        .iter()
        .map(|(name, to, tests)| (*name, (*to, *tests)))
        .collect();
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((to, in_tests)) = allowed.get(name) else {
            wrong.push(format!(
                "{name} has no arrows: say in crates/xii-dev/src/house/arrows.rs what it may see"
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let target = dependency["name"].as_str().unwrap_or_default();
            let ours = target.starts_with("xii");
            let test = dependency["kind"].as_str() == Some("dev");
            if ours && !to.contains(&target) && !(test && in_tests.contains(&target)) {
                wrong.push(format!(
                    "{name} must not see {target}: arrows point one way (ARCHITECTURE.md)"
                ));
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_that_points_back_is_told() {
        let package = |name: &str, to: &str, kind: Value| serde_json::json!({ "packages": [{ "name": name, "dependencies": [{ "name": to, "kind": kind }] }] });
        assert_eq!(
            wrong(&package("xii-model", "xii-rules", Value::Null)).len(),
            1
        );
        assert_eq!(
            wrong(&package("xii-rules", "xii-survey", Value::Null)).len(),
            1
        );
        assert_eq!(
            wrong(&package("xii-rules", "xii-survey", "dev".into())),
            Vec::<String>::new()
        );
        assert_eq!(wrong(&package("xii-new", "serde", Value::Null)).len(), 1);
    }
}

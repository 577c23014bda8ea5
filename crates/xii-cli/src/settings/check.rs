//! `[check]` of xii.toml.

use globset::GlobBuilder;
use xii_model::{Criterion, Persona, Profile, Severity};
use xii_rules::{Allow, Entry};
use xii_survey::document::Node;

use super::faults::{Faults, nearest};
use super::file::FILE;

/// Keys of `[check]`.
const CHECK: [&str; 4] = ["profile", "persona", "fail-on", "allow"];
/// Keys of an allowance.
const ALLOW: [&str; 3] = ["rule", "paths", "reason"];

/// What `[check]` says.
#[derive(Debug, Default)]
pub(crate) struct CheckSettings {
    pub(crate) profile: Option<Profile>,
    pub(crate) persona: Option<Persona>,
    /// `Some(None)` is `never`.
    pub(crate) fail_on: Option<Option<Severity>>,
    pub(crate) allow: Vec<Allow>,
}

/// Reads the table.
pub(super) fn check(root: &Node, faults: &mut Faults<'_>) -> CheckSettings {
    let Some(check) = root.get("check") else {
        return CheckSettings::default();
    };
    faults.keys(check.entries(), &CHECK, "`[check]`");
    CheckSettings {
        profile: faults.word(
            check.get("profile"),
            &[
                ("twelve", Profile::Twelve),
                ("fifteen", Profile::Fifteen),
                ("next", Profile::Next),
            ],
        ),
        persona: faults.word(
            check.get("persona"),
            &[("regular", Persona::Regular), ("strict", Persona::Strict)],
        ),
        fail_on: faults.word(
            check.get("fail-on"),
            &[
                ("error", Some(Severity::Error)),
                ("warning", Some(Severity::Warning)),
                ("note", Some(Severity::Note)),
                ("never", None),
            ],
        ),
        allow: check
            .get("allow")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .flat_map(|item| allowances(item, faults))
            .collect(),
    }
}

/// The allowances of one entry: one for each path glob.
fn allowances(item: &Node, faults: &mut Faults<'_>) -> Vec<Allow> {
    faults.keys(item.entries(), &ALLOW, "an allowance");
    let text = |key: &str| {
        item.get(key)
            .and_then(Node::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    let Some(rule) = text("rule") else {
        faults.add(
            item.span.clone(),
            "an allowance wants `rule`, the name of a rule or a probe or the id of a criterion",
        );
        return Vec::new();
    };
    let is_probe = xii_probes::Entry::find(rule).is_some();
    if Entry::find(rule).is_none() && !is_probe && Criterion::find(rule).is_none() {
        let rules = xii_rules::RULES.iter().map(|entry| entry.rule.name);
        let probes = xii_probes::PROBES.iter().map(|entry| entry.probe.name);
        let advice = nearest(rule, rules.chain(probes)).map_or_else(
            || "`xii explain` lists them".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        faults.add(
            item.span.clone(),
            format!("no rule, probe or criterion is called `{rule}`; {advice}"),
        );
    }
    let Some(reason) = text("reason") else {
        faults.add(
            item.span.clone(),
            format!(
                "the allowance of `{rule}` wants a `reason`: who reads this next should know why"
            ),
        );
        return Vec::new();
    };
    let at = (
        FILE.to_owned(),
        u32::try_from(faults.line(item.span.start)).ok(),
    );
    let allow = |paths| Allow {
        rule: rule.to_owned(),
        paths,
        reason: reason.to_owned(),
        at: at.clone(),
    };
    let Some(paths) = item.get("paths") else {
        return vec![allow(None)];
    };
    let mut allowed = Vec::new();
    for path in paths.items() {
        let glob = path
            .as_str()
            .and_then(|glob| GlobBuilder::new(glob).literal_separator(true).build().ok());
        match glob {
            Some(glob) => allowed.push(allow(Some(glob.compile_matcher()))),
            None => faults.add(path.span.clone(), "this is no path glob"),
        }
    }
    if paths.items().is_empty() {
        faults.add(paths.span.clone(), "`paths` wants a list of path globs");
    }
    allowed
}

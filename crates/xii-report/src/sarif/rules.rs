//! What the log says of the rules that its results name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use xii_model::{Confidence, Criterion, Finding, Report, RuleInfo, Severity};

/// The rules that the results name, in the order of their names.
pub(super) struct Rules<'a> {
    list: BTreeMap<&'static str, Vec<&'a Finding>>,
    infos: &'a [RuleInfo],
}

impl<'a> Rules<'a> {
    /// The rules of all findings.
    pub(super) fn of(report: &'a Report) -> Self {
        let mut list: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for finding in &report.findings {
            list.entry(finding.rule).or_default().push(finding);
        }
        Rules {
            list,
            infos: &report.rules,
        }
    }

    /// Where a rule stands in the list.
    pub(super) fn index(&self, rule: &str) -> usize {
        self.list.keys().take_while(|name| **name < rule).count()
    }

    /// The rules' descriptors.
    pub(super) fn descriptors(&self) -> Vec<Value> {
        self.list
            .iter()
            .map(|(name, findings)| {
                let info = self.infos.iter().find(|info| info.name == *name);
                descriptor(name, info, findings)
            })
            .collect()
    }
}

fn descriptor(name: &str, info: Option<&RuleInfo>, findings: &[&Finding]) -> Value {
    let summary = info.map_or(name, |info| info.summary.as_str());
    let docs = info.map_or(name, |info| info.docs.trim());
    let severity = info
        .map(|info| info.severity)
        .or_else(|| findings.iter().map(|finding| finding.severity).max())
        .unwrap_or(Severity::Note);
    // No more is claimed of a rule than of the least sure of its findings.
    let precision = findings
        .iter()
        .map(|finding| finding.confidence)
        .min()
        .unwrap_or(Confidence::Low);
    let criteria: BTreeSet<&str> = findings.iter().map(|finding| finding.criterion).collect();
    let statements: Vec<&str> = criteria
        .iter()
        .filter_map(|id| Criterion::find(id))
        .map(|criterion| criterion.statement)
        .collect();
    let factors: BTreeSet<_> = findings.iter().map(|finding| finding.factor).collect();
    let tags = ["twelve-factor".to_owned()]
        .into_iter()
        .chain(
            factors
                .iter()
                .map(|factor| format!("factor {}", factor.id())),
        )
        .chain(criteria.iter().map(|id| (*id).to_owned()));
    json!({
        "id": name,
        "shortDescription": { "text": summary },
        "fullDescription": { "text": format!("{summary} It speaks against: {}", statements.join(" ")) },
        "help": { "text": docs, "markdown": docs },
        "defaultConfiguration": { "level": severity.name() },
        "properties": {
            "tags": tags.collect::<Vec<_>>(),
            "precision": precision.name(),
            "problem.severity": match severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "recommendation",
            },
        },
    })
}

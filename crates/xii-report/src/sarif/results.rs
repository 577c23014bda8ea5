//! Findings as results.

use serde_json::{Value, json};
use xii_model::{Confidence, Finding, Severity, SuppressedBy, Suppression};

use super::place::physical;
use super::rules::Rules;
use crate::neutral;

/// A finding as a result.
pub(super) fn result(finding: &Finding, rules: &Rules<'_>) -> Value {
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": level(finding).name(),
        "message": message(&text(finding)),
        "locations": [{ "physicalLocation": physical(&finding.evidence) }],
        "partialFingerprints": { "xii/v1": finding.fingerprint },
        "properties": {
            "criterion": finding.criterion,
            "factor": finding.factor.id(),
            "app": neutral::line(&finding.app),
            "severity": finding.severity.name(),
            "confidence": finding.confidence.name(),
        },
    });
    if !finding.related.is_empty() {
        let related = (1..).zip(&finding.related).map(|(id, related)| {
            json!({
                "id": id,
                "physicalLocation": physical(&related.evidence),
                "message": message(&neutral::line(&related.message)),
            })
        });
        result["relatedLocations"] = related.collect();
    }
    if let Some(suppression) = &finding.suppression {
        result["suppressions"] = json!([suppressed(suppression)]);
    }
    result
}

/// A scanner fails on the level alone, and a sign of low confidence must fail nothing.
fn level(finding: &Finding) -> Severity {
    match finding.confidence {
        Confidence::Low => Severity::Note,
        Confidence::Medium | Confidence::High => finding.severity,
    }
}

/// The message, and what to do.
fn text(finding: &Finding) -> String {
    let mut lines = vec![neutral::line(&finding.message)];
    lines.extend(neutral::lines(&finding.help));
    lines.join("\n")
}

/// A message. SARIF reads `[text](target)` as a link; nothing that was found in a repository is one.
fn message(text: &str) -> Value {
    json!({ "text": text.replace("](", "] (") })
}

fn suppressed(suppression: &Suppression) -> Value {
    let kind = match suppression.by {
        SuppressedBy::Comment => "inSource",
        SuppressedBy::Config | SuppressedBy::Baseline | SuppressedBy::Run => "external",
    };
    json!({
        "kind": kind,
        "status": "accepted",
        "justification": neutral::line(&suppression.reason),
    })
}

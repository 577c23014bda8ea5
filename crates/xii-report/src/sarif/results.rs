//! Findings as results.

use serde_json::{Value, json};
use xii_model::{Confidence, Finding, Mark, Report, Severity, SuppressedBy, Suppression, Trial};

use super::place::physical;
use super::rules::Rules;
use crate::neutral;
use crate::trial::{Part, fold, moment, of_finding, seconds};

/// How many moments of a transcript are steps of a flow.
const STEPS: usize = 200;
/// How many characters of a moment are told.
const TEXT: usize = 600;

/// A finding as a result.
pub(super) fn result(report: &Report, finding: &Finding, rules: &Rules<'_>) -> Value {
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
    let app = report.apps.iter().find(|app| app.root == finding.app);
    if let Some(trial) = app.and_then(|app| of_finding(app, finding)) {
        result["codeFlows"] = json!([flow(trial, &physical(&finding.evidence))]);
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

/// The transcript of a trial as a flow, which viewers show step by step. A viewer wants a place for every step:
/// what ran is declared there.
fn flow(trial: &Trial, at: &Value) -> Value {
    let step = |said: String, importance: &str| {
        json!({
            "location": { "physicalLocation": at, "message": message(&said) },
            "importance": importance,
        })
    };
    let steps = fold(&trial.transcript, STEPS)
        .into_iter()
        .map(|part| match part {
            Part::Hidden(count) => step(format!("… {count} more"), "unimportant"),
            Part::Shown(one) => {
                let importance = match one.mark {
                    Mark::Against => "essential",
                    Mark::Done | Mark::For => "important",
                    Mark::Seen => "unimportant",
                };
                step(moment(one, TEXT), importance)
            }
        });
    let mut steps: Vec<Value> = steps.collect();
    // A flow has at least one step.
    if steps.is_empty() {
        steps.push(step("nothing was recorded".to_owned(), "unimportant"));
    }
    let head = format!(
        "{} took {}",
        neutral::line(trial.probe),
        seconds(trial.took_ms)
    );
    json!({ "message": message(&head), "threadFlows": [{ "locations": steps }] })
}

/// A message. SARIF reads `[text](target)` as a link; nothing that was found in a repository is one.
pub(super) fn message(text: &str) -> Value {
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

//! From what the rules said of a criterion to a verdict.

use xii_model::{App, Confidence, Criterion, CriterionReport, Finding, SuppressedBy, Verdict};

use crate::engine::applicability;
use crate::engine::claims::Said;

/// How many places a verdict names.
const EVIDENCE: usize = 3;

/// The verdict on one criterion: broken on a finding of medium or high confidence, holds only on
/// positive evidence, else could not tell.
pub(crate) fn of(
    app: &App,
    criterion: &'static Criterion,
    said: &Said,
    findings: &[&Finding],
) -> CriterionReport {
    let against: Vec<&Finding> = findings
        .iter()
        .copied()
        .filter(|finding| finding.criterion == criterion.id)
        .collect();
    // What a baseline knows is still broken; what the maintainers allowed is not counted.
    let (allowed, counted): (Vec<&Finding>, Vec<&Finding>) = against.iter().partition(|finding| {
        finding
            .suppression
            .as_ref()
            .is_some_and(|suppression| suppression.by != SuppressedBy::Baseline)
    });
    let report = |verdict, reason: String| CriterionReport {
        criterion,
        verdict,
        reason,
        worst: None,
        findings: against
            .iter()
            .map(|finding| finding.fingerprint.clone())
            .collect(),
        evidence: Vec::new(),
        from_code: None,
        trials: Vec::new(),
    };
    let sure: Vec<&Finding> = counted
        .iter()
        .copied()
        .filter(|finding| finding.confidence >= Confidence::Medium)
        .collect();
    if let Some(worst) = sure
        .iter()
        .max_by_key(|finding| (finding.severity, finding.confidence))
    {
        let more = match sure.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        let mut report = report(Verdict::Broken, format!("{}{more}", worst.message));
        report.worst = Some(worst.severity);
        report.evidence = sure
            .iter()
            .take(EVIDENCE)
            .map(|finding| finding.evidence.clone())
            .collect();
        return report;
    }
    if let Some(reason) = applicability::not_applicable(app, criterion) {
        return report(Verdict::NotApplicable, reason.to_owned());
    }
    if let Some((_, reason)) = said
        .not_applicable
        .iter()
        .find(|(id, _)| *id == criterion.id)
    {
        return report(Verdict::NotApplicable, reason.clone());
    }
    if let Some(unsure) = counted.first() {
        return report(
            Verdict::CouldNotTell,
            format!(
                "a sign against it, not sure enough to count: {}",
                unsure.message
            ),
        );
    }
    let support: Vec<_> = said
        .holds
        .iter()
        .filter(|one| one.criterion == criterion.id)
        .collect();
    if let Some(first) = support.first() {
        let mut report = report(Verdict::Holds, first.reason.clone());
        report.evidence = support
            .iter()
            .filter_map(|one| one.evidence.clone())
            .take(EVIDENCE)
            .collect();
        return report;
    }
    if let Some(suppression) = allowed
        .first()
        .and_then(|finding| finding.suppression.as_ref())
    {
        return report(
            Verdict::CouldNotTell,
            format!("allowed by the maintainers: {}", suppression.reason),
        );
    }
    if let Some((_, reason)) = said.open.iter().find(|(id, _)| *id == criterion.id) {
        return report(Verdict::CouldNotTell, reason.clone());
    }
    report(Verdict::CouldNotTell, silence(criterion))
}

/// Why nothing was said.
fn silence(criterion: &Criterion) -> String {
    match criterion.from_code {
        None => "only a run can tell".to_owned(),
        Some(seen) => format!("nothing in the code answers it, for or against; looked for: {seen}"),
    }
}

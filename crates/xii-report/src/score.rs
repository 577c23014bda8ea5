//! The score: how much of what could be told speaks for the app.

use xii_model::{AppReport, Finding, Report, Severity, Verdict};

/// An app's score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// From 0 to 100; `None` when nothing could be told.
    pub points: Option<u32>,
    /// How many criteria hold or are broken.
    pub told: usize,
    /// How many criteria apply.
    pub applying: usize,
}

/// The weight of a criterion that holds: that of a warning, since what could have gone wrong is not
/// known.
const HELD: u32 = 2;

/// The score of an app: of the weight of all criteria that hold or are broken, the share of those
/// that hold. A broken criterion weighs what its worst finding is rated.
pub fn score(app: &AppReport) -> Score {
    let (mut held, mut broken, mut told, mut applying) = (0, 0, 0, 0);
    for one in &app.criteria {
        applying += usize::from(one.verdict != Verdict::NotApplicable);
        match one.verdict {
            Verdict::Holds => held += HELD,
            Verdict::Broken => broken += one.worst.map_or(HELD, Severity::weight),
            Verdict::NotApplicable | Verdict::CouldNotTell => continue,
        }
        told += 1;
    }
    let points = (told > 0).then(|| (held * 100 + (held + broken) / 2) / (held + broken).max(1));
    Score {
        points,
        told,
        applying,
    }
}

/// A change that mends several findings at once: those of one rule in one app.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// The rule.
    pub rule: &'static str,
    /// Its findings that count.
    pub findings: Vec<&'a Finding>,
    /// Points of the score that it gains.
    pub gain: u32,
    /// How much work it is: places to touch, more where there is no fix to copy.
    pub effort: u32,
}

/// The changes to one app, those that gain most for least first.
pub fn plan<'a>(report: &'a Report, app: &AppReport) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> = Vec::new();
    let before = score(app).points.unwrap_or(0);
    for one in app
        .criteria
        .iter()
        .filter(|one| one.verdict == Verdict::Broken)
    {
        let counted = report.findings.iter().filter(|finding| {
            one.findings.contains(&finding.fingerprint) && finding.suppression.is_none()
        });
        for finding in counted {
            match steps.iter_mut().find(|step| step.rule == finding.rule) {
                Some(step) => step.findings.push(finding),
                None => steps.push(Step {
                    rule: finding.rule,
                    findings: vec![finding],
                    gain: 0,
                    effort: 0,
                }),
            }
        }
    }
    for step in &mut steps {
        let places = u32::try_from(step.findings.len()).unwrap_or(u32::MAX);
        let fixable = step.findings.iter().all(|finding| finding.fix.is_some());
        step.effort = if fixable { 1 } else { 1 + places.min(9) };
        step.gain = gain(app, step, before);
    }
    steps.retain(|step| step.gain > 0);
    // Gain for effort, compared without dividing.
    steps.sort_by(|a, b| {
        (b.gain * a.effort)
            .cmp(&(a.gain * b.effort))
            .then(b.gain.cmp(&a.gain))
            .then(a.rule.cmp(b.rule))
    });
    steps
}

/// The points gained when the criteria that only this step's findings break come to hold.
fn gain(app: &AppReport, step: &Step<'_>, before: u32) -> u32 {
    let mut after = app.clone();
    for one in &mut after.criteria {
        let mended = one.verdict == Verdict::Broken
            && one.findings.iter().all(|print| {
                step.findings
                    .iter()
                    .any(|finding| finding.fingerprint == *print)
            });
        if mended {
            one.verdict = Verdict::Holds;
        }
    }
    score(&after).points.unwrap_or(0).saturating_sub(before)
}

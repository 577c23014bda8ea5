//! The score: how much of what could be told speaks for the app.

use std::collections::{HashMap, HashSet};

use xii_model::{AppReport, CriterionReport, Finding, Report, Severity, Verdict};

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
    let counting: HashMap<&str, &Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.counts())
        .map(|finding| (finding.fingerprint.as_str(), finding))
        .collect();
    let mut steps: Vec<Step<'a>> = Vec::new();
    // For each broken criterion, the rules that break it.
    let mut broken: Vec<(&CriterionReport, HashSet<&str>)> = Vec::new();
    for one in app
        .criteria
        .iter()
        .filter(|one| one.verdict == Verdict::Broken)
    {
        let against = one
            .findings
            .iter()
            .filter_map(|print| counting.get(print.as_str()).copied());
        let mut rules = HashSet::new();
        for finding in against {
            rules.insert(finding.rule);
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
        broken.push((one, rules));
    }
    let gains: Vec<(u32, &HashSet<&str>)> = broken
        .iter()
        .map(|(one, rules)| (gain(app, one.criterion.id), rules))
        .collect();
    let mut worth: HashMap<&str, u32> = HashMap::new();
    for step in &mut steps {
        let places = u32::try_from(step.findings.len()).unwrap_or(u32::MAX);
        let fixable = step.findings.iter().all(|finding| finding.fix.is_some());
        // Ten places are not ten times the work of one: the second is a copy of the first.
        step.effort = if fixable { 1 } else { 2 + places.ilog2() };
        // A criterion that several rules break is mended by all of them together.
        let hundredths = gains
            .iter()
            .filter(|(_, rules)| rules.contains(step.rule))
            .map(|(gain, rules)| gain / u32::try_from(rules.len()).unwrap_or(1).max(1))
            .sum();
        worth.insert(step.rule, hundredths);
        step.gain = ((hundredths + 50) / 100).max(1);
    }
    // Gain for effort, compared without dividing; of equals the worse fault first.
    let worst = |step: &Step<'_>| step.findings.iter().map(|finding| finding.severity).max();
    steps.sort_by(|a, b| {
        let (gain_a, gain_b) = (worth[a.rule], worth[b.rule]);
        (gain_b * a.effort)
            .cmp(&(gain_a * b.effort))
            .then(worst(b).cmp(&worst(a)))
            .then(gain_b.cmp(&gain_a))
            .then(a.rule.cmp(b.rule))
    });
    steps
}

/// What the score gains when this criterion comes to hold, in hundredths of a point.
fn gain(app: &AppReport, mended: &str) -> u32 {
    let (mut held, mut broken, mut weight) = (0, 0, HELD);
    for one in &app.criteria {
        match one.verdict {
            Verdict::Holds => held += HELD,
            Verdict::Broken => {
                let own = one.worst.map_or(HELD, Severity::weight);
                broken += own;
                if one.criterion.id == mended {
                    weight = own;
                }
            }
            Verdict::NotApplicable | Verdict::CouldNotTell => {}
        }
    }
    let share = |held: u32, broken: u32| held * 10_000 / (held + broken).max(1);
    share(held + HELD, broken.saturating_sub(weight)).saturating_sub(share(held, broken))
}

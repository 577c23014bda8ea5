//! From what the code said of a criterion and what a run showed to one verdict.

use crate::{
    ANSWERS_NOTHING, CriterionReport, Finding, FromCode, SuppressedBy, Suppression, Trial, Verdict,
};

/// How many places a verdict names.
const EVIDENCE: usize = 3;

/// What was started for web.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ran<'a> {
    /// What the image starts, without the image.
    Image,
    /// Another command.
    Command(&'a str),
}

/// Makes the verdict of a criterion that was tried. Findings that count against it and that the run
/// refutes are withdrawn, unless they are `of_others` too: another app did not run. Nor did an image, unless
/// that is what ran: what its file does wrong stands.
pub(super) fn settle(
    one: &mut CriterionReport,
    findings: &mut [Finding],
    of_others: &[String],
    ran: Ran<'_>,
) {
    let code = FromCode {
        verdict: one.verdict,
        reason: one.reason.clone(),
        evidence: one.evidence.clone(),
    };
    // A finding of the run that the maintainers allowed takes its trial with it.
    let mut allowed: Option<String> = None;
    let mut deciding: Option<&Trial> = None;
    for trial in &one.trials {
        match allowance(one, trial, findings) {
            Some(reason) if trial.verdict == Verdict::Broken => {
                allowed.get_or_insert(reason);
            }
            _ => {
                deciding.get_or_insert(trial);
            }
        }
    }
    let shown = deciding.map_or(Verdict::CouldNotTell, |trial| trial.verdict);
    let why = deciding.map_or_else(String::new, |trial| trial.reason.clone());
    match shown {
        Verdict::Broken => {
            let against = against(one, findings, &why);
            let more = match against.len().saturating_sub(1) {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            one.worst = against.iter().map(|finding| finding.severity).max();
            one.evidence = against
                .iter()
                .map(|finding| finding.evidence.clone())
                .take(EVIDENCE)
                .collect();
            one.reason = format!("{why}{more}");
            one.verdict = Verdict::Broken;
        }
        Verdict::Holds => {
            let stands = |finding: &Finding| {
                NEVER_REFUTED.contains(&finding.rule)
                    || match ran {
                        Ran::Image => speaks_of_build(finding),
                        Ran::Command(command) => speaks_of_image(finding, command),
                    }
            };
            for finding in findings.iter_mut().filter(|finding| {
                one.findings.contains(&finding.fingerprint)
                    && finding.counts()
                    && !of_others.contains(&finding.fingerprint)
                    && !stands(finding)
            }) {
                finding.suppression = Some(Suppression {
                    by: SuppressedBy::Run,
                    reason: format!("the run showed: {why}"),
                });
            }
            let mut left = against(one, findings, &why);
            left.retain(|finding| stands(finding));
            if let Some(first) = left.first() {
                let but = if !NEVER_REFUTED.contains(&first.rule) {
                    ", which made no image,"
                } else {
                    ""
                };
                one.reason = format!("{}; the run{but} showed: {why}", first.message);
                return one.from_code = Some(code);
            }
            if code.verdict != Verdict::Holds {
                one.evidence.clear();
            }
            one.worst = None;
            one.reason = why;
            one.verdict = Verdict::Holds;
        }
        _ if code.verdict == Verdict::Broken => open(one, shown, &why),
        _ if allowed.is_some() => {
            one.evidence.clear();
            one.reason = format!(
                "allowed by the maintainers: {}",
                allowed.unwrap_or_default()
            );
            one.verdict = Verdict::CouldNotTell;
        }
        Verdict::NotApplicable if code.verdict == Verdict::CouldNotTell => {
            one.evidence.clear();
            one.reason = why;
            one.verdict = Verdict::NotApplicable;
        }
        Verdict::NotApplicable | Verdict::CouldNotTell => open(one, shown, &why),
    }
    one.from_code = Some(code);
}

/// The code showed nobody that is served, since it is in a language that is not read, and the run did: then the code
/// says nothing.
pub(super) fn serves_after_all(one: &mut CriterionReport) {
    if one.verdict == Verdict::NotApplicable && one.reason == ANSWERS_NOTHING {
        one.verdict = Verdict::CouldNotTell;
        one.reason = "the code was not read so far".to_owned();
    }
}

/// What no run refutes: a package that another one brings along is there, and is not declared; one for tests is
/// installed and not used.
const NEVER_REFUTED: [&str; 2] = ["undeclared-import", "development-package-at-run-time"];

/// Whether a finding is about how an image is made, and not about what it starts: that shows only where it is built.
fn speaks_of_build(finding: &Finding) -> bool {
    let own = speaks_of_image(finding, &finding.evidence.path);
    let starts = |line: &str| {
        let word = line.split_whitespace().next().unwrap_or_default();
        word.eq_ignore_ascii_case("CMD") || word.eq_ignore_ascii_case("ENTRYPOINT")
    };
    own && !finding.evidence.excerpt.lines().next().is_some_and(starts)
}

/// Whether a finding is about what an image is made of or starts: its file, or a script beside it that the command which
/// `ran` does not name.
fn speaks_of_image(finding: &Finding, ran: &str) -> bool {
    let path = finding.evidence.path.to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or(&path);
    let of_its_own = name.contains("dockerfile") || name.contains("containerfile");
    let beside = name.ends_with(".sh") || path.split('/').any(|folder| folder == "docker");
    of_its_own || beside && !ran.to_ascii_lowercase().contains(name)
}

/// Leaves the code's verdict, and says why the run did not answer.
fn open(one: &mut CriterionReport, shown: Verdict, why: &str) {
    if shown != Verdict::CouldNotTell || why.is_empty() {
        return;
    }
    let alone = one.verdict == Verdict::CouldNotTell && one.criterion.from_code.is_none();
    one.reason = if alone {
        // That only a run can tell needs no saying when one was tried.
        format!("the run could not tell: {why}")
    } else {
        format!(
            "{}; the run could not tell: {why}",
            one.reason.trim_end_matches('.')
        )
    };
}

/// The reason for which the maintainers allow what a trial found.
fn allowance(one: &CriterionReport, trial: &Trial, findings: &[Finding]) -> Option<String> {
    findings
        .iter()
        .find(|finding| of_trial(one, trial, finding))
        .filter(|finding| !finding.counts())
        .and_then(|finding| finding.suppression.as_ref())
        .map(|suppression| suppression.reason.clone())
}

/// Whether the finding is what the trial became.
fn of_trial(one: &CriterionReport, trial: &Trial, finding: &Finding) -> bool {
    finding.rule == trial.probe
        && finding.message == trial.reason
        && one.findings.contains(&finding.fingerprint)
}

/// The findings that count against a criterion, what the run decided by first.
fn against<'a>(one: &CriterionReport, findings: &'a [Finding], why: &str) -> Vec<&'a Finding> {
    let mut against: Vec<&Finding> = findings
        .iter()
        .filter(|finding| one.findings.contains(&finding.fingerprint) && finding.counts())
        .collect();
    let tried = |finding: &Finding| one.trials.iter().any(|trial| trial.probe == finding.rule);
    against.sort_by_key(|finding| (!tried(finding), finding.message != why));
    against
}

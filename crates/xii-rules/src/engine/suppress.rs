//! Suppression: comments, xii.toml and the baseline.

use std::collections::BTreeMap;

use globset::GlobMatcher;
use xii_model::{Allowance, Criterion, Finding, Notice, SuppressedBy, Suppression, Survey};

use crate::Options;

/// An allowance of xii.toml.
#[derive(Debug)]
pub struct Allow {
    /// The rule's name or the criterion's id.
    pub rule: String,
    /// The paths it speaks of; all when `None`.
    pub paths: Option<GlobMatcher>,
    /// The reason; never empty.
    pub reason: String,
    /// Where it stands: path and line, for saying that it suppresses nothing.
    pub at: (String, Option<u32>),
}

/// Findings that are known already, by fingerprint, with what they were.
#[derive(Debug, Default)]
pub struct Baseline {
    /// Fingerprint to the rule and path it was written for.
    pub known: BTreeMap<String, (String, String)>,
}

/// Marks the findings that do not count, and returns what is wrong with the suppressions: those
/// that suppress nothing and those without a reason.
///
/// The audit does so with what its rules found. After a run, call it again with the findings of its probes
/// among the others; what is suppressed already stays so. `answered` are the probes and criteria that the
/// run answered: what they are allowed may come of a run, so only then is it known whether the allowance
/// suppresses anything.
pub fn suppress(
    findings: &mut [Finding],
    survey: &Survey,
    options: &Options,
    answered: &[&str],
) -> Vec<Notice> {
    let comments = &survey.allowances;
    let config = &options.allow;
    let baseline = options.baseline.as_ref();
    let mut used_comments = vec![false; comments.len()];
    let mut used_config = vec![false; config.len()];
    for finding in findings {
        let names =
            |rule: &str| rule == finding.rule || rule.eq_ignore_ascii_case(finding.criterion);
        for (comment, used) in comments.iter().zip(&mut used_comments) {
            let lines = finding.evidence.start.line..=finding.evidence.end.line;
            if comment.path == finding.evidence.path
                && lines.contains(&comment.target)
                && !comment.reason.is_empty()
                && comment.rules.iter().any(|rule| names(rule))
            {
                *used = true;
                finding.suppression.get_or_insert_with(|| Suppression {
                    by: SuppressedBy::Comment,
                    reason: comment.reason.clone(),
                });
            }
        }
        for (allow, used) in config.iter().zip(&mut used_config) {
            let here = allow
                .paths
                .as_ref()
                .is_none_or(|paths| paths.is_match(&*finding.evidence.path));
            if here && names(&allow.rule) {
                *used = true;
                finding.suppression.get_or_insert_with(|| Suppression {
                    by: SuppressedBy::Config,
                    reason: allow.reason.clone(),
                });
            }
        }
        if baseline.is_some_and(|baseline| baseline.known.contains_key(&finding.fingerprint)) {
            finding.suppression.get_or_insert_with(|| Suppression {
                by: SuppressedBy::Baseline,
                reason: "known when the baseline was written".to_owned(),
            });
        }
    }
    let open = |name: &str| {
        let of_run = options.probes.contains(&name)
            || Criterion::find(name).is_some_and(|criterion| criterion.from_run.is_some());
        of_run && !answered.iter().any(|one| one.eq_ignore_ascii_case(name))
    };
    for (comment, used) in comments.iter().zip(&mut used_comments) {
        *used |= comment.rules.iter().any(|rule| open(rule));
    }
    for (allow, used) in config.iter().zip(&mut used_config) {
        *used |= open(&allow.rule);
    }
    stale(comments, &used_comments, config, &used_config)
}

/// What is wrong with the suppressions themselves.
fn stale(
    comments: &[Allowance],
    used_comments: &[bool],
    config: &[Allow],
    used_config: &[bool],
) -> Vec<Notice> {
    let mut notices = Vec::new();
    for (comment, used) in comments.iter().zip(used_comments) {
        let rules = comment.rules.join(", ");
        let message = if comment.reason.is_empty() {
            format!(
                "`xii: allow({rules})` gives no reason, so it suppresses nothing: write why after the bracket"
            )
        } else if !used {
            format!("`xii: allow({rules})` suppresses nothing here: remove it")
        } else {
            continue;
        };
        notices.push(Notice {
            path: comment.path.to_string(),
            line: Some(comment.line),
            message,
        });
    }
    for (allow, used) in config.iter().zip(used_config) {
        if !used {
            notices.push(Notice {
                path: allow.at.0.clone(),
                line: allow.at.1,
                message: format!(
                    "the allowance of `{}` suppresses nothing: remove it",
                    allow.rule
                ),
            });
        }
    }
    notices
}

#[cfg(test)]
mod tests {
    use super::*;
    use xii_model::{Confidence, Evidence, Factor, Persona, Severity};

    fn allow(rule: &str) -> Allow {
        Allow {
            rule: rule.to_owned(),
            paths: None,
            reason: "why".to_owned(),
            at: ("xii.toml".to_owned(), None),
        }
    }

    fn finding(rule: &'static str, criterion: &'static str) -> Finding {
        Finding {
            fingerprint: rule.to_owned(),
            rule,
            criterion,
            factor: Factor::ALL[8],
            app: ".".to_owned(),
            severity: Severity::Error,
            confidence: Confidence::High,
            persona: Persona::Regular,
            message: String::new(),
            evidence: Evidence::file("Procfile"),
            help: String::new(),
            related: Vec::new(),
            fix: None,
            suppression: None,
        }
    }

    /// The allowances that suppress nothing.
    fn stale(findings: &mut [Finding], answered: &[&str]) -> Vec<String> {
        let options = Options {
            allow: ["drain", "IX.1", "log-file", "II.7"].map(allow).into(),
            probes: vec!["drain"],
            ..Options::default()
        };
        let notices = suppress(findings, &Survey::default(), &options, answered);
        let names = notices.into_iter().map(|notice| {
            let mut parts = notice.message.split('`');
            parts.nth(1).unwrap_or_default().to_owned()
        });
        names.collect()
    }

    #[test]
    fn what_only_a_run_can_answer_is_stale_only_after_it_did() {
        assert_eq!(stale(&mut [], &[]), ["log-file", "II.7"]);
        assert_eq!(stale(&mut [], &["drain"]), ["drain", "log-file", "II.7"]);
        let all = ["drain", "IX.1", "log-file", "II.7"];
        assert_eq!(stale(&mut [], &["drain", "IX.1"]), all);
    }

    #[test]
    fn the_findings_of_a_run_are_allowed_like_any_other() {
        let mut findings = [finding("drain", "IX.2"), finding("start", "IX.1")];
        assert_eq!(
            stale(&mut findings, &["drain", "IX.1"]),
            ["log-file", "II.7"]
        );
        assert!(findings.iter().all(|finding| !finding.counts()));
        // And again, without a change.
        let before = findings.clone();
        stale(&mut findings, &["drain", "IX.1"]);
        assert_eq!(findings, before);
    }
}

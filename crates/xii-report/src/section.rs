//! What a report holds of one app, in the order in which it is told.

use std::cmp::Reverse;
use std::collections::HashSet;

use xii_model::{AppReport, Confidence, Evidence, Factor, Finding, Report};

use crate::neutral;

/// The findings of one app.
#[derive(Debug)]
pub(crate) struct Section<'a> {
    pub(crate) app: &'a AppReport,
    /// Those told under this app, suppressed ones included; the worst and surest first.
    pub(crate) findings: Vec<&'a Finding>,
    /// Those that also count against this app but are told under another one, whose file it shares.
    pub(crate) elsewhere: Vec<&'a Finding>,
}

/// Findings of one rule, the worst and surest first.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    pub(crate) rule: &'static str,
    pub(crate) findings: Vec<&'a Finding>,
}

impl<'a> Section<'a> {
    /// The sections of a report, an app each.
    pub(crate) fn all(report: &'a Report) -> Vec<Section<'a>> {
        report
            .apps
            .iter()
            .map(|app| Section::of(report, app))
            .collect()
    }

    fn of(report: &'a Report, app: &'a AppReport) -> Self {
        let listed: HashSet<&str> = app
            .criteria
            .iter()
            .flat_map(|one| one.findings.iter().map(String::as_str))
            .collect();
        let (mut findings, elsewhere): (Vec<&Finding>, Vec<&Finding>) = report
            .findings
            .iter()
            .filter(|finding| {
                finding.app == app.root || listed.contains(finding.fingerprint.as_str())
            })
            .partition(|finding| finding.app == app.root);
        findings.sort_by_key(|finding| {
            (
                finding.factor,
                Reverse(finding.severity),
                Reverse(finding.confidence),
            )
        });
        Section {
            app,
            findings,
            elsewhere,
        }
    }

    /// The findings under a factor that are not suppressed and of medium or high confidence, by rule.
    pub(crate) fn sure(&self, factor: Factor) -> Vec<Group<'a>> {
        self.groups(factor, |finding| finding.confidence > Confidence::Low)
    }

    /// The signs of low confidence under a factor, by rule.
    pub(crate) fn unsure(&self, factor: Factor) -> Vec<Group<'a>> {
        self.groups(factor, |finding| finding.confidence == Confidence::Low)
    }

    fn groups(&self, factor: Factor, wanted: impl Fn(&Finding) -> bool) -> Vec<Group<'a>> {
        let mut groups: Vec<Group<'a>> = Vec::new();
        let active = self.findings.iter().copied().filter(|finding| {
            finding.factor == factor && finding.suppression.is_none() && wanted(finding)
        });
        for finding in active {
            match groups.iter_mut().find(|group| group.rule == finding.rule) {
                Some(group) => group.findings.push(finding),
                None => groups.push(Group {
                    rule: finding.rule,
                    findings: vec![finding],
                }),
            }
        }
        groups
    }

    /// Those that do not count, with the reason.
    pub(crate) fn suppressed(&self) -> impl Iterator<Item = &'a Finding> {
        self.findings
            .iter()
            .copied()
            .filter(|finding| finding.suppression.is_some())
    }
}

/// Whether two findings say the same of two places, so that one drawing can hold both.
pub(crate) fn alike(a: &Finding, b: &Finding) -> bool {
    let claim = |finding: &Finding| (finding.rule, finding.criterion, finding.severity);
    claim(a) == claim(b)
        && a.confidence == b.confidence
        && a.message == b.message
        && a.help == b.help
        && [a, b]
            .iter()
            .all(|one| one.related.is_empty() && one.fix.is_none() && !one.evidence.is_whole_file())
}

/// The place as `path:line`, or the path of a whole file.
pub(crate) fn place(at: &Evidence) -> String {
    let path = neutral::line(&at.path);
    if at.is_whole_file() {
        path
    } else {
        format!("{path}:{}", at.start.line)
    }
}

/// Places as a list, each once, in their order, at most so many: `a.js:1, b.js:2 and 3 more`.
pub(crate) fn places<'a>(list: impl Iterator<Item = &'a Evidence>, most: usize) -> String {
    let mut named: Vec<String> = Vec::new();
    for at in list {
        let place = place(at);
        if !named.contains(&place) {
            named.push(place);
        }
    }
    let more = named.len().saturating_sub(most);
    named.truncate(most);
    let mut text = named.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// Whether the report has nothing to speak of: the folder held no files.
pub(crate) fn is_empty(report: &Report) -> bool {
    report.findings.is_empty() && (report.apps.is_empty() || report.tally.files == 0)
}

/// What to say then.
pub(crate) const EMPTY: &str = "There is nothing to audit here: no file was found.";
/// What to do then.
pub(crate) const EMPTY_ADVICE: &str = "Give the folder of an app, such as `xii check path/to/app`. Files that git ignores are not read.";

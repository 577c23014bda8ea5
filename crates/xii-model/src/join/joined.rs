//! The trials of a run go into the report of the audit.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::join::settle::Ran;
use crate::join::{claim, settle};
use crate::{AppReport, Finding, Notice, Report, RuleInfo, RunSummary, Trial, Verdict};

/// Joins the trials of one app with what the audit said of its criteria.
///
/// `root` says which app ran; trials of an app or a criterion that the report does not speak of are left
/// out. Of several trials of one criterion broken outranks holds, that outranks not applicable, and that
/// could not tell; what outranks comes first in [`CriterionReport::trials`](crate::CriterionReport::trials).
/// `holds` and `broken` of a run outrank what the code says; `not applicable` answers only what the code
/// left open; `could not tell` leaves the code's verdict and gives both reasons.
///
/// A trial that breaks its criterion becomes a finding where its process type is declared. `docs` gives the
/// summary and the documentation of a probe by its name. `suppress` applies the suppressions of the audit
/// to all findings, as [`Finding::suppression`] says, and returns what is wrong with them now. What the run
/// refutes is then withdrawn ([`SuppressedBy::Run`](crate::SuppressedBy::Run)); but what is said of an image
/// stands unless the image's own command ran.
pub fn join(
    report: &mut Report,
    root: &str,
    trials: Vec<Trial>,
    run: RunSummary,
    docs: &dyn Fn(&str) -> Option<(String, &'static str)>,
    suppress: &mut dyn FnMut(&mut [Finding]) -> Vec<Notice>,
) {
    let Some(index) = report.apps.iter().position(|app| app.root == root) else {
        return;
    };
    let mut of_criterion: HashMap<&str, Vec<Trial>> = HashMap::new();
    for trial in trials {
        of_criterion.entry(trial.criterion).or_default().push(trial);
    }
    let Some(app) = report.apps.get_mut(index) else {
        return;
    };
    app.run = Some(run);
    let mut made: Vec<Finding> = Vec::new();
    for at in 0..app.criteria.len() {
        let criterion = app.criteria[at].criterion;
        let Some(mut trials) = of_criterion.remove(criterion.id) else {
            continue;
        };
        trials.sort_by_key(|trial| rank(trial.verdict));
        for trial in trials
            .iter()
            .filter(|trial| trial.verdict == Verdict::Broken)
        {
            let finding = claim::finding(app, criterion, trial, &made);
            add_rule(&mut report.rules, trial, criterion.statement, docs);
            app.criteria[at].findings.push(finding.fingerprint.clone());
            made.push(finding);
        }
        app.criteria[at].trials = trials;
    }
    for finding in made {
        let place = report
            .findings
            .iter()
            .position(|one| order(one) > order(&finding));
        report
            .findings
            .insert(place.unwrap_or(report.findings.len()), finding);
    }
    report.stale_suppressions = suppress(&mut report.findings);
    let shared = |print: &String| {
        let lists = |app: &AppReport| app.criteria.iter().any(|one| one.findings.contains(print));
        report.apps.iter().filter(|app| lists(app)).count() > 1
    };
    let of_others: Vec<String> = report
        .findings
        .iter()
        .map(|finding| finding.fingerprint.clone())
        .filter(shared)
        .collect();
    if let Some(app) = report.apps.get_mut(index) {
        let web = app.process_types.iter().find(|one| one.name == "web");
        let ran = match web.map(|one| (&*one.source, one.command.clone())) {
            Some(("Dockerfile", _)) => None,
            Some((_, command)) => Some(command),
            None => Some(String::new()),
        };
        let ran = ran.as_deref().map_or(Ran::Image, Ran::Command);
        if app.run.as_ref().is_some_and(|run| run.served) {
            app.criteria.iter_mut().for_each(settle::serves_after_all);
        }
        for one in app.criteria.iter_mut().filter(|one| !one.trials.is_empty()) {
            settle::settle(one, &mut report.findings, &of_others, ran);
        }
    }
}

/// Which verdict outranks which among the trials of one criterion.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Broken => 0,
        Verdict::Holds => 1,
        Verdict::NotApplicable => 2,
        Verdict::CouldNotTell => 3,
    }
}

/// The order of findings in a report.
fn order(finding: &Finding) -> impl Ord + '_ {
    (
        finding.app.as_str(),
        finding.factor,
        Reverse(finding.severity),
        &finding.evidence.path,
        finding.evidence.start,
        finding.rule,
        finding.message.as_str(),
    )
}

/// Describes a probe among the rules, once.
fn add_rule(
    rules: &mut Vec<RuleInfo>,
    trial: &Trial,
    statement: &str,
    docs: &dyn Fn(&str) -> Option<(String, &'static str)>,
) {
    let place = match rules.binary_search_by_key(&trial.probe, |rule| rule.name) {
        Ok(_) => return,
        Err(place) => place,
    };
    let (summary, docs) = docs(trial.probe)
        .unwrap_or_else(|| (format!("A run tries whether this is kept: {statement}"), ""));
    let rule = RuleInfo {
        name: trial.probe,
        summary,
        docs,
        severity: trial.severity,
    };
    rules.insert(place, rule);
}

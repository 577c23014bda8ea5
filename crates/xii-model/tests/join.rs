//! What becomes of a verdict when a run is joined with the code.

#![allow(clippy::unwrap_used)]

use xii_model::{
    AppReport, Basis, Confidence, Criterion, CriterionReport, Evidence, Finding, Mark, Moment,
    Notice, Persona, Position, ProcessType, Profile, Report, RunSummary, Severity, SuppressedBy,
    Suppression, Tally, Trial, Verdict, fingerprint, join,
};

use Verdict::{Broken, CouldNotTell, Holds, NotApplicable};

fn line(path: &str, excerpt: &str) -> Evidence {
    let at = |column| Position { line: 2, column };
    Evidence {
        path: path.into(),
        start: at(1),
        end: at(4),
        excerpt: excerpt.into(),
    }
}

fn against(root: &str, criterion: &'static str, confidence: Confidence) -> Finding {
    Finding {
        fingerprint: fingerprint("a-rule", "a.js", criterion, confidence.name(), 0),
        rule: "a-rule",
        criterion,
        factor: Criterion::find(criterion).unwrap().factor,
        app: root.to_owned(),
        severity: Severity::Warning,
        confidence,
        persona: Persona::Regular,
        message: "the code says no".to_owned(),
        evidence: line("a.js", "x()"),
        help: String::new(),
        related: Vec::new(),
        fix: None,
        suppression: None,
    }
}

/// An app of which the code says one verdict of IX.2, by these findings.
fn app(root: &str, verdict: Verdict, findings: &[Finding]) -> AppReport {
    let process = |name: &str| ProcessType {
        name: name.to_owned(),
        command: "node .".to_owned(),
        at: line("Procfile", &format!("{name}: node .")),
        source: "Procfile".to_owned(),
    };
    AppReport {
        name: root.to_owned(),
        root: root.to_owned(),
        languages: Vec::new(),
        frameworks: Vec::new(),
        process_types: vec![process("clock"), process("web"), process("worker")],
        config: Vec::new(),
        resources: Vec::new(),
        git: None,
        criteria: vec![CriterionReport {
            criterion: Criterion::find("IX.2").unwrap(),
            verdict,
            reason: "the code says so.".to_owned(),
            worst: (verdict == Broken).then_some(Severity::Warning),
            findings: findings.iter().map(|one| one.fingerprint.clone()).collect(),
            evidence: vec![line("a.js", "x()")],
            from_code: None,
            trials: Vec::new(),
        }],
        run: None,
    }
}

fn report(apps: Vec<AppReport>, findings: Vec<Finding>) -> Report {
    Report {
        profile: Profile::Fifteen,
        apps,
        findings,
        notices: Vec::new(),
        stale_suppressions: Vec::new(),
        rules: Vec::new(),
        tally: Tally::default(),
    }
}

fn code(verdict: Verdict) -> Report {
    let findings = match verdict {
        Broken => vec![against(".", "IX.2", Confidence::Medium)],
        _ => Vec::new(),
    };
    report(vec![app(".", verdict, &findings)], findings)
}

fn trial(probe: &'static str, verdict: Verdict) -> Trial {
    Trial {
        probe,
        criterion: "IX.2",
        verdict,
        reason: format!("{probe} saw it"),
        severity: Severity::Error,
        transcript: Vec::new(),
        took_ms: 5,
    }
}

fn keep(_: &mut [Finding]) -> Vec<Notice> {
    Vec::new()
}

fn tried_with(
    mut report: Report,
    trials: Vec<Trial>,
    mut suppress: impl FnMut(&mut [Finding]) -> Vec<Notice>,
) -> Report {
    let docs = |probe: &str| Some((format!("{probe} tries."), "docs"));
    join(
        &mut report,
        ".",
        trials,
        RunSummary::default(),
        &docs,
        &mut suppress,
    );
    report
}

fn tried(report: Report, trials: Vec<Trial>) -> Report {
    tried_with(report, trials, keep)
}

fn settled(code_says: Verdict, run_shows: Verdict) -> CriterionReport {
    tried(code(code_says), vec![trial("a-probe", run_shows)]).apps[0].criteria[0].clone()
}

#[test]
fn a_run_outranks_the_code_when_it_shows_something() {
    let expected = [
        (Holds, Holds, Holds, Basis::Both),
        (Holds, Broken, Broken, Basis::Run),
        (Holds, NotApplicable, Holds, Basis::Code),
        (Holds, CouldNotTell, Holds, Basis::Code),
        (Broken, Holds, Holds, Basis::Run),
        (Broken, Broken, Broken, Basis::Both),
        (Broken, NotApplicable, Broken, Basis::Code),
        (Broken, CouldNotTell, Broken, Basis::Code),
        (NotApplicable, Holds, Holds, Basis::Run),
        (NotApplicable, Broken, Broken, Basis::Run),
        (NotApplicable, NotApplicable, NotApplicable, Basis::Both),
        (NotApplicable, CouldNotTell, NotApplicable, Basis::Code),
        (CouldNotTell, Holds, Holds, Basis::Run),
        (CouldNotTell, Broken, Broken, Basis::Run),
        (CouldNotTell, NotApplicable, NotApplicable, Basis::Run),
        (CouldNotTell, CouldNotTell, CouldNotTell, Basis::Both),
    ];
    for (code_says, run_shows, verdict, basis) in expected {
        let one = settled(code_says, run_shows);
        let what = format!("{code_says:?} and {run_shows:?}");
        assert_eq!((one.verdict, one.basis()), (verdict, basis), "{what}");
        assert_eq!(one.worst.is_some(), verdict == Broken, "{what}");
        let said = one.from_code.unwrap();
        assert_eq!(said.verdict, code_says, "{what}");
        assert_eq!(said.reason, "the code says so.", "{what}");
        let both = "the code says so; the run could not tell: a-probe saw it";
        assert_eq!(one.reason == both, run_shows == CouldNotTell, "{what}");
    }
}

#[test]
fn broken_outranks_holds_among_trials_and_comes_first() {
    let all = [CouldNotTell, NotApplicable, Holds, Broken];
    let names = ["open", "apart", "keeps", "breaks"];
    let mut trials: Vec<Trial> = Vec::new();
    for (name, verdict) in names.into_iter().zip(all) {
        trials.push(trial(name, verdict));
        let report = tried(code(CouldNotTell), trials.clone());
        let one = &report.apps[0].criteria[0];
        assert_eq!(one.verdict, verdict);
        let order: Vec<&str> = one.trials.iter().map(|trial| trial.probe).collect();
        let reversed: Vec<&str> = trials.iter().rev().map(|trial| trial.probe).collect();
        assert_eq!(order, reversed);
    }
}

#[test]
fn what_a_run_breaks_is_a_finding_where_its_process_is_declared() {
    let mut breaks = trial("a-probe", Broken);
    let moment = |source: &str, mark| Moment {
        at_us: 0,
        source: source.to_owned(),
        text: String::new(),
        mark,
    };
    breaks.transcript = vec![
        moment("web.1", Mark::Seen),
        moment("probe", Mark::Against),
        moment("worker.3", Mark::Against),
    ];
    let report = tried(code(Broken), vec![breaks, trial("b-probe", Broken)]);
    let one = &report.apps[0].criteria[0];
    assert_eq!(one.reason, "a-probe saw it (and 2 more)");
    assert_eq!(one.worst, Some(Severity::Error));
    assert_eq!(one.findings.len(), 3);
    let names: Vec<&str> = report.findings.iter().map(|one| one.rule).collect();
    assert_eq!(names, ["a-probe", "b-probe", "a-rule"]);
    let first = &report.findings[0];
    assert_eq!(&*first.evidence.excerpt, "worker: node .");
    assert_eq!(&*report.findings[1].evidence.excerpt, "web: node .");
    assert_eq!(first.confidence, Confidence::High);
    assert!(first.help.starts_with("Handle SIGTERM"), "{}", first.help);
    let rules: Vec<_> = report
        .rules
        .iter()
        .map(|rule| rule.summary.as_str())
        .collect();
    assert_eq!(rules, ["a-probe tries.", "b-probe tries."]);
    // The same again, so that a baseline knows it.
    let again = tried(code(Broken), vec![trial("b-probe", Broken)]);
    assert_eq!(
        again.findings[0].fingerprint,
        report.findings[1].fingerprint
    );
}

#[test]
fn without_a_declared_process_a_manifest_stands_for_the_app() {
    let mut report = code(CouldNotTell);
    report.apps[0].process_types.clear();
    report.apps[0].criteria[0].evidence =
        vec![line("src/a.js", "x"), line("web/package.json", "x")];
    let found = tried(report.clone(), vec![trial("a-probe", Broken)]);
    assert_eq!(&*found.findings[0].evidence.path, "web/package.json");
    assert!(found.findings[0].evidence.is_whole_file());
    report.apps[0].criteria[0].evidence.clear();
    let found = tried(report, vec![trial("a-probe", Broken)]);
    assert_eq!(&*found.findings[0].evidence.path, ".");
}

#[test]
fn what_a_run_refutes_is_withdrawn() {
    let sure = against(".", "IX.2", Confidence::Medium);
    let sign = against(".", "IX.2", Confidence::Low);
    let mut known = against(".", "IX.2", Confidence::High);
    let mut allowed = known.clone();
    allowed.fingerprint = "allowed".to_owned();
    for (finding, by) in [
        (&mut known, SuppressedBy::Baseline),
        (&mut allowed, SuppressedBy::Comment),
    ] {
        let reason = "because".to_owned();
        finding.suppression = Some(Suppression { by, reason });
    }
    let findings = vec![sure, sign, known, allowed];
    let report = report(vec![app(".", Broken, &findings)], findings);
    let report = tried(report, vec![trial("a-probe", Holds)]);
    let by: Vec<_> = report
        .findings
        .iter()
        .map(|finding| finding.suppression.as_ref().map(|one| one.by))
        .collect();
    let run = Some(SuppressedBy::Run);
    assert_eq!(by, [run, None, run, Some(SuppressedBy::Comment)]);
    let reason = &report.findings[0].suppression.as_ref().unwrap().reason;
    assert_eq!(reason, "the run showed: a-probe saw it");
    assert!(report.apps[0].criteria[0].evidence.is_empty());
}

#[test]
fn what_is_said_of_an_image_stands_unless_its_command_ran() {
    let finding = || {
        let mut finding = against(".", "IX.2", Confidence::High);
        finding.evidence = line("deploy/Dockerfile", "CMD node .");
        finding
    };
    let report_of = || {
        let findings = vec![finding()];
        report(vec![app(".", Broken, &findings)], findings)
    };
    let stands = tried(report_of(), vec![trial("drain", Holds)]);
    assert_eq!(stands.findings[0].suppression, None);
    let one = &stands.apps[0].criteria[0];
    assert_eq!(one.verdict, Broken);
    assert!(one.reason.contains("made no image"), "{}", one.reason);
    let mut of_image = report_of();
    of_image.apps[0].process_types[1].source = "Dockerfile".to_owned();
    let ran = tried(of_image, vec![trial("drain", Holds)]);
    assert_eq!(ran.apps[0].criteria[0].verdict, Holds);
    assert!(ran.findings[0].suppression.is_some());
}

#[test]
fn how_an_image_is_made_and_what_a_script_does_that_did_not_run_stand() {
    for (evidence, source) in [
        (
            line("Dockerfile", "RUN npm install -g nodemon"),
            "Dockerfile",
        ),
        (line("boot.sh", "flask db upgrade"), "Procfile"),
        (line("docker/uwsgi.ini", "http-socket = :8000"), "Procfile"),
    ] {
        let mut finding = against(".", "IX.2", Confidence::High);
        finding.evidence = evidence;
        let findings = vec![finding];
        let mut report = report(vec![app(".", Broken, &findings)], findings);
        report.apps[0].process_types[1].source = source.to_owned();
        let report = tried(report, vec![trial("a-probe", Holds)]);
        assert_eq!(
            report.findings[0].suppression, None,
            "{}",
            report.findings[0].evidence.path
        );
        assert_eq!(report.apps[0].criteria[0].verdict, Broken);
    }
}

#[test]
fn that_a_hoisted_package_is_there_does_not_declare_it() {
    let mut finding = against(".", "IX.2", Confidence::High);
    finding.rule = "undeclared-import";
    let findings = vec![finding];
    let report = report(vec![app(".", Broken, &findings)], findings);
    let report = tried(report, vec![trial("a-probe", Holds)]);
    let one = &report.apps[0].criteria[0];
    assert_eq!(one.verdict, Broken);
    assert!(one.reason.contains("; the run showed: "), "{}", one.reason);
}

#[test]
fn what_a_run_served_the_code_does_not_deny() {
    for (served, wanted) in [(true, CouldNotTell), (false, NotApplicable)] {
        let mut report = code(NotApplicable);
        report.apps[0].criteria[0].reason = xii_model::ANSWERS_NOTHING.to_owned();
        let run = RunSummary {
            served,
            ..RunSummary::default()
        };
        join(
            &mut report,
            ".",
            vec![trial("a-probe", CouldNotTell)],
            run,
            &|_| None,
            &mut |_| Vec::new(),
        );
        assert_eq!(report.apps[0].criteria[0].verdict, wanted);
    }
}

#[test]
fn what_also_counts_against_an_app_that_did_not_run_stays() {
    let findings = vec![against(".", "IX.2", Confidence::High)];
    let apps = vec![app(".", Broken, &findings), app("other", Broken, &findings)];
    let report = tried(report(apps, findings), vec![trial("a-probe", Holds)]);
    assert_eq!(report.apps[0].criteria[0].verdict, Holds);
    assert_eq!(report.apps[1].criteria[0].verdict, Broken);
    assert_eq!(report.findings[0].suppression, None);
}

#[test]
fn what_the_maintainers_allow_breaks_nothing_and_what_a_baseline_knows_does() {
    for (by, verdict, trials) in [
        (SuppressedBy::Config, CouldNotTell, vec![Broken]),
        (
            SuppressedBy::Comment,
            CouldNotTell,
            vec![Broken, CouldNotTell],
        ),
        (SuppressedBy::Comment, Holds, vec![Broken, Holds]),
        (SuppressedBy::Baseline, Broken, vec![Broken, Holds]),
    ] {
        let trials = ["a-probe", "b-probe"].into_iter().zip(trials);
        let trials = trials.map(|(name, verdict)| trial(name, verdict)).collect();
        let allow = |findings: &mut [Finding]| {
            for finding in findings.iter_mut().filter(|one| one.rule == "a-probe") {
                let reason = "by hand".to_owned();
                finding.suppression = Some(Suppression { by, reason });
            }
            vec![Notice {
                path: "xii.toml".to_owned(),
                line: None,
                message: "stale".to_owned(),
            }]
        };
        let report = tried_with(code(Holds), trials, allow);
        let one = &report.apps[0].criteria[0];
        assert_eq!(one.verdict, verdict, "{by:?}");
        let said = one.reason == "allowed by the maintainers: by hand";
        assert_eq!(said, verdict == CouldNotTell, "{}", one.reason);
        assert_eq!(report.stale_suppressions.len(), 1);
    }
}

#[test]
fn what_the_report_does_not_speak_of_is_left_out() {
    let mut elsewhere = trial("a-probe", Broken);
    elsewhere.criterion = "VII.1";
    let report = tried(code(Holds), vec![elsewhere]);
    assert!(report.findings.is_empty() && report.apps[0].run.is_some());
    assert_eq!(report.apps[0].criteria[0].from_code, None);
    let mut report = code(Holds);
    let docs = |_: &str| None;
    let trials = vec![trial("a-probe", Broken)];
    join(
        &mut report,
        "no/such",
        trials,
        RunSummary::default(),
        &docs,
        &mut keep,
    );
    assert!(report.findings.is_empty() && report.apps[0].run.is_none());
}

//! Reports made by hand. The builder keeps verdicts and findings in step, as an audit does.

use xii_model::{
    AppReport, Confidence, Criterion, CriterionReport, Edit, Evidence, Finding, Fix, Notice,
    Persona, Position, Profile, Related, Report, RuleInfo, Safety, Severity, SuppressedBy,
    Suppression, Tally, Verdict, fingerprint,
};

/// Evidence from source: the span runs from a column of the first line to a column of the last one.
pub(crate) fn source(path: &str, line: u32, columns: (u32, u32), excerpt: &str) -> Evidence {
    let last = line + u32::try_from(excerpt.lines().count()).unwrap() - 1;
    Evidence {
        path: path.into(),
        start: Position {
            line,
            column: columns.0,
        },
        end: Position {
            line: last,
            column: columns.1,
        },
        excerpt: excerpt.into(),
    }
}

/// A finding for the app at `root`, of high confidence.
pub(crate) fn finding(
    root: &str,
    rule: &'static str,
    criterion: &'static str,
    severity: Severity,
    evidence: Evidence,
    message: &str,
    help: &str,
) -> Finding {
    Finding {
        fingerprint: fingerprint(
            rule,
            &evidence.path,
            message,
            &evidence.excerpt,
            evidence.start.line as usize,
        ),
        rule,
        criterion,
        factor: Criterion::find(criterion).unwrap().factor,
        app: root.to_owned(),
        severity,
        confidence: Confidence::High,
        persona: Persona::Regular,
        message: message.to_owned(),
        evidence,
        help: help.to_owned(),
        related: Vec::new(),
        fix: None,
        suppression: None,
    }
}

/// What a finding may be given besides.
pub(crate) trait With: Sized {
    fn sure(self, confidence: Confidence) -> Self;
    fn related(self, evidence: Evidence, message: &str) -> Self;
    fn fix(self, title: &str, safety: Safety, path: &str) -> Self;
    fn allowed(self, by: SuppressedBy, reason: &str) -> Self;
}

impl With for Finding {
    fn sure(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    fn related(mut self, evidence: Evidence, message: &str) -> Self {
        let message = message.to_owned();
        self.related.push(Related { evidence, message });
        self
    }

    fn fix(mut self, title: &str, safety: Safety, path: &str) -> Self {
        self.fix = Some(Fix {
            title: title.to_owned(),
            safety,
            edits: vec![Edit::Append {
                path: path.to_owned(),
                text: "line\n".to_owned(),
            }],
        });
        self
    }

    fn allowed(mut self, by: SuppressedBy, reason: &str) -> Self {
        let reason = reason.to_owned();
        self.suppression = Some(Suppression { by, reason });
        self
    }
}

/// What is said of the criteria that no finding breaks: verdict, reason and where.
pub(crate) type Told = (&'static str, Verdict, &'static str, Option<Evidence>);

/// Every criterion: broken where a finding says so, as told, and else open.
pub(crate) fn criteria(root: &str, findings: &[Finding], told: &[Told]) -> Vec<CriterionReport> {
    Criterion::all()
        .filter(|criterion| criterion.in_profile(Profile::Fifteen))
        .map(|criterion| one(criterion, root, findings, told))
        .collect()
}

fn one(
    criterion: &'static Criterion,
    root: &str,
    findings: &[Finding],
    told: &[Told],
) -> CriterionReport {
    let against: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.app == root && finding.criterion == criterion.id)
        .collect();
    let counted = against.iter().filter(|finding| {
        let allowed = finding
            .suppression
            .as_ref()
            .is_some_and(|one| one.by != SuppressedBy::Baseline);
        finding.confidence > Confidence::Low && !allowed
    });
    let worst = counted.max_by_key(|finding| finding.severity);
    let known = told.iter().find(|(id, ..)| *id == criterion.id);
    let (verdict, reason, evidence) = match (worst, known) {
        (Some(worst), _) => (
            Verdict::Broken,
            worst.message.clone(),
            vec![worst.evidence.clone()],
        ),
        (None, Some((_, verdict, reason, at))) => {
            (*verdict, (*reason).to_owned(), at.iter().cloned().collect())
        }
        (None, None) => (
            Verdict::CouldNotTell,
            "nothing in the code answers it, for or against".to_owned(),
            Vec::new(),
        ),
    };
    CriterionReport {
        criterion,
        verdict,
        reason,
        worst: worst.map(|worst| worst.severity),
        findings: against
            .iter()
            .map(|finding| finding.fingerprint.clone())
            .collect(),
        evidence,
        from_code: None,
        trials: Vec::new(),
    }
}

/// A report of apps and findings, with what is said of its rules.
pub(crate) fn report(apps: Vec<AppReport>, findings: Vec<Finding>) -> Report {
    let mut rules: Vec<RuleInfo> = findings
        .iter()
        .map(|finding| RuleInfo {
            name: finding.rule,
            summary: format!("What {} looks for.", finding.rule),
            docs: "The summary.\n\n## Why it matters\n\nA reason with `code`.\n",
            severity: finding.severity,
        })
        .collect();
    rules.sort_by_key(|rule| rule.name);
    rules.dedup_by_key(|rule| rule.name);
    Report {
        profile: Profile::Fifteen,
        apps,
        findings,
        notices: Vec::new(),
        stale_suppressions: Vec::new(),
        rules,
        tally: Tally {
            files: 214,
            read: 96,
            parsed: 41,
        },
    }
}

/// A report of a folder without files.
pub(crate) fn empty() -> Report {
    let app = AppReport {
        name: "empty".to_owned(),
        root: ".".to_owned(),
        languages: Vec::new(),
        frameworks: Vec::new(),
        process_types: Vec::new(),
        config: Vec::new(),
        resources: Vec::new(),
        git: None,
        criteria: criteria(".", &[], &[]),
        run: None,
    };
    let mut report = report(vec![app], Vec::new());
    report.tally = Tally::default();
    report
}

pub(crate) fn notice(path: &str, line: Option<u32>, message: &str) -> Notice {
    Notice {
        path: path.to_owned(),
        line,
        message: message.to_owned(),
    }
}

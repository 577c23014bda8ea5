//! The report: every criterion with its verdict and evidence.

use crate::{Criterion, Evidence, Factor, Finding, Profile, RunSummary, Trial, Verdict};

/// What an audit of one or more apps found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The edition that the apps were held to.
    pub profile: Profile,
    /// The apps, in the order of their roots.
    pub apps: Vec<AppReport>,
    /// All findings, also suppressed ones; in the order of app, factor, severity, path and line.
    pub findings: Vec<Finding>,
    /// What could not be read.
    pub notices: Vec<Notice>,
    /// Suppressions that suppressed nothing, or that give no reason.
    pub stale_suppressions: Vec<Notice>,
    /// The rules and probes that have findings, by name.
    pub rules: Vec<RuleInfo>,
    /// How much was read.
    pub tally: Tally,
}

/// What a report says of a rule or a probe, for formats that carry them along with the findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Its name, such as `hard-coded-secret`.
    pub name: &'static str,
    /// The first sentence of its documentation.
    pub summary: String,
    /// Its documentation, in Markdown.
    pub docs: &'static str,
    /// How bad its findings are unless they say otherwise.
    pub severity: crate::Severity,
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Files seen by the walk.
    pub files: usize,
    /// Files whose text was read.
    pub read: usize,
    /// Source files whose syntax was parsed.
    pub parsed: usize,
}

/// One app of the report.
#[derive(Clone, Debug)]
pub struct AppReport {
    /// The app's name.
    pub name: String,
    /// Its folder below the audited one; `.` for the audited folder itself.
    pub root: String,
    /// Languages, the most used first.
    pub languages: Vec<String>,
    /// Frameworks, for the header.
    pub frameworks: Vec<String>,
    /// What it runs.
    pub process_types: Vec<crate::ProcessType>,
    /// The variables that it reads or declares.
    pub config: Vec<ConfigVariable>,
    /// The resources that it attaches.
    pub resources: Vec<ResourceUse>,
    /// Branch and commit, when it is in a git work tree.
    pub git: Option<GitHead>,
    /// Every criterion of the profile, in order.
    pub criteria: Vec<CriterionReport>,
    /// What was run, when it was.
    pub run: Option<RunSummary>,
}

/// Branch and commit of the audited work tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitHead {
    /// The branch, unless the head is detached.
    pub branch: Option<String>,
    /// The abbreviated commit.
    pub commit: String,
    /// Whether a tracked file differs from what was staged.
    pub dirty: bool,
}

/// A variable of the app's config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigVariable {
    /// Its name.
    pub name: String,
    /// Whether the app cannot start without it.
    pub required: bool,
    /// Whether its value is a secret.
    pub secret: bool,
    /// Whether a declaration names it.
    pub declared: bool,
}

/// A backing service that the app attaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceUse {
    /// Its kind, such as `postgres`.
    pub kind: String,
    /// The variable that holds its locator, when one does.
    pub variable: Option<String>,
}

/// The verdict on one criterion.
#[derive(Clone, Debug)]
pub struct CriterionReport {
    /// Which one.
    pub criterion: &'static Criterion,
    /// What is said of it.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// The severity of the worst finding that counts against it, when it is broken.
    pub worst: Option<crate::Severity>,
    /// Fingerprints of the findings against it, suppressed ones included.
    pub findings: Vec<String>,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
    /// What the code alone said, where a run was asked too.
    pub from_code: Option<FromCode>,
    /// What probes made of it, the one that decided first.
    pub trials: Vec<Trial>,
}

/// What the code alone said of a criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FromCode {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// Where that was seen.
    pub evidence: Vec<Evidence>,
}

/// What a verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The code.
    Code,
    /// A run of the app.
    Run,
    /// Code and run say the same.
    Both,
}

impl Basis {
    /// The word for a person.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Code => "code",
            Basis::Run => "run",
            Basis::Both => "both",
        }
    }
}

/// Something that could not be read, or an instruction to xii that had no effect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The file.
    pub path: String,
    /// The line, where one is known.
    pub line: Option<u32>,
    /// One lower-case sentence.
    pub message: String,
}

/// How many criteria of a factor have each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Count {
    pub holds: usize,
    pub broken: usize,
    pub could_not_tell: usize,
    pub not_applicable: usize,
}

impl CriterionReport {
    /// What the verdict rests on.
    pub fn basis(&self) -> Basis {
        let shown = self.trials.first().map(|trial| trial.verdict);
        match &self.from_code {
            Some(code) if code.verdict != self.verdict => Basis::Run,
            Some(_) if shown == Some(self.verdict) => Basis::Both,
            _ => Basis::Code,
        }
    }
}

impl AppReport {
    /// The verdicts under one factor.
    pub fn of(&self, factor: Factor) -> impl Iterator<Item = &CriterionReport> {
        self.criteria
            .iter()
            .filter(move |report| report.criterion.factor == factor)
    }

    /// The factors that the report speaks of, in order.
    pub fn factors(&self) -> impl Iterator<Item = Factor> {
        Factor::ALL
            .into_iter()
            .filter(|factor| self.of(*factor).next().is_some())
    }

    /// How many criteria of a factor have each verdict.
    pub fn count(&self, factor: Factor) -> Count {
        let mut count = Count::default();
        for report in self.of(factor) {
            match report.verdict {
                Verdict::Holds => count.holds += 1,
                Verdict::Broken => count.broken += 1,
                Verdict::CouldNotTell => count.could_not_tell += 1,
                Verdict::NotApplicable => count.not_applicable += 1,
            }
        }
        count
    }
}

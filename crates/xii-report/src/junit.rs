//! `--format junit`: JUnit XML. An app is a suite and a criterion a test case.

use std::fmt::Write as _;

use xii_model::{AppReport, Confidence, CriterionReport, Finding, Report, Verdict};

use crate::section::{Section, place, places};
use crate::trial::{difference, lines, ran, title};
use crate::{neutral, prose, score};

/// How many moments of a transcript are told.
const MOMENTS: usize = 200;
/// How many characters of a moment are told.
const TEXT: usize = 600;

/// The report as JUnit XML.
pub(crate) fn render(report: &Report) -> String {
    let sections = Section::all(report);
    let count = |outcome: Outcome| -> usize {
        let of_app = |section: &Section<'_>| number_of(report, section.app, outcome);
        sections.iter().map(of_app).sum()
    };
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        text,
        "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{}\">",
        title(report),
        sections
            .iter()
            .map(|section| section.app.criteria.len())
            .sum::<usize>(),
        count(Outcome::Failed),
        count(Outcome::Skipped),
        seconds(report.apps.iter().map(run_ms)),
    );
    for (index, section) in sections.iter().enumerate() {
        suite(report, section, index == 0, &mut text);
    }
    text.push_str("</testsuites>\n");
    text
}

/// What a test runner would say of a criterion.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

/// Only what is new fails: a criterion that only findings of the baseline break is skipped.
fn outcome(report: &Report, one: &CriterionReport) -> Outcome {
    match one.verdict {
        Verdict::Holds => Outcome::Passed,
        Verdict::Broken if !counted(report, one).is_empty() => Outcome::Failed,
        _ => Outcome::Skipped,
    }
}

fn number_of(report: &Report, app: &AppReport, wanted: Outcome) -> usize {
    let is_wanted = |one: &&CriterionReport| outcome(report, one) == wanted;
    app.criteria.iter().filter(is_wanted).count()
}

/// The findings that make a criterion fail.
fn counted<'a>(report: &'a Report, one: &CriterionReport) -> Vec<&'a Finding> {
    let counts = |finding: &&Finding| {
        one.findings.contains(&finding.fingerprint)
            && finding.confidence > Confidence::Low
            && finding.suppression.is_none()
    };
    report.findings.iter().filter(counts).collect()
}

fn suite(report: &Report, section: &Section<'_>, first: bool, text: &mut String) {
    let app = section.app;
    let name = match app.root.as_str() {
        "." => app.name.clone(),
        root => format!("{} ({root})", app.name),
    };
    let _ = writeln!(
        text,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{}\">",
        escaped(&name),
        app.criteria.len(),
        number_of(report, app, Outcome::Failed),
        number_of(report, app, Outcome::Skipped),
        seconds([run_ms(app)]),
    );
    text.push_str("    <properties>\n");
    let _ = writeln!(
        text,
        "      <property name=\"profile\" value=\"{}\"/>",
        report.profile.name()
    );
    if let Some(points) = score(app).points {
        let _ = writeln!(text, "      <property name=\"score\" value=\"{points}\"/>");
    }
    if let Some(ran) = ran(app) {
        let ran = escaped(&ran);
        let _ = writeln!(text, "      <property name=\"run\" value=\"{ran}\"/>");
    }
    text.push_str("    </properties>\n");
    for one in &app.criteria {
        case(report, app, one, text);
    }
    let notices: Vec<String> = report
        .notices
        .iter()
        .chain(&report.stale_suppressions)
        .map(|notice| {
            let line = notice
                .line
                .map_or_else(String::new, |line| format!(":{line}"));
            escaped(&format!("{}{line}: {}", notice.path, notice.message))
        })
        .collect();
    // Notices belong to the whole run, which has no place of its own.
    if first && !notices.is_empty() {
        let _ = writeln!(text, "    <system-err>{}</system-err>", notices.join("\n"));
    }
    text.push_str("  </testsuite>\n");
}

fn case(report: &Report, app: &AppReport, one: &CriterionReport, text: &mut String) {
    let criterion = one.criterion;
    let _ = write!(
        text,
        "    <testcase classname=\"{}.{} {}\" name=\"{} {}\"",
        escaped(&app.name).replace('.', "_"),
        criterion.factor.id(),
        escaped(criterion.factor.name()),
        criterion.id,
        escaped(criterion.title),
    );
    if let Some(at) = one.evidence.first() {
        let _ = write!(
            text,
            " file=\"{}\" line=\"{}\"",
            escaped(&at.path),
            at.start.line
        );
    }
    let took = seconds(one.trials.iter().map(|trial| trial.took_ms));
    let _ = writeln!(text, " time=\"{took}\">");
    let reason = escaped(&one.reason);
    let mut out = told(one);
    match outcome(report, one) {
        Outcome::Passed => {
            let at = match places(one.evidence.iter(), 3) {
                at if at.is_empty() => at,
                at => format!(" at {}", escaped(&at)),
            };
            out.insert(0, format!("holds: {reason}{at}"));
        }
        Outcome::Failed => {
            let kind = one.worst.map_or("finding", |worst| worst.name());
            let _ = writeln!(
                text,
                "      <failure message=\"{reason}\" type=\"{kind}\">{}</failure>",
                against(report, one).join("\n")
            );
        }
        Outcome::Skipped => {
            let why = match one.verdict {
                Verdict::Broken => "broken, as the baseline knows",
                other => other.name(),
            };
            let _ = writeln!(text, "      <skipped message=\"{why}: {reason}\"/>");
        }
    }
    if !out.is_empty() {
        let out = out.join("\n");
        let _ = writeln!(text, "      <system-out>{out}</system-out>");
    }
    text.push_str("    </testcase>\n");
}

/// What a run showed of a criterion: where it differs from the code, and the transcripts.
fn told(one: &CriterionReport) -> Vec<String> {
    let differs = difference(one).map(|differs| escaped(&differs));
    let mut told: Vec<String> = differs.into_iter().collect();
    for trial in &one.trials {
        let (probe, verdict) = (escaped(trial.probe), trial.verdict.name());
        told.push(format!("{probe}, {verdict}: {}", escaped(&trial.reason)));
        let moments = lines(trial, MOMENTS, TEXT);
        told.extend(
            moments
                .iter()
                .map(|line| format!("  {}", escaped_code(line))),
        );
    }
    told
}

/// How long the run of an app took, in milliseconds.
fn run_ms(app: &AppReport) -> u64 {
    app.run.as_ref().map_or(0, |run| run.took_ms)
}

/// The sum of some milliseconds, in seconds.
fn seconds(list: impl IntoIterator<Item = u64>) -> String {
    let sum = list.into_iter().fold(0u64, u64::saturating_add);
    match sum {
        0 => "0".to_owned(),
        _ => format!("{}.{:03}", sum / 1000, sum % 1000),
    }
}

/// The findings against a criterion, with what to do.
fn against(report: &Report, one: &CriterionReport) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in counted(report, one) {
        lines.push(escaped(&head(finding)));
        for block in prose::blocks(&finding.help) {
            match block {
                prose::Block::Text(text) => lines.push(format!("  {}", escaped(&text))),
                prose::Block::Code(code) => {
                    lines.extend(
                        code.iter()
                            .map(|line| format!("      {}", escaped_code(line))),
                    );
                }
            }
        }
    }
    lines
}

fn head(finding: &Finding) -> String {
    format!(
        "{}[{}] {}: {}",
        finding.severity.name(),
        finding.rule,
        place(&finding.evidence),
        finding.message
    )
}

/// One line as XML text or as an attribute's value. What XML 1.0 cannot hold is made visible.
fn escaped(text: &str) -> String {
    escaped_code(&neutral::line(text))
}

/// The same for text that is harmless already and whose spaces count.
fn escaped_code(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
}

//! `--format github`: workflow commands, which GitHub Actions shows beside the lines
//! (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).
//!
//! A step shows at most ten errors, ten warnings and ten notices, so the worst and surest come first
//! and the others follow as plain lines of the log.

use std::cmp::Reverse;
use std::fmt::Write as _;

use xii_model::{Confidence, Finding, Report, Severity};

use crate::section::{EMPTY, is_empty, place};
use crate::totals::Totals;
use crate::trial::{deciding, moment, of_finding, ran};
use crate::{neutral, prose, score};

/// How many annotations of one level a step shows.
const SHOWN: usize = 10;

/// How many moments of a transcript an annotation tells.
const MOMENTS: usize = 3;
/// How many characters of a moment are shown.
const TEXT: usize = 240;

/// The report as workflow commands and log lines.
pub(crate) fn render(report: &Report) -> String {
    let mut active: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.suppression.is_none())
        .collect();
    active.sort_by_key(|finding| {
        (
            Reverse(level_of(finding)),
            Reverse(finding.confidence),
            Reverse(finding.severity),
        )
    });
    let mut text = String::new();
    let mut rest: Vec<&Finding> = Vec::new();
    for level in [Severity::Error, Severity::Warning, Severity::Note] {
        let of_level: Vec<&Finding> = active
            .iter()
            .copied()
            .filter(|finding| level_of(finding) == level)
            .collect();
        for finding in of_level.iter().take(SHOWN) {
            text.push_str(&annotation(report, finding));
        }
        rest.extend(of_level.iter().skip(SHOWN));
    }
    if !rest.is_empty() {
        let _ = writeln!(text, "::group::{} more findings", rest.len());
        for finding in rest {
            let line = format!(
                "{}[{}] {} {}",
                finding.severity.name(),
                finding.rule,
                place(&finding.evidence),
                neutral::line(&finding.message)
            );
            let _ = writeln!(text, "{}", log_line(&line));
        }
        text.push_str("::endgroup::\n");
    }
    for notice in report.notices.iter().chain(&report.stale_suppressions) {
        let line = format!("note: {}: {}", notice.path, notice.message);
        let _ = writeln!(text, "{}", log_line(&neutral::line(&line)));
    }
    for app in &report.apps {
        if let Some(ran) = ran(app) {
            let line = format!("{}: {ran}", neutral::line(&app.name));
            let _ = writeln!(text, "{}", log_line(&line));
        }
    }
    let _ = writeln!(text, "{}", log_line(&summary(report)));
    text
}

/// How loud a finding is told. A sign of low confidence fails nothing, so it alarms nobody.
fn level_of(finding: &Finding) -> Severity {
    match finding.confidence {
        Confidence::Low => Severity::Note,
        Confidence::Medium | Confidence::High => finding.severity,
    }
}

/// One workflow command.
fn annotation(report: &Report, finding: &Finding) -> String {
    let level = match level_of(finding) {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let at = &finding.evidence;
    let mut properties = format!("file={}", property(&at.path));
    if at.is_whole_file() {
        properties.push_str(",line=1");
    } else {
        let _ = write!(
            properties,
            ",line={},endLine={}",
            at.start.line, at.end.line
        );
        // GitHub takes columns only when the lines are one.
        if at.start.line == at.end.line {
            let last = at.end.column.saturating_sub(1).max(at.start.column);
            let _ = write!(properties, ",col={},endColumn={last}", at.start.column);
        }
    }
    let confidence = match finding.confidence {
        Confidence::High => String::new(),
        other => format!(", {} confidence", other.name()),
    };
    let title = format!("{} ({}{confidence})", finding.rule, finding.criterion);
    let mut message = vec![neutral::line(&finding.message)];
    let app = report.apps.iter().find(|app| app.root == finding.app);
    if let Some(trial) = app.and_then(|app| of_finding(app, finding)) {
        let moments = deciding(trial, MOMENTS);
        message.extend(moments.into_iter().map(|one| moment(one, TEXT)));
    }
    for block in prose::blocks(&finding.help) {
        match block {
            prose::Block::Text(text) => message.push(text),
            prose::Block::Code(lines) => message.extend(lines),
        }
    }
    format!(
        "::{level} {properties},title={}::{}\n",
        property(&title),
        data(&message.join("\n"))
    )
}

/// A property's value. Line breaks and separators are escaped, other controls made visible.
fn property(value: &str) -> String {
    data(value).replace(':', "%3A").replace(',', "%2C")
}

/// A command's message.
fn data(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '%' => text.push_str("%25"),
            '\r' => text.push_str("%0D"),
            '\n' => text.push_str("%0A"),
            _ if neutral::is_hostile(c) => {
                text.push_str(&neutral::line(&format!("|{c}|")).replace('|', ""))
            }
            _ => text.push(c),
        }
    }
    // An older form of commands starts anywhere in a line.
    text.replace("##[", "## [")
}

/// A line of the log in which nothing is a command: `##[` starts one anywhere, `::` at the start.
fn log_line(line: &str) -> String {
    line.replace("##[", "## [").replace("::", ": :")
}

fn summary(report: &Report) -> String {
    if is_empty(report) {
        return format!("xii: {EMPTY}");
    }
    let totals = Totals::of(&report.findings);
    let scores: Vec<String> = report
        .apps
        .iter()
        .filter_map(|app| {
            let points = score(app).points?;
            Some(format!("{} scores {points}", neutral::line(&app.name)))
        })
        .collect();
    let mut text = format!("xii: {}; {}", totals.by_severity(), totals.aside());
    if !scores.is_empty() {
        let _ = write!(text, "; {}", scores.join(", "));
    }
    text
}

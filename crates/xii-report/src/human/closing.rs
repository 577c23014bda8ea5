//! What could not be read, what suppresses nothing, and the sum of it all.

use xii_model::{Confidence, Notice, Report, Severity};

use super::paint::{self, Paint};
use super::wrap::{hang, wrap};
use crate::totals::{Totals, of};
use crate::{Look, neutral};

/// How many notices are shown.
const NOTICES: usize = 10;

/// The end of the report.
pub(crate) fn render(report: &Report, look: &Look, paint: Paint) -> String {
    format!(
        "{}{}",
        notices(report, look, paint),
        summary(report, look, paint)
    )
}

/// What could not be read, and what suppresses nothing.
pub(crate) fn notices(report: &Report, look: &Look, paint: Paint) -> String {
    let mut text = String::new();
    for (title, list) in [
        ("Could not be read", &report.notices),
        ("Suppressions to look at", &report.stale_suppressions),
    ] {
        if list.is_empty() {
            continue;
        }
        text.push_str(&format!("{}\n", paint.strong(title)));
        let most = if look.verbose { usize::MAX } else { NOTICES };
        for notice in list.iter().take(most) {
            text.push_str(&hang("  ", 4, &sentence(notice), look.width));
        }
        if let Some(more) = list.len().checked_sub(most).filter(|more| *more > 0) {
            text.push_str(&format!("  and {more} more (--verbose shows them)\n"));
        }
        text.push('\n');
    }
    text
}

/// `path:line: message`.
pub(crate) fn sentence(notice: &Notice) -> String {
    let path = neutral::line(&notice.path);
    let message = neutral::line(&notice.message);
    match notice.line {
        Some(line) => format!("{path}:{line}: {message}"),
        None => format!("{path}: {message}"),
    }
}

fn summary(report: &Report, look: &Look, paint: Paint) -> String {
    let totals = Totals::of(&report.findings);
    let style = match totals {
        Totals { errors: 1.., .. } => paint::of_severity(Severity::Error),
        Totals { warnings: 1.., .. } => paint::of_severity(Severity::Warning),
        Totals { notes: 1.., .. } => paint::of_severity(Severity::Note),
        _ => paint::GOOD.bold(),
    };
    let counts = totals.by_severity();
    let tally = report.tally;
    let rest = format!(
        "{counts} · {} · {}: {} read, {} parsed",
        totals.aside(),
        of(tally.files, "file"),
        tally.read,
        tally.parsed
    );
    let wrapped = wrap(&rest, look.width).join("\n");
    let mut text = match wrapped.strip_prefix(&counts) {
        Some(rest) => format!("{}{}\n", paint.style(style, &counts), paint.dim(rest)),
        None => format!("{wrapped}\n"),
    };
    // The worst and surest finding is the one to read up on.
    let example = report
        .findings
        .iter()
        .filter(|finding| finding.suppression.is_none() && finding.confidence > Confidence::Low)
        .max_by_key(|finding| (finding.severity, finding.confidence));
    let hint = match example {
        Some(finding) => format!(
            "`xii explain {}` tells why it matters and what to do; --verbose shows every criterion.",
            finding.rule
        ),
        None => "Silence is no proof: --verbose shows what was told of every criterion, and why."
            .to_owned(),
    };
    for line in wrap(&hint, look.width) {
        text.push_str(&paint.dim(line));
        text.push('\n');
    }
    text
}

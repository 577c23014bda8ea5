//! `--verbose`: every criterion with its verdict, its reason and where that was seen, and what is
//! suppressed.

use xii_model::{AppReport, Factor, SuppressedBy};

use super::paint::{self, Paint};
use super::wrap::{hang, wrap};
use crate::section::{Section, place, places};
use crate::{Look, neutral};

/// Every criterion, and the findings that do not count.
pub(crate) fn render(section: &Section<'_>, look: &Look, paint: Paint) -> String {
    let mut text = format!("{}\n\n", paint.strong("Every criterion"));
    for factor in section.app.factors() {
        text.push_str(&of_factor(section.app, factor, look, paint));
    }
    let suppressed: Vec<String> = section
        .suppressed()
        .map(|finding| {
            let by = match finding.suppression.as_ref().map(|one| one.by) {
                Some(SuppressedBy::Comment) => "by a comment",
                Some(SuppressedBy::Config) => "by xii.toml",
                Some(SuppressedBy::Run) => "by the run",
                Some(SuppressedBy::Baseline) | None => "by the baseline",
            };
            let reason = finding.suppression.as_ref().map(|one| one.reason.as_str());
            let head = format!("  {} at {}, ", finding.rule, place(&finding.evidence));
            let rest = format!("{by}: {}", neutral::line(reason.unwrap_or_default()));
            hang("", 4, &format!("{head}{rest}"), look.width)
        })
        .map(|line| format!("  {line}"))
        .collect();
    if !suppressed.is_empty() {
        text.push_str(&paint.strong("Suppressed"));
        text.push_str(&format!("\n{}\n", suppressed.concat()));
    }
    text
}

fn of_factor(app: &AppReport, factor: Factor, look: &Look, paint: Paint) -> String {
    let title = format!("{} {}", factor.id(), factor.name());
    let mut text = format!("{}\n", paint.style(paint::ACCENT.bold(), title));
    for one in app.of(factor) {
        let (sign, style) = paint::of_verdict(one.verdict);
        text.push_str(&format!(
            "  {} {:<7} {} {}\n",
            paint.style(style, sign),
            one.criterion.id,
            one.criterion.title,
            paint.dim(format!("({})", one.verdict.name())),
        ));
        for line in wrap(&neutral::line(&one.reason), look.width.saturating_sub(12)) {
            text.push_str(&format!("            {}\n", paint.dim(line)));
        }
        if !one.evidence.is_empty() {
            let at = format!("at {}", places(one.evidence.iter(), 3));
            text.push_str(&hang("            ", 12, &at, look.width));
        }
    }
    text.push('\n');
    text
}

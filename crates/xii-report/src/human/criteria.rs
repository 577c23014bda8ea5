//! `--verbose`: every criterion with its verdict, its reason and where that was seen, and what is
//! suppressed.

use xii_model::{CriterionReport, Factor, SuppressedBy, Trial};

use super::paint::{self, Paint};
use super::wrap::{hang, wrap};
use super::{run, transcript};
use crate::section::{Section, place, places};
use crate::trial::{basis, is_drawn};
use crate::{Look, neutral};

/// Where what is said of a criterion stands.
const INDENT: usize = 12;

/// Every criterion, and the findings that do not count.
pub(crate) fn render(section: &Section<'_>, look: &Look, paint: Paint) -> String {
    let mut text = format!("{}\n\n", paint.strong("Every criterion"));
    for factor in section.app.factors() {
        text.push_str(&of_factor(section, factor, look, paint));
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

fn of_factor(section: &Section<'_>, factor: Factor, look: &Look, paint: Paint) -> String {
    let title = format!("{} {}", factor.id(), factor.name());
    let mut text = format!("{}\n", paint.style(paint::ACCENT.bold(), title));
    for one in section.app.of(factor) {
        let (sign, style) = paint::of_verdict(one.verdict);
        let from = basis(one).map_or_else(String::new, |basis| format!(", {basis}"));
        text.push_str(&format!(
            "  {} {:<7} {} {}\n",
            paint.style(style, sign),
            one.criterion.id,
            one.criterion.title,
            paint.dim(format!("({}{from})", one.verdict.name())),
        ));
        for line in wrap(&neutral::line(&one.reason), look.width.saturating_sub(12)) {
            text.push_str(&format!("            {}\n", paint.dim(line)));
        }
        if !one.evidence.is_empty() {
            let at = format!("at {}", places(one.evidence.iter(), 3));
            text.push_str(&hang("            ", INDENT, &at, look.width));
        }
        if let Some(differs) = run::differs(one, INDENT, look, paint) {
            text.push_str(&differs);
        }
        for (index, trial) in one.trials.iter().enumerate() {
            text.push_str(&tried(section, one, trial, index == 0, look, paint));
        }
    }
    text.push('\n');
    text
}

/// A trial: what it says unless that is said, and its transcript unless its finding is drawn.
fn tried(
    section: &Section<'_>,
    one: &CriterionReport,
    trial: &Trial,
    first: bool,
    look: &Look,
    paint: Paint,
) -> String {
    if is_drawn(section, trial) {
        return String::new();
    }
    let reason = neutral::line(&trial.reason);
    let mut text = String::new();
    if !first || !one.reason.contains(&trial.reason) {
        let said = format!("{}, {}: {reason}", trial.probe, trial.verdict.name());
        text.push_str(&hang("            ", INDENT, &said, look.width));
    }
    text.push_str(&transcript::folded(trial, INDENT, look, paint));
    text
}

//! What to do first.

use xii_model::{AppReport, Report};

use super::paint::{self, Paint};
use super::wrap::{hang, wrap};
use crate::advice::advice;
use crate::section::places;
use crate::{Look, plan, score};

/// How many changes are named.
const STEPS: usize = 5;
/// How many places of one change are named.
const PLACES: usize = 3;

/// The changes that gain most for least.
pub(crate) fn render(report: &Report, app: &AppReport, look: &Look, paint: Paint) -> String {
    let steps = plan(report, app);
    if steps.is_empty() {
        return String::new();
    }
    let before = score(app).points.unwrap_or(0);
    let mut text = format!(
        "{}{}\n",
        paint.strong("Do these first"),
        paint.dim(format!(
            ": what gains most for least, from a score of {before}"
        ))
    );
    for (number, step) in (1..).zip(steps.iter().take(STEPS)) {
        let gain = format!("+{}", step.gain);
        let at = places(
            step.findings.iter().map(|finding| &finding.evidence),
            PLACES,
        );
        let head = format!(
            "  {number}. {}  ",
            paint.style(paint::GOOD.bold(), format!("{gain:>3}"))
        );
        text.push_str(&format!("{head}{}\n", paint.strong(step.rule)));
        for line in wrap(&at, look.width.saturating_sub(10)) {
            text.push_str(&format!("          {}\n", paint.dim(line)));
        }
        if let Some(advice) = step.findings.first().and_then(|first| advice(&first.help)) {
            text.push_str(&hang("          ", 10, &advice, look.width));
        }
    }
    text.push('\n');
    text
}

//! Every criterion of an app as a line of the checklist.

use xii_model::{AppReport, CriterionReport, Factor, Verdict};

use super::escape::{link, text};
use crate::neutral;
use crate::trial::{basis, difference};

/// How many characters of a reason are shown.
const REASON: usize = 220;
/// How many places are linked.
const PLACES: usize = 3;

/// The checklist of an app, factor by factor.
pub(super) fn render(app: &AppReport) -> String {
    app.factors().map(|factor| of_factor(app, factor)).collect()
}

fn of_factor(app: &AppReport, factor: Factor) -> String {
    let count = app.count(factor);
    let counts: Vec<String> = [
        (count.holds, "hold"),
        (count.broken, "broken"),
        (count.could_not_tell, "open"),
        (count.not_applicable, "not applicable"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    let mut lines = format!(
        "**{} {}**: {}\n\n",
        factor.id(),
        factor.name(),
        counts.join(", ")
    );
    for one in app.of(factor) {
        lines.push_str(&item(one));
    }
    lines.push('\n');
    lines
}

fn item(one: &CriterionReport) -> String {
    let (sign, strong) = match one.verdict {
        Verdict::Holds => ("[x]", ""),
        Verdict::Broken => ("[ ]", "**"),
        Verdict::CouldNotTell => ("`~`", ""),
        Verdict::NotApplicable => ("`–`", ""),
    };
    let criterion = one.criterion;
    let mut line = format!(
        "- {sign} {strong}{} {}{strong}",
        criterion.id,
        text(criterion.title)
    );
    // What is open is open for the same few reasons; only what was told or tried is told why.
    let reason = match (one.verdict, one.trials.first()) {
        (Verdict::CouldNotTell, None) => None,
        (Verdict::CouldNotTell, Some(trial)) if trial.verdict == Verdict::CouldNotTell => {
            Some(format!("the run could not tell: {}", trial.reason))
        }
        _ => Some(one.reason.clone()),
    };
    if let Some(reason) = reason {
        let reason = neutral::cut(&neutral::line(&reason), REASON);
        line.push_str(&format!(": {}", text(&reason)));
    }
    if let Some(basis) = basis(one) {
        line.push_str(&format!(" [{basis}]"));
    }
    let links: Vec<String> = one.evidence.iter().take(PLACES).map(link).collect();
    if !links.is_empty() {
        line.push_str(&format!(" ({})", links.join(", ")));
    }
    line.push('\n');
    if let Some(differs) = difference(one) {
        line.push_str(&format!("  - {}\n", text(&differs)));
    }
    line
}

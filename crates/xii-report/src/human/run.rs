//! What was run, and what that showed of each criterion that was tried.

use xii_model::{AppReport, CriterionReport, Verdict};

use super::paint::{self, Paint};
use super::wrap::{hang, wrap};
use crate::trial::{difference, ran, remarks};
use crate::{Look, neutral};

/// Where the titles stand: behind the sign, the id and what the verdict rests on.
const TITLES: usize = 18;
/// The least room for reasons beside the titles.
const ROOM: usize = 48;
/// How many characters of a reason are shown.
const REASON: usize = 180;

/// What was run, for the header of an app.
pub(super) fn summary(app: &AppReport, look: &Look, paint: Paint) -> String {
    let mut text = String::new();
    let Some(run) = &app.run else {
        return text;
    };
    for line in wrap(&ran(app).unwrap_or_default(), look.width) {
        text.push_str(&format!("{line}\n"));
    }
    for note in remarks(run) {
        for (index, line) in wrap(&note, look.width.saturating_sub(2)).iter().enumerate() {
            let sign = if index == 0 { "· " } else { "  " };
            text.push_str(&paint.dim(format!("{sign}{line}")));
            text.push('\n');
        }
    }
    text
}

/// Every criterion that was tried, with what came of it; those that stay open for the same reason together.
pub(super) fn tried(app: &AppReport, look: &Look, paint: Paint) -> String {
    let (told, open): (Vec<_>, Vec<_>) = app
        .criteria
        .iter()
        .filter(|one| !one.trials.is_empty())
        .partition(|one| {
            one.trials
                .iter()
                .any(|trial| trial.verdict != Verdict::CouldNotTell)
        });
    if told.is_empty() && open.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", paint.strong("What the run showed"));
    let longest = told.iter().map(|one| one.criterion.title.len()).max();
    let reasons = TITLES + longest.unwrap_or(0) + 2;
    let beside = look.width >= reasons + ROOM;
    for one in told {
        text.push_str(&line(one, beside.then_some(reasons), look, paint));
        let indent = if beside { reasons } else { TITLES };
        text.push_str(&differs(one, indent, look, paint).unwrap_or_default());
    }
    let mut groups: Vec<(String, Vec<&CriterionReport>)> = Vec::new();
    for one in open {
        let why = one.trials.first().map(|trial| neutral::line(&trial.reason));
        let why = why.unwrap_or_default();
        match groups.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, list)) => list.push(one),
            None => groups.push((why, vec![one])),
        }
    }
    for (why, list) in groups {
        let ids: Vec<&str> = list.iter().map(|one| one.criterion.id).collect();
        let (sign, style) = paint::of_verdict(Verdict::CouldNotTell);
        let said = format!("{}: {}", ids.join(", "), neutral::cut(&why, REASON));
        let first = format!("  {} ", paint.style(style, sign));
        text.push_str(&hang(&first, 4, &said, look.width));
    }
    text.push('\n');
    text
}

/// A criterion and the reason, beside it at a column or below.
fn line(one: &CriterionReport, beside: Option<usize>, look: &Look, paint: Paint) -> String {
    let (sign, style) = paint::of_verdict(one.verdict);
    let criterion = one.criterion;
    let from = format!("{:<6}", one.basis().name());
    let mut text = format!(
        "  {} {:<8}{}{}",
        paint.style(style, sign),
        criterion.id,
        paint.dim(from),
        criterion.title
    );
    let reason = neutral::cut(&neutral::line(&one.reason), REASON);
    let indent = beside.unwrap_or(TITLES);
    for (index, line) in wrap(&reason, look.width.saturating_sub(indent))
        .iter()
        .enumerate()
    {
        match beside {
            Some(column) if index == 0 => {
                let used = TITLES + criterion.title.len();
                text.push_str(&" ".repeat(column.saturating_sub(used)));
            }
            _ => text.push_str(&format!("\n{}", " ".repeat(indent))),
        }
        text.push_str(&paint.dim(line));
    }
    text.push('\n');
    text
}

/// Where code and run differ, as a sentence.
pub(super) fn differs(
    one: &CriterionReport,
    indent: usize,
    look: &Look,
    paint: Paint,
) -> Option<String> {
    let sentence = difference(one)?;
    let margin = " ".repeat(indent);
    let mut text = String::new();
    for line in wrap(&sentence, look.width.saturating_sub(indent)) {
        text.push_str(&format!("{margin}{}\n", paint.style(paint::FAIR, line)));
    }
    Some(text)
}

//! The findings of an app, factor by factor.

use xii_model::{Confidence, Factor, Finding};

use super::paint::{self, Paint};
use super::wrap::{hang, wrap};
use super::{run, snippet, transcript};
use crate::section::{Group, Section, alike, place, places};
use crate::totals::of;
use crate::trial::of_finding;
use crate::{Look, neutral};

/// How many findings of one rule are drawn; the others are places.
const DRAWN: usize = 3;
/// How many further places are named.
const NAMED: usize = 12;

/// All findings of an app that are not suppressed.
pub(crate) fn render(section: &Section<'_>, look: &Look, paint: Paint) -> String {
    let mut text = String::new();
    for factor in Factor::ALL {
        text.push_str(&of_factor(section, factor, look, paint));
    }
    let elsewhere: Vec<&Finding> = section
        .elsewhere
        .iter()
        .copied()
        .filter(|finding| {
            finding.suppression.is_none() && (look.verbose || finding.confidence > Confidence::Low)
        })
        .collect();
    if !elsewhere.is_empty() {
        let line = format!(
            "{} in files that it shares with another app, drawn there: {}",
            of(elsewhere.len(), "finding"),
            places(elsewhere.iter().map(|finding| &finding.evidence), NAMED)
        );
        for line in wrap(&line, look.width) {
            text.push_str(&paint.dim(line));
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

fn of_factor(section: &Section<'_>, factor: Factor, look: &Look, paint: Paint) -> String {
    let sure = section.sure(factor);
    let unsure = section.unsure(factor);
    if sure.is_empty() && unsure.is_empty() {
        return String::new();
    }
    let mut text = heading(factor, look, paint);
    for group in &sure {
        text.push_str(&of_rule(section, group, look, paint));
    }
    if look.verbose {
        for group in &unsure {
            text.push_str(&of_rule(section, group, look, paint));
        }
    } else if !unsure.is_empty() {
        text.push_str(&signs(&unsure, look, paint));
    }
    text
}

/// The factor and what it asks, ruled off to the full width.
fn heading(factor: Factor, look: &Look, paint: Paint) -> String {
    let title = format!("{} {}", factor.id(), factor.name());
    let asks = format!(": {}", factor.principle());
    let used = title.chars().count() + asks.chars().count();
    let asks = if used <= look.width {
        asks
    } else {
        String::new()
    };
    format!(
        "{}{}\n{}\n\n",
        paint.style(paint::ACCENT.bold(), title),
        paint.dim(asks),
        paint.dim("─".repeat(look.width)),
    )
}

fn of_rule(section: &Section<'_>, group: &Group<'_>, look: &Look, paint: Paint) -> String {
    let mut text = String::new();
    let mut before: Option<&Finding> = None;
    let drawn = group.findings.get(..DRAWN).unwrap_or(&group.findings);
    for same in drawn.chunk_by(|a, b| alike(a, b)) {
        let Some((finding, others)) = same.split_first() else {
            continue;
        };
        text.push_str(&snippet::draw(finding, others, before, look, paint));
        if let Some(trial) = of_finding(section.app, finding) {
            let criterion = section
                .app
                .criteria
                .iter()
                .find(|one| one.criterion.id == finding.criterion);
            let differs = criterion.and_then(|one| run::differs(one, 3, look, paint));
            text.push_str(&differs.unwrap_or_default());
            text.push_str(&transcript::draw(trial, 3, look, paint));
        }
        text.push('\n');
        before = Some(finding);
    }
    let rest = group.findings.get(DRAWN..).unwrap_or_default();
    if !rest.is_empty() {
        let most = if look.verbose { usize::MAX } else { NAMED };
        let line = format!(
            "{} more {}: also at {}",
            rest.len(),
            group.rule,
            places(rest.iter().map(|finding| &finding.evidence), most)
        );
        for line in wrap(&line, look.width) {
            text.push_str(&paint.dim(line));
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

/// Signs of low confidence as a short list.
fn signs(groups: &[Group<'_>], look: &Look, paint: Paint) -> String {
    let count: usize = groups.iter().map(|group| group.findings.len()).sum();
    let head = format!(
        "{} to look at, of low confidence (--verbose draws {}):",
        of(count, "sign"),
        if count == 1 { "it" } else { "them" }
    );
    let mut text = hang("", 0, &head, look.width);
    for group in groups {
        let Some(first) = group.findings.first() else {
            continue;
        };
        let more = match group.findings.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let at = format!("  {}{more} ", place(&first.evidence));
        let used = at.chars().count() + group.rule.len() + 3;
        let message = neutral::line(&first.message);
        let room = look.width.saturating_sub(used);
        let message = if room >= 24 {
            format!(": {}", neutral::cut(&message, room))
        } else {
            String::new()
        };
        text.push_str(&format!(
            "{at}{}{}\n",
            paint.style(paint::of_severity(first.severity), group.rule),
            paint.dim(message)
        ));
    }
    text.push('\n');
    text
}

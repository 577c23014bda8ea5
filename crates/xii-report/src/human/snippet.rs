//! One finding, drawn on its source as compilers draw theirs.

use annotate_snippets::renderer::Renderer;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Snippet};
use xii_model::{Confidence, Criterion, Evidence, Finding, Related, Safety, Severity};

use super::paint::{self, Paint};
use super::wrap::wrap;
use crate::prose::{self, Block};
use crate::quote::Quote;
use crate::section::{place, places};
use crate::{Look, neutral};

/// How many related places are drawn; the others are named.
const RELATED: usize = 2;
/// How many further related places are named.
const NAMED: usize = 6;

/// Draws a finding, and further places of which the same is said. What it has in common with the
/// finding of the same rule before it is not said again.
pub(crate) fn draw(
    finding: &Finding,
    alike: &[&Finding],
    before: Option<&Finding>,
    look: &Look,
    paint: Paint,
) -> String {
    let gutter = line_number_width(finding, alike);
    // Without line numbers the renderer starts in the first column, left of all other findings.
    let indent = if gutter == 0 { "  " } else { "" };
    let notes = notes(finding, before);
    // Line numbers, the bar beside them, and the dots where the renderer leaves out the start.
    let room = look.width.saturating_sub(gutter + 12);
    let mut group = Group::with_level(level(finding.severity));
    group = source(group, &finding.evidence, None, room);
    for one in alike {
        group = source(group, &one.evidence, None, room);
    }
    for related in drawn(finding) {
        group = source(group, &related.evidence, Some(&related.message), room);
    }
    for (name, text) in &notes {
        // The renderer puts `= name: ` before the text and aligns further lines below it.
        let width = look
            .width
            .saturating_sub(gutter + indent.len() + 5 + name.len());
        let text = fit(text, width);
        group = group.element(Level::NOTE.with_name(*name).message(text));
    }
    let mut text = title(finding, look, paint);
    for line in renderer(look).render(&[group]).trim_end().lines() {
        text.push_str(indent);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// `error[rule]: message`, wrapped.
fn title(finding: &Finding, look: &Look, paint: Paint) -> String {
    let label = format!("{}[{}]", finding.severity.name(), finding.rule);
    let whole = format!("{label}: {}", neutral::line(&finding.message));
    let mut text = String::new();
    for (index, line) in wrap(&whole, look.width.saturating_sub(2))
        .iter()
        .enumerate()
    {
        match line.strip_prefix(&label).filter(|_| index == 0) {
            Some(rest) => {
                text.push_str(&paint.style(paint::of_severity(finding.severity), &label));
                text.push_str(&paint.strong(rest));
            }
            None => {
                text.push_str("  ");
                text.push_str(&paint.strong(line));
            }
        }
        text.push('\n');
    }
    text
}

/// What is said below the source, each with its name.
fn notes(finding: &Finding, before: Option<&Finding>) -> Vec<(&'static str, String)> {
    let mut notes = Vec::new();
    let same_criterion = before.is_some_and(|before| before.criterion == finding.criterion);
    if !same_criterion && let Some(criterion) = Criterion::find(finding.criterion) {
        let name = match finding.confidence {
            Confidence::Low => "about",
            Confidence::Medium | Confidence::High => "breaks",
        };
        notes.push((name, format!("{} {}", criterion.id, criterion.title)));
    }
    match finding.confidence {
        Confidence::High => {}
        Confidence::Medium => notes.push(("confidence", "medium".to_owned())),
        Confidence::Low => notes.push((
            "confidence",
            "low: a sign to look at, which breaks nothing by itself".to_owned(),
        )),
    }
    let whole_files = finding
        .related
        .iter()
        .filter(|related| related.evidence.is_whole_file());
    for related in whole_files.take(RELATED) {
        let said = neutral::line(&related.message);
        notes.push(("also", format!("{}: {said}", place(&related.evidence))));
    }
    let rest = finding
        .related
        .iter()
        .filter(|related| !drawn(finding).any(|one| one == *related))
        .map(|related| &related.evidence);
    let whole_files = rest.clone().filter(|at| at.is_whole_file()).skip(RELATED);
    let rest = places(
        rest.filter(|at| !at.is_whole_file()).chain(whole_files),
        NAMED,
    );
    if !rest.is_empty() {
        notes.push(("also", format!("at {rest}")));
    }
    let same_help = before.is_some_and(|before| before.help == finding.help);
    if !same_help && !finding.help.trim().is_empty() {
        notes.push(("help", finding.help.clone()));
    }
    if let Some(fix) = &finding.fix {
        let caution = match fix.safety {
            Safety::Safe => "",
            Safety::Unsafe => " (may change behaviour)",
        };
        notes.push(("fix", format!("{}{caution}", neutral::line(&fix.title))));
    }
    notes
}

/// The related places that are drawn: those that quote their source.
fn drawn(finding: &Finding) -> impl Iterator<Item = &Related> {
    let quoting = |related: &&Related| !related.evidence.is_whole_file();
    finding.related.iter().filter(quoting).take(RELATED)
}

/// Paragraphs wrapped, code as it is.
fn fit(text: &str, width: usize) -> String {
    let mut lines = Vec::new();
    for block in prose::blocks(text) {
        match block {
            Block::Text(paragraph) => lines.extend(wrap(&paragraph, width)),
            Block::Code(code) => lines.extend(code.iter().map(|line| format!("    {line}"))),
        }
    }
    lines.join("\n")
}

/// Adds the source of some evidence to what is drawn; `said` marks a related place.
fn source<'a>(group: Group<'a>, at: &Evidence, said: Option<&str>, room: usize) -> Group<'a> {
    let path = neutral::line(&at.path);
    let label = said.map(neutral::line).filter(|said| !said.is_empty());
    let Some(quote) = Quote::of(at) else {
        return group.element(Element::Origin(Origin::path(path)));
    };
    let quote = quote.fitted(room);
    let kind = match said {
        None => AnnotationKind::Primary,
        Some(_) => AnnotationKind::Context,
    };
    let mut annotation = kind.span(quote.span.clone());
    if let Some(label) = label {
        annotation = annotation.label(label);
    }
    group.element(
        Snippet::source(quote.text)
            .line_start(quote.first.max(1) as usize)
            .path(path)
            .annotation(annotation),
    )
}

/// Columns of the line numbers; 0 when no line is quoted.
fn line_number_width(finding: &Finding, alike: &[&Finding]) -> usize {
    drawn(finding)
        .map(|related| &related.evidence)
        .chain(alike.iter().map(|one| &one.evidence))
        .chain([&finding.evidence])
        .filter(|at| !at.is_whole_file())
        .map(|at| at.end.line.to_string().len())
        .max()
        .unwrap_or(0)
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

fn renderer(look: &Look) -> Renderer {
    let renderer = if look.color {
        Renderer::styled()
            .error(paint::of_severity(Severity::Error))
            .warning(paint::of_severity(Severity::Warning))
            .note(paint::of_severity(Severity::Note))
    } else {
        Renderer::plain()
    };
    renderer.term_width(look.width)
}

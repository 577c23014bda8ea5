//! All apps at a glance.

use xii_model::Verdict;

use super::header::bar;
use super::paint::{self, Paint};
use crate::section::Section;
use crate::{Look, neutral, score};

/// A table of the apps with their scores.
pub(crate) fn render(sections: &[Section<'_>], look: &Look, paint: Paint) -> String {
    let cells = if look.width < 80 { 10 } else { 20 };
    // Margins, score and count take 21 columns beside name and bar.
    let widest = look.width.saturating_sub(21 + cells).clamp(12, 60);
    let names: Vec<String> = sections
        .iter()
        .map(|section| name(section, widest))
        .collect();
    let width = names
        .iter()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = format!("{}\n", paint.strong(format!("{} apps", sections.len())));
    for (section, name) in sections.iter().zip(names) {
        let gap = " ".repeat(width - name.chars().count());
        let (points, bar) = match score(section.app).points {
            Some(points) => (
                paint.style(paint::of_points(points).bold(), format!("{points:>3}")),
                bar(points, cells, paint),
            ),
            None => ("  –".to_owned(), paint.dim("░".repeat(cells))),
        };
        let broken = section
            .app
            .criteria
            .iter()
            .filter(|one| one.verdict == Verdict::Broken)
            .count();
        text.push_str(&format!(
            "  {name}{gap}  {points} {bar}  {broken:>2} broken\n"
        ));
    }
    text.push('\n');
    text
}

/// The app's name, and where it is when that says more.
fn name(section: &Section<'_>, widest: usize) -> String {
    let app = section.app;
    let name = neutral::line(&app.name);
    let root = neutral::line(&app.root);
    let whole = if app.root == "." || root == name {
        name
    } else {
        format!("{name} ({root})")
    };
    neutral::cut(&whole, widest)
}

//! Who the app is, and its score.

use xii_model::{AppReport, GitHead};

use super::paint::{self, Paint};
use super::run;
use super::wrap::wrap;
use crate::section::Section;
use crate::{Look, neutral, score};

/// Cells of the bar.
const CELLS: usize = 20;

/// The header of an app.
pub(crate) fn render(section: &Section<'_>, look: &Look, paint: Paint) -> String {
    let app = section.app;
    let mut text = paint.strong(neutral::line(&app.name));
    if app.root != "." && app.root != app.name {
        text.push_str(&paint.dim(format!("  {}", neutral::line(&app.root))));
    }
    text.push('\n');
    for line in wrap(&about(app), look.width) {
        text.push_str(&paint.dim(line));
        text.push('\n');
    }
    text.push_str(&run::summary(app, look, paint));
    text.push('\n');
    text.push_str(&score_line(app, look, paint));
    text.push('\n');
    text
}

/// Languages, frameworks and the commit.
pub(crate) fn about(app: &AppReport) -> String {
    let list = |words: &[String]| {
        let words: Vec<String> = words.iter().map(|word| neutral::line(word)).collect();
        words.join(", ")
    };
    let mut parts = vec![if app.languages.is_empty() {
        "no language that xii knows".to_owned()
    } else {
        list(&app.languages)
    }];
    if !app.frameworks.is_empty() {
        parts.push(list(&app.frameworks));
    }
    parts.extend(app.git.as_ref().map(head));
    parts.join(" · ")
}

/// Branch and commit.
fn head(git: &GitHead) -> String {
    let commit = neutral::line(&git.commit);
    let dirty = if git.dirty { " (dirty)" } else { "" };
    match &git.branch {
        Some(branch) => format!("{} @ {commit}{dirty}", neutral::line(branch)),
        None => format!("detached @ {commit}{dirty}"),
    }
}

fn score_line(app: &AppReport, look: &Look, paint: Paint) -> String {
    let score = score(app);
    let told = format!("{} of {} criteria told", score.told, score.applying);
    match score.points {
        Some(points) => {
            let line = format!(
                "Score {} {}  ",
                paint.style(paint::of_points(points).bold(), format!("{points:>3}")),
                bar(points, CELLS, paint)
            );
            let fits = look.width >= 32 + told.chars().count();
            let gap = if fits { "" } else { "\n      " };
            format!("{line}{gap}{}\n", paint.dim(told))
        }
        None => format!("Score   –  {}\n", paint.dim(told)),
    }
}

/// The score as a bar of so many cells.
pub(crate) fn bar(points: u32, cells: usize, paint: Paint) -> String {
    let full = (points.min(100) as usize * cells + 50) / 100;
    let empty = cells - full;
    format!(
        "{}{}",
        paint.style(paint::of_points(points), "█".repeat(full)),
        paint.dim("░".repeat(empty))
    )
}

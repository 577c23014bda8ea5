//! The findings of an app, each with its source and what to do.

use xii_model::{AppReport, Confidence, Finding};

use super::escape::{code, fenced, link, text};
use super::trials;
use crate::neutral;
use crate::prose::{self, Block};
use crate::quote::Quote;
use crate::trial::of_finding;

/// How many characters of a line of source are shown.
const COLUMNS: usize = 160;

/// One finding.
pub(super) fn render(app: &AppReport, finding: &Finding) -> String {
    let confidence = match finding.confidence {
        Confidence::High => String::new(),
        other => format!(", {} confidence", other.name()),
    };
    let mut out = format!(
        "**{}** {} ({}{confidence}) at {}\n\n{}\n\n",
        finding.severity.name(),
        code(finding.rule),
        finding.criterion,
        link(&finding.evidence),
        text(&finding.message),
    );
    if let Some(quote) = Quote::of(&finding.evidence) {
        let lines: Vec<String> = quote
            .lines()
            .iter()
            .map(|line| neutral::cut(&line.parts.concat(), COLUMNS))
            .collect();
        out.push_str(&fenced(&lines.join("\n")));
        out.push('\n');
    }
    for related in &finding.related {
        out.push_str(&format!(
            "- {}: {}\n",
            link(&related.evidence),
            text(&related.message)
        ));
    }
    if !finding.related.is_empty() {
        out.push('\n');
    }
    if let Some(trial) = of_finding(app, finding) {
        out.push_str(&trials::folded(trial));
    }
    for block in prose::blocks(&finding.help) {
        match block {
            Block::Text(paragraph) => out.push_str(&format!("{}\n\n", text(&paragraph))),
            Block::Code(lines) => {
                out.push_str(&fenced(&lines.join("\n")));
                out.push('\n');
            }
        }
    }
    out
}

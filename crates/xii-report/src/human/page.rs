//! Puts the parts of the human report in order.

use xii_model::Report;

use super::paint::Paint;
use super::{closing, criteria, empty, factors, findings, header, overview, plan, run};
use crate::Look;
use crate::section::{self, Section};

/// The report for a person.
pub(crate) fn render(report: &Report, look: &Look) -> String {
    let paint = Paint::new(look.color);
    let look = Look {
        width: look.width.clamp(40, 160),
        ..*look
    };
    if section::is_empty(report) {
        return empty::render(report, &look, paint);
    }
    let sections = Section::all(report);
    let mut text = String::new();
    if sections.len() > 1 {
        text.push_str(&overview::render(&sections, &look, paint));
    }
    for section in &sections {
        if sections.len() > 1 {
            text.push_str(&paint.dim("━".repeat(look.width)));
            text.push('\n');
        }
        text.push_str(&header::render(section, &look, paint));
        text.push_str(&factors::render(section.app, &look, paint));
        if !look.verbose {
            text.push_str(&run::tried(section.app, &look, paint));
        }
        text.push_str(&findings::render(section, &look, paint));
        if look.verbose {
            text.push_str(&criteria::render(section, &look, paint));
        }
        text.push_str(&plan::render(report, section.app, &look, paint));
    }
    text.push_str(&closing::render(report, &look, paint));
    text
}

//! What to do first.

use maud::{Markup, html};
use xii_model::{AppReport, Report};

use super::words;
use crate::advice::advice;
use crate::plan;

/// How many changes are named.
const STEPS: usize = 5;
/// How many places of one change are named.
const PLACES: usize = 3;

/// The changes that gain most for least.
pub(super) fn render(report: &Report, app: &AppReport) -> Markup {
    let steps = plan(report, app);
    html! {
        @if !steps.is_empty() {
            section.plan {
                h3 { "Do these first" }
                p.hint { "What gains most for least, with the points that each adds to the score." }
                ol {
                    @for step in steps.iter().take(STEPS) {
                        li {
                            p { span.gain { "+" (step.gain) } " " code.rule { (step.rule) } }
                            @if let Some(advice) = step.findings.first().and_then(|one| advice(&one.help)) {
                                p { (words::line(&advice)) }
                            }
                            p.where {
                                @for (index, one) in step.findings.iter().take(PLACES).enumerate() {
                                    @if index > 0 { ", " }
                                    (words::at(&one.evidence))
                                }
                                @if step.findings.len() > PLACES {
                                    " and " (step.findings.len() - PLACES) " more"
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

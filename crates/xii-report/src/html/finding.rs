//! Findings with their source.

use maud::{Markup, html};
use xii_model::{Confidence, Criterion, Finding, Safety};

use super::{source, words};
use crate::section::Group;
use crate::totals::of;

/// How many findings of one rule are shown in full.
const SHOWN: usize = 3;

/// The findings of one rule.
pub(super) fn group(group: &Group<'_>) -> Markup {
    let rest = group.findings.get(SHOWN..).unwrap_or_default();
    html! {
        @for finding in group.findings.iter().take(SHOWN) { (one(finding)) }
        @if !rest.is_empty() {
            details.more {
                summary { (of(rest.len(), "more place")) " of " code { (group.rule) } }
                ul {
                    @for finding in rest {
                        li { (words::at(&finding.evidence)) " " (words::line(&finding.message)) }
                    }
                }
            }
        }
    }
}

fn one(finding: &Finding) -> Markup {
    let criterion = Criterion::find(finding.criterion);
    html! {
        article class={ "finding " (finding.severity.name()) } {
            header {
                (words::badge(finding.severity))
                " " code.rule { (finding.rule) }
                @if let Some(criterion) = criterion {
                    " " span.criterion { (criterion.id) " " (criterion.title) }
                }
                @if finding.confidence != Confidence::High {
                    " " span.confidence { (finding.confidence.name()) " confidence" }
                }
            }
            p.message { (words::line(&finding.message)) }
            (source::render(&finding.evidence, None))
            @for related in &finding.related {
                (source::render(&related.evidence, Some(&related.message)))
            }
            @if !finding.help.trim().is_empty() {
                div.help { h5 { "What to do" } (words::blocks(&finding.help)) }
            }
            @if let Some(fix) = &finding.fix {
                p.fix {
                    strong { "Fix: " } (words::line(&fix.title))
                    @if fix.safety == Safety::Unsafe { " (may change behaviour)" }
                }
            }
        }
    }
}

//! Findings with their source.

use maud::{Markup, html};
use xii_model::{Confidence, Criterion, Finding, Safety};

use super::{source, words};
use crate::section::{Group, alike};
use crate::totals::of;

/// How many findings of one rule are shown in full.
const SHOWN: usize = 3;

/// The findings of one rule.
pub(super) fn group(group: &Group<'_>) -> Markup {
    let shown = group.findings.get(..SHOWN).unwrap_or(&group.findings);
    let rest = group.findings.get(SHOWN..).unwrap_or_default();
    let last = shown.last().map(|last| last.message.as_str());
    html! {
        @for same in shown.chunk_by(|a, b| alike(a, b)) {
            @if let Some((finding, others)) = same.split_first() { (one(finding, others)) }
        }
        @if !rest.is_empty() {
            details.more {
                summary { (of(rest.len(), "more place")) " of " code { (group.rule) } }
                ul {
                    @for finding in rest {
                        li {
                            (words::at(&finding.evidence))
                            @if last != Some(finding.message.as_str()) { " " (words::line(&finding.message)) }
                        }
                    }
                }
            }
        }
    }
}

/// A finding, and further places of which the same is said.
fn one(finding: &Finding, others: &[&Finding]) -> Markup {
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
            @for other in others { (source::render(&other.evidence, None)) }
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

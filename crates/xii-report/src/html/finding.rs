//! Findings with their source.

use maud::{Markup, html};
use xii_model::{Confidence, Criterion, Finding, Safety};

use super::{run, source, trial, words};
use crate::section::{Group, Section, alike};
use crate::totals::of;
use crate::trial::of_finding;

/// How many findings of one rule are shown in full.
const SHOWN: usize = 3;

/// The findings of one rule.
pub(super) fn group(section: &Section<'_>, group: &Group<'_>, index: usize) -> Markup {
    let shown = group.findings.get(..SHOWN).unwrap_or(&group.findings);
    let rest = group.findings.get(SHOWN..).unwrap_or_default();
    let last = shown.last().map(|last| last.message.as_str());
    html! {
        @for same in shown.chunk_by(|a, b| alike(a, b)) {
            @if let Some((finding, others)) = same.split_first() { (one(section, finding, others, index)) }
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
fn one(section: &Section<'_>, finding: &Finding, others: &[&Finding], index: usize) -> Markup {
    let criterion = Criterion::find(finding.criterion);
    let tried = of_finding(section.app, finding);
    let id = tried.map(|tried| run::anchor(tried, index));
    let reports = &section.app.criteria;
    let report = reports
        .iter()
        .find(|one| one.criterion.id == finding.criterion);
    html! {
        article id=[id] class={ "finding " (finding.severity.name()) } {
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
            @if let Some(tried) = tried {
                @if let Some(report) = report { (run::differs(report)) }
                (trial::render(tried))
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

//! What was run, and what that showed of each criterion that was tried.

use maud::{Markup, html};
use xii_model::{AppReport, CriterionReport, Trial, Verdict};

use super::{trial, words};
use crate::section::Section;
use crate::trial::{basis, difference, is_drawn, ran, remarks};

/// What was run, for the header of an app.
pub(super) fn summary(app: &AppReport) -> Markup {
    html! {
        @if let (Some(run), Some(ran)) = (&app.run, ran(app)) {
            div.ran {
                p { (words::line(&ran)) "." }
                @let remarks = remarks(run);
                @if !remarks.is_empty() {
                    ul { @for remark in remarks { li { (words::line(&remark)) } } }
                }
            }
        }
    }
}

/// Every criterion that was tried.
pub(super) fn render(section: &Section<'_>, index: usize) -> Markup {
    let tried: Vec<&CriterionReport> = section
        .app
        .criteria
        .iter()
        .filter(|one| !one.trials.is_empty())
        .collect();
    let (told, open): (Vec<&CriterionReport>, Vec<&CriterionReport>) =
        tried.into_iter().partition(|one| {
            let mut trials = one.trials.iter();
            trials.any(|trial| trial.verdict != Verdict::CouldNotTell)
        });
    html! {
        @if !told.is_empty() || !open.is_empty() {
            section.run {
                h3 { "What the run showed" }
                (trial::legend())
                ul.tried {
                    @for one in told { (item(section, one, index)) }
                    @for (reason, list) in by_reason(&open) {
                        (left_open(&reason, &list))
                    }
                }
            }
        }
    }
}

/// A criterion with its verdict, and its trials folded.
fn item(section: &Section<'_>, one: &CriterionReport, index: usize) -> Markup {
    let (class, sign, words) = words::verdict(one.verdict);
    html! {
        li {
            span class={ "sign " (class) } aria-hidden="true" { (sign) }
            div {
                p {
                    strong { (one.criterion.id) " " (one.criterion.title) }
                    " " span class={ "verdict " (class) } { (words) }
                    @if let Some(basis) = basis(one) { " " span.basis { (basis) } }
                }
                p.reason { (words::line(&one.reason)) }
                (differs(one))
                @for (at, made) in one.trials.iter().enumerate() {
                    @if at > 0 || !one.reason.contains(&made.reason) {
                        p.where { code.rule { (made.probe) } ", " (made.verdict.name()) ": " (words::line(&made.reason)) }
                    }
                    @if is_drawn(section, made) {
                        p.where { a href={ "#" (anchor(made, index)) } { "drawn with its finding" } }
                    } @else if !made.transcript.is_empty() {
                        details { summary { "How it was tried" } (trial::render(made)) }
                    }
                }
            }
        }
    }
}

/// Criteria that the run left open for the same reason.
fn left_open(reason: &str, list: &[&CriterionReport]) -> Markup {
    let (class, sign, words) = words::verdict(Verdict::CouldNotTell);
    let told = list.iter().flat_map(|one| &one.trials);
    html! {
        li {
            span class={ "sign " (class) } aria-hidden="true" { (sign) }
            div {
                p {
                    @for (at, one) in list.iter().enumerate() {
                        @if at > 0 { ", " }
                        strong title=(one.criterion.title) { (one.criterion.id) }
                    }
                    " " span class={ "verdict " (class) } { "the run " (words) }
                }
                p.reason { (words::line(reason)) }
                @for made in told.filter(|made| !made.transcript.is_empty()) {
                    details { summary { "How " (made.criterion) " was tried" } (trial::render(made)) }
                }
            }
        }
    }
}

/// The criteria by the reason why the run left them open.
fn by_reason<'a>(open: &[&'a CriterionReport]) -> Vec<(String, Vec<&'a CriterionReport>)> {
    let mut groups: Vec<(String, Vec<&CriterionReport>)> = Vec::new();
    for one in open {
        let Some(first) = one.trials.first() else {
            continue;
        };
        match groups
            .iter_mut()
            .find(|(reason, _)| *reason == first.reason)
        {
            Some((_, list)) => list.push(one),
            None => groups.push((first.reason.clone(), vec![one])),
        }
    }
    groups
}

/// Where code and run differ.
pub(super) fn differs(one: &CriterionReport) -> Markup {
    html! {
        @if let Some(sentence) = difference(one) { p.differs { (words::line(&sentence)) "." } }
    }
}

/// The anchor of a trial that is drawn with its finding.
pub(super) fn anchor(made: &Trial, index: usize) -> String {
    format!("app-{index}-{}-{}", made.criterion, made.probe)
}

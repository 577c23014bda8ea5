//! One app of the page.

use maud::{Markup, html};
use xii_model::{AppReport, Factor, Report, SuppressedBy};

use super::{criteria, factors, finding, plan, run, words};
use crate::section::Section;
use crate::totals::of;
use crate::{neutral, score};

/// The section of an app.
pub(super) fn render(report: &Report, section: &Section<'_>, index: usize) -> Markup {
    let app = section.app;
    html! {
        section.app id={ "app-" (index) } aria-labelledby={ "app-" (index) "-name" } {
            (head(app, index))
            div.columns {
                (factors::render(app, index))
                (plan::render(report, app))
            }
            (run::render(section, index))
            (findings(section, index))
            (criteria::render(app, index))
            (suppressed(section))
        }
    }
}

fn head(app: &AppReport, index: usize) -> Markup {
    let score = score(app);
    html! {
        header.app {
            (ring(score.points))
            div {
                h2 id={ "app-" (index) "-name" } { (neutral::line(&app.name)) }
                p.about {
                    @if app.root != "." { code { (neutral::line(&app.root)) } " · " }
                    @if app.languages.is_empty() {
                        "no language that xii knows"
                    } @else {
                        (list(&app.languages))
                    }
                    @if !app.frameworks.is_empty() { " · " (list(&app.frameworks)) }
                    @if let Some(git) = &app.git {
                        " · " (neutral::line(git.branch.as_deref().unwrap_or("detached")))
                        " @ " code { (neutral::line(&git.commit)) }
                        @if git.dirty { " (dirty)" }
                    }
                }
                p.told {
                    strong { (score.told) } " of " (score.applying) " criteria could be told."
                }
                (run::summary(app))
            }
        }
    }
}

fn list(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| neutral::line(word)).collect();
    words.join(", ")
}

/// The score as a ring around its number.
fn ring(points: Option<u32>) -> Markup {
    let (label, class) = match points {
        Some(points @ 80..) => (format!("Score {points} of 100"), "good"),
        Some(points @ 50..) => (format!("Score {points} of 100"), "fair"),
        Some(points) => (format!("Score {points} of 100"), "bad"),
        None => ("No score: nothing could be told".to_owned(), "none"),
    };
    let filled = points.unwrap_or(0);
    html! {
        svg class={ "ring " (class) } viewBox="0 0 100 100" role="img" aria-label=(label) {
            circle.track cx="50" cy="50" r="43" {}
            @if filled > 0 {
                circle.arc cx="50" cy="50" r="43" pathLength="100"
                    stroke-dasharray={ (filled) " 100" } transform="rotate(-90 50 50)" {}
            }
            text.number x="50" y="56" {
                @match points { Some(points) => (points), None => "–" }
            }
            text.unit x="50" y="72" { "of 100" }
        }
    }
}

/// The findings by factor.
fn findings(section: &Section<'_>, index: usize) -> Markup {
    let factors: Vec<_> = Factor::ALL
        .into_iter()
        .map(|factor| (factor, section.sure(factor), section.unsure(factor)))
        .filter(|(_, sure, unsure)| !sure.is_empty() || !unsure.is_empty())
        .collect();
    html! {
        section.findings {
            h3 { "Findings" }
            @if factors.is_empty() {
                p { "No rule found anything against this app. What could not be told stays open below." }
            }
            @for (factor, sure, unsure) in &factors {
                section.factor {
                    h4 {
                        span.numeral { (factor.id()) } " " (factor.name())
                        small { (factor.principle()) }
                    }
                    @for group in sure { (finding::group(section, group, index)) }
                    @if !unsure.is_empty() {
                        details.signs {
                            summary {
                                (of(unsure.iter().map(|group| group.findings.len()).sum(), "sign"))
                                " to look at, of low confidence"
                            }
                            @for group in unsure { (finding::group(section, group, index)) }
                        }
                    }
                }
            }
            @if !section.elsewhere.is_empty() {
                details {
                    summary {
                        (of(section.elsewhere.len(), "finding"))
                        " in files shared with another app, shown there"
                    }
                    ul { @for one in &section.elsewhere { li { (one.rule) " at " (words::at(&one.evidence)) } } }
                }
            }
        }
    }
}

/// The findings that do not count, and why.
fn suppressed(section: &Section<'_>) -> Markup {
    let list: Vec<_> = section.suppressed().collect();
    html! {
        @if !list.is_empty() {
            details.suppressed {
                summary { (of(list.len(), "finding")) " that do not count" }
                ul {
                    @for one in list {
                        li {
                            code { (one.rule) } " at " (words::at(&one.evidence))
                            @if let Some(suppression) = &one.suppression {
                                ", " (match suppression.by {
                                    SuppressedBy::Comment => "by a comment",
                                    SuppressedBy::Config => "by xii.toml",
                                    SuppressedBy::Baseline => "by the baseline",
                                    SuppressedBy::Run => "by the run",
                                }) ": " (words::line(&suppression.reason))
                            }
                        }
                    }
                }
            }
        }
    }
}

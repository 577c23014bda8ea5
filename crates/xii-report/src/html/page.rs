//! The page as a whole.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use xii_model::{Notice, Report};

use super::{app, words};
use crate::section::{EMPTY, EMPTY_ADVICE, Section, is_empty};
use crate::totals::Totals;
use crate::{neutral, score, trial};

/// Everything about how the page looks.
const STYLE: &str = include_str!("style.css");
/// Whatever were to slip into the page, the browser runs and loads nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The report as a page.
pub(crate) fn render(report: &Report) -> String {
    let sections = Section::all(report);
    let title = match sections.as_slice() {
        [only] => neutral::line(&only.app.name),
        several => format!("{} apps", several.len()),
    };
    let command = trial::title(report);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (command) ": " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                @if is_empty(report) {
                    header.page { p.brand { (command) } h1 { "Nothing to audit" } }
                    main { p { (EMPTY) } p { (words::line(EMPTY_ADVICE)) } (notices(report)) }
                } @else {
                    (masthead(report, &sections))
                    main {
                        @for (index, section) in sections.iter().enumerate() {
                            (app::render(report, section, index))
                        }
                        (notices(report))
                    }
                }
                (foot(report))
            }
        }
    };
    let mut text = page.into_string();
    text.push('\n');
    text
}

/// What the page is about, its sum, and the apps when they are several.
fn masthead(report: &Report, sections: &[Section<'_>]) -> Markup {
    let totals = Totals::of(&report.findings);
    let mut counts = vec![
        ("error", totals.errors, "errors"),
        ("warning", totals.warnings, "warnings"),
        ("note", totals.notes, "notes"),
        ("plain", totals.unsure, "of low confidence"),
        ("plain", totals.suppressed, "suppressed"),
        ("plain", totals.baselined, "baselined"),
    ];
    if totals.withdrawn > 0 {
        counts.push(("plain", totals.withdrawn, "withdrawn by the run"));
    }
    html! {
        header.page {
            p.brand { (trial::title(report)) span.profile { " · profile " (report.profile.name()) } }
            h1 { "Twelve-factor report" }
            ul.totals aria-label="Findings" {
                @for (class, count, what) in counts {
                    li class={ (class) @if count == 0 { " none" } } {
                        strong { (count) } " " (singular(count, what))
                    }
                }
            }
            @if sections.len() > 1 { (overview(sections)) }
        }
    }
}

fn singular(count: usize, what: &str) -> &str {
    match count {
        1 => what.strip_suffix('s').unwrap_or(what),
        _ => what,
    }
}

/// The apps with their scores.
fn overview(sections: &[Section<'_>]) -> Markup {
    html! {
        nav aria-label="Apps" {
            ul.apps {
                @for (index, section) in sections.iter().enumerate() {
                    li {
                        a href={ "#app-" (index) } { (neutral::line(&section.app.name)) }
                        @match score(section.app).points {
                            Some(points) => {
                                meter min="0" max="100" value=(points) aria-hidden="true" {}
                                span.points { (points) }
                            }
                            None => span.points { "no score" },
                        }
                    }
                }
            }
        }
    }
}

/// What could not be read, and what suppresses nothing.
fn notices(report: &Report) -> Markup {
    let lists: [(&str, &[Notice]); 2] = [
        ("Could not be read", &report.notices),
        ("Suppressions to look at", &report.stale_suppressions),
    ];
    html! {
        @for (title, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            section.notices {
                h2 { (title) }
                ul {
                    @for notice in list {
                        li {
                            code.at {
                                (neutral::line(&notice.path))
                                @if let Some(line) = notice.line { ":" (line) }
                            }
                            " " (words::line(&notice.message))
                        }
                    }
                }
            }
        }
    }
}

fn foot(report: &Report) -> Markup {
    let tally = report.tally;
    html! {
        footer {
            p {
                "xii " (env!("CARGO_PKG_VERSION")) " saw " (tally.files) " files, read "
                (tally.read) " and parsed " (tally.parsed)
                @if report.apps.iter().any(|app| app.run.is_some()) {
                    ". The app was run, in a copy of its folder."
                } @else {
                    ". Nothing of the audited code was run."
                }
            }
            p {
                code { "xii explain RULE" }
                " tells why a rule matters and what to do. What could not be told is no proof of anything."
            }
        }
    }
}

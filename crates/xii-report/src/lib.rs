//! A report as bytes: human, JSON, SARIF, GitHub, Markdown, HTML, JUnit.

mod advice;
mod github;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
mod neutral;
mod prose;
mod quote;
mod sarif;
mod score;
mod section;
mod totals;
mod trial;

pub use json::SCHEMA;
pub use score::{Score, Step, plan, score};

use xii_model::Report;

/// A format of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For a person at a terminal.
    #[default]
    Human,
    /// The document of docs/report.schema.json.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands that GitHub Actions shows beside the lines.
    Github,
    /// A checklist with evidence.
    Markdown,
    /// One self-contained page.
    Html,
    /// JUnit XML: a criterion is a test case.
    Junit,
}

/// How the report is to look, where the format leaves a choice.
#[derive(Clone, Debug)]
pub struct Look {
    /// Colour the text.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Show every criterion, not only findings.
    pub verbose: bool,
}

impl Default for Look {
    fn default() -> Self {
        Look {
            color: false,
            width: 100,
            verbose: false,
        }
    }
}

/// The report in a format. Whatever the audited repository holds, no format lets its control
/// characters or its markup through.
pub fn render(report: &Report, format: Format, look: &Look) -> String {
    match format {
        Format::Human => human::render(report, look),
        Format::Json => json::render(report),
        Format::Sarif => sarif::render(report),
        Format::Github => github::render(report),
        Format::Markdown => markdown::render(report),
        Format::Html => html::render(report),
        Format::Junit => junit::render(report),
    }
}

//! What the commands that end in a report have in common: what to report, how, and what fails.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use xii_model::{Criterion, Factor, Persona, Profile, Report, Severity};
use xii_report::{Format, Look};
use xii_rules::Options;

use crate::baseline;
use crate::error::Failure;
use crate::output::{self, Color};
use crate::settings::{self, CheckSettings};

/// What to report, how, and what fails.
#[derive(Args)]
pub(crate) struct Reporting {
    /// How to print the report
    #[arg(long, value_enum, default_value_t, hide_possible_values = false)]
    pub(crate) format: FormatName,
    /// Write the report to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The least severity that makes the exit code 1 [default: error]
    #[arg(long, value_enum)]
    pub(crate) fail_on: Option<FailOn>,
    /// The edition of the methodology [default: fifteen]
    #[arg(long, value_enum)]
    pub(crate) profile: Option<ProfileName>,
    /// Only this factor, by numeral, number or name; may be given several times
    #[arg(long, value_name = "FACTOR")]
    pub(crate) factor: Vec<Factor>,
    /// Only this criterion, such as IX.2; may be given several times
    #[arg(long, value_name = "ID", value_parser = criterion)]
    pub(crate) criterion: Vec<&'static Criterion>,
    /// Whom to raise findings for [default: regular]
    #[arg(long, value_enum)]
    pub(crate) persona: Option<PersonaName>,
    /// Findings in this file are known and do not fail
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Show every criterion with its verdict and reason
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// When to colour
    #[arg(long, value_enum, default_value_t)]
    pub(crate) color: Color,
}

/// The formats by name.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum FormatName {
    /// For a person at a terminal
    #[default]
    Human,
    /// The document of docs/report.schema.json
    Json,
    /// SARIF 2.1.0, for code scanners
    Sarif,
    /// Annotations for GitHub Actions
    Github,
    /// A checklist with evidence
    Markdown,
    /// One self-contained page
    Html,
    /// JUnit XML, a criterion a test case
    Junit,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ProfileName {
    /// The manifesto's text of 2011
    Twelve,
    /// With API first, telemetry, authentication and authorization
    Fifteen,
    /// The maintainers' draft
    Next,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PersonaName {
    Regular,
    Strict,
}

fn criterion(id: &str) -> Result<&'static Criterion, String> {
    Criterion::find(id).ok_or_else(|| {
        let known = settings::nearest(id, Criterion::all().map(|one| one.id));
        let advice = known.map_or_else(String::new, |known| format!("; did you mean {known}?"));
        format!("no criterion is called `{id}`{advice}")
    })
}

impl Reporting {
    /// What to audit for, by the flags and what `[check]` says where they do not.
    pub(crate) fn options(&self, settings: &mut CheckSettings) -> Result<Options, Failure> {
        let known = self.baseline.as_deref().map(baseline::read).transpose()?;
        Ok(Options {
            profile: self
                .profile
                .map(profile)
                .or(settings.profile)
                .unwrap_or_default(),
            persona: self
                .persona
                .map(persona)
                .or(settings.persona)
                .unwrap_or_default(),
            factors: self.factor.clone(),
            criteria: self.criterion.clone(),
            allow: std::mem::take(&mut settings.allow),
            baseline: known,
            probes: xii_probes::PROBES
                .iter()
                .map(|entry| entry.probe.name)
                .collect(),
        })
    }

    /// Writes the report where it was asked for.
    pub(crate) fn write(&self, report: &Report) -> Result<(), Failure> {
        let look = Look {
            color: self.output.is_none() && self.color.for_stdout(),
            width: output::width(),
            verbose: self.verbose,
        };
        let text = xii_report::render(report, format(self.format), &look);
        match &self.output {
            Some(path) => output::write_file(path, &text),
            None => output::print(&text),
        }
    }

    /// Whether the report has what makes the exit code 1.
    pub(crate) fn fails(&self, report: &Report, settings: &CheckSettings) -> bool {
        let least = match self.fail_on {
            Some(FailOn::Error) => Some(Severity::Error),
            Some(FailOn::Warning) => Some(Severity::Warning),
            Some(FailOn::Note) => Some(Severity::Note),
            Some(FailOn::Never) => None,
            None => settings.fail_on.unwrap_or(Some(Severity::Error)),
        };
        fails(report, least)
    }

    /// Whether a person reads the report at a terminal.
    pub(crate) fn for_person(&self) -> bool {
        matches!(self.format, FormatName::Human) && self.output.is_none()
    }
}

/// Whether a finding counts at or above the severity. A sign of low confidence fails nothing.
fn fails(report: &Report, least: Option<Severity>) -> bool {
    least.is_some_and(|least| {
        report.findings.iter().any(|finding| {
            finding.suppression.is_none()
                && finding.severity >= least
                && finding.confidence > xii_model::Confidence::Low
        })
    })
}

fn format(name: FormatName) -> Format {
    match name {
        FormatName::Human => Format::Human,
        FormatName::Json => Format::Json,
        FormatName::Sarif => Format::Sarif,
        FormatName::Github => Format::Github,
        FormatName::Markdown => Format::Markdown,
        FormatName::Html => Format::Html,
        FormatName::Junit => Format::Junit,
    }
}

fn profile(name: ProfileName) -> Profile {
    match name {
        ProfileName::Twelve => Profile::Twelve,
        ProfileName::Fifteen => Profile::Fifteen,
        ProfileName::Next => Profile::Next,
    }
}

fn persona(name: PersonaName) -> Persona {
    match name {
        PersonaName::Regular => Persona::Regular,
        PersonaName::Strict => Persona::Strict,
    }
}

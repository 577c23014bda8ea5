//! `xii check`: audit the code.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use xii_model::{Criterion, Evidence, Factor, Persona, Profile, Report, Severity, Survey};
use xii_report::{Format, Look};
use xii_rules::Options;

use crate::error::Failure;
use crate::output::{self, Color};
use crate::{baseline, fix, progress, settings};

/// Audit code against the twelve factors, and the three that practice added
///
/// Reads the folder, says of every criterion whether it holds, is broken, does not apply or could not
/// be told, and shows the evidence at file and line. Nothing of the audited code is run.
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii check                                    audit this folder
  xii check services/api --verbose             every criterion, not only what is broken
  xii check --factor III --factor XI           only config and logs
  xii check --format sarif --output xii.sarif  for a code scanner
  xii check --write-baseline xii-baseline.json, then --baseline xii-baseline.json
                                               fail only for what is new

Exit codes: 0 clean, 1 findings at or above --fail-on, 2 wrong usage or unusable input, 3 could not finish")]
pub(crate) struct Arguments {
    /// Folders to audit; with several, every path in the report starts with its folder
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t, hide_possible_values = false)]
    format: FormatName,
    /// Write the report to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The least severity that makes the exit code 1 [default: error]
    #[arg(long, value_enum)]
    fail_on: Option<FailOn>,
    /// The edition of the methodology [default: fifteen]
    #[arg(long, value_enum)]
    profile: Option<ProfileName>,
    /// Only this factor, by numeral, number or name; may be given several times
    #[arg(long, value_name = "FACTOR")]
    factor: Vec<Factor>,
    /// Only this criterion, such as IX.2; may be given several times
    #[arg(long, value_name = "ID", value_parser = criterion)]
    criterion: Vec<&'static Criterion>,
    /// Whom to raise findings for [default: regular]
    #[arg(long, value_enum)]
    persona: Option<PersonaName>,
    /// Findings in this file are known and do not fail
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write all findings to this file as known, and exit 0
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
    /// Carry out the fixes that cannot change what the program means, and print the diff
    #[arg(long)]
    fix: bool,
    /// With --fix: also those that can
    #[arg(long = "unsafe", requires = "fix")]
    with_unsafe: bool,
    /// With --fix: print the diff and change nothing
    #[arg(long, requires = "fix")]
    dry_run: bool,
    /// Show every criterion with its verdict and reason
    #[arg(long, short)]
    verbose: bool,
    /// When to colour
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

/// The formats by name.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum FormatName {
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
enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ProfileName {
    /// The manifesto's text of 2011
    Twelve,
    /// With API first, telemetry, authentication and authorization
    Fifteen,
    /// The maintainers' draft
    Next,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PersonaName {
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

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let known = arguments
        .baseline
        .as_deref()
        .map(baseline::read)
        .transpose()?;
    let first = arguments
        .paths
        .first()
        .map_or(Path::new("."), PathBuf::as_path);
    let mut settings = settings::read(first)?.check;
    let options = Options {
        profile: arguments
            .profile
            .map(profile)
            .or(settings.profile)
            .unwrap_or_default(),
        persona: arguments
            .persona
            .map(persona)
            .or(settings.persona)
            .unwrap_or_default(),
        factors: arguments.factor.clone(),
        criteria: arguments.criterion.clone(),
        allow: std::mem::take(&mut settings.allow),
        baseline: known,
        probes: Vec::new(),
    };
    let mut report = xii_rules::audit(&survey_all(&arguments.paths)?, &options);
    if arguments.fix {
        mend(arguments, first, &report)?;
        if !arguments.dry_run {
            report = xii_rules::audit(&survey_all(&arguments.paths)?, &options);
        }
    }
    let look = Look {
        color: arguments.output.is_none() && arguments.color.for_stdout(),
        width: output::width(),
        verbose: arguments.verbose,
    };
    if let Some(path) = &arguments.write_baseline {
        let count = baseline::write(path, &report)?;
        output::complain(&format!(
            "wrote {count} findings to {} as known; pass it with --baseline",
            path.display()
        ));
        return Ok(ExitCode::SUCCESS);
    }
    let text = xii_report::render(&report, format(arguments.format), &look);
    match &arguments.output {
        Some(path) => output::write_file(path, &text)?,
        None => output::print(&text)?,
    }
    let least = match arguments.fail_on {
        Some(FailOn::Error) => Some(Severity::Error),
        Some(FailOn::Warning) => Some(Severity::Warning),
        Some(FailOn::Note) => Some(Severity::Note),
        Some(FailOn::Never) => None,
        None => settings.fail_on.unwrap_or(Some(Severity::Error)),
    };
    Ok(ExitCode::from(u8::from(fails(&report, least))))
}

/// Carries out fixes and shows what they changed: to people on standard output, before the report of
/// what remains; beside a machine's format on standard error.
fn mend(arguments: &Arguments, root: &Path, report: &Report) -> Result<(), Failure> {
    if arguments.paths.len() > 1 {
        return Err(Failure::usage("--fix takes one PATH: run it once for each"));
    }
    let fixed = fix::fix(root, report, arguments.with_unsafe, arguments.dry_run)?;
    if matches!(arguments.format, FormatName::Human) && arguments.output.is_none() {
        output::print(&fixed.diff)?;
    } else {
        output::show(&fixed.diff);
    }
    for refused in &fixed.refused {
        output::complain(&format!("left alone: {refused}"));
    }
    let verb = if arguments.dry_run {
        "would be carried out"
    } else {
        "carried out"
    };
    let held_back = match fixed.held_back {
        0 => String::new(),
        count => format!("; {count} more with --unsafe, to be read before they are kept"),
    };
    output::complain(&format!("{} fixes {verb}{held_back}", fixed.applied));
    Ok(())
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

/// Surveys every folder. With several, each path starts with its folder, so that a report names
/// every place once.
fn survey_all(paths: &[PathBuf]) -> Result<Survey, Failure> {
    let mut whole = Survey::default();
    for path in paths {
        let mut survey =
            progress::shown(|options| xii_survey::survey(path, options)).map_err(Failure::usage)?;
        if paths.len() > 1 {
            prefix(&mut survey, &path.to_string_lossy());
        }
        whole.apps.append(&mut survey.apps);
        whole.notices.append(&mut survey.notices);
        whole.allowances.append(&mut survey.allowances);
        whole.tally.files += survey.tally.files;
        whole.tally.read += survey.tally.read;
        whole.tally.parsed += survey.tally.parsed;
    }
    Ok(whole)
}

/// Puts the folder before every path of a survey.
fn prefix(survey: &mut Survey, folder: &str) {
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    let join = |path: &str| {
        if path == "." {
            folder.to_owned()
        } else {
            format!("{folder}/{path}")
        }
    };
    for app in &mut survey.apps {
        app.facts
            .each_evidence(|at: &mut Evidence| at.path = Arc::from(join(&at.path)));
        for file in &mut app.files {
            file.path = Arc::from(join(&file.path));
        }
        app.root = join(&app.root);
        app.siblings = app.siblings.iter().map(|root| join(root)).collect();
    }
    for notice in &mut survey.notices {
        notice.path = join(&notice.path);
    }
    for allowance in &mut survey.allowances {
        allowance.path = Arc::from(join(&allowance.path));
    }
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

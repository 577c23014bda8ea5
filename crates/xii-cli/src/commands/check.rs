//! `xii check`: audit the code.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use xii_model::{Evidence, Report, Survey};

use crate::error::Failure;
use crate::reporting::Reporting;
use crate::{baseline, fix, output, progress, settings};

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
    #[command(flatten)]
    reporting: Reporting,
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
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let first = arguments
        .paths
        .first()
        .map_or(Path::new("."), PathBuf::as_path);
    let mut settings = settings::read(first)?.check;
    let options = arguments.reporting.options(&mut settings)?;
    let mut report = xii_rules::audit(&survey_all(&arguments.paths)?, &options);
    if arguments.fix {
        mend(arguments, first, &report)?;
        if !arguments.dry_run {
            report = xii_rules::audit(&survey_all(&arguments.paths)?, &options);
        }
    }
    if let Some(path) = &arguments.write_baseline {
        let count = baseline::write(path, &report)?;
        output::complain(&format!(
            "wrote {count} findings to {} as known; pass it with --baseline",
            path.display()
        ));
        return Ok(ExitCode::SUCCESS);
    }
    arguments.reporting.write(&report)?;
    let fails = arguments.reporting.fails(&report, &settings);
    Ok(ExitCode::from(u8::from(fails)))
}

/// Carries out fixes and shows what they changed: to people on standard output, before the report of
/// what remains; beside a machine's format on standard error.
fn mend(arguments: &Arguments, root: &Path, report: &Report) -> Result<(), Failure> {
    if arguments.paths.len() > 1 {
        return Err(Failure::usage("--fix takes one PATH: run it once for each"));
    }
    let fixed = fix::fix(root, report, arguments.with_unsafe, arguments.dry_run)?;
    if arguments.reporting.for_person() {
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

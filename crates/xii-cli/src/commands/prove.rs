//! `xii prove`: run the app and try to break each factor.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use xii_model::{App, Criterion, Survey, Verdict};
use xii_probes::{Entry, Options, Proof, Subject};
use xii_runtime::environment::Environment;
use xii_runtime::platform;

use crate::app::{Wanted, load};
use crate::error::Failure;
use crate::proving::Teller;
use crate::reporting::Reporting;
use crate::{output, progress, settings};

/// Audit an app, then run it and try to break each factor
///
/// Copies what git tracks to a scratch folder, builds it there as its manifests say, gives it an
/// environment of its own (canaries for secrets, private resources behind relays), runs it under the
/// eyes of a witness, and interferes: variables are withdrawn, ports taken, resources cut and slowed,
/// signals sent. Each verdict comes with a transcript, joined with what `check` says of the code.
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii prove                                  build and prove this app
  xii prove services/api --verbose           every verdict with its transcript
  xii prove --criterion IX.2                 one probe alone
  xii prove --env-file test.env              with these variables and the resources they name
  xii prove --scenario checkout.hurl         send these requests
  xii prove --format html --output proof.html

Exit codes: 0 nothing broken, 1 findings at or above --fail-on, 2 wrong usage or unusable input, 3 the app could
not be built or did not start, so that most could not be told")]
pub(crate) struct Arguments {
    /// The app's folder
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    #[command(flatten)]
    reporting: Reporting,
    /// Variables for the run; may be given several times, a later file is over an earlier one
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// Requests to send, in the format of Hurl; may be given several times
    #[arg(long, value_name = "FILE")]
    scenario: Vec<PathBuf>,
    /// Procfile to run, instead of the one in PATH
    #[arg(long, short = 'f', value_name = "FILE")]
    procfile: Option<PathBuf>,
    /// Use the folder as it is, build nothing
    #[arg(long)]
    in_place: bool,
    /// Leave the scratch folder in place, and say where it is
    #[arg(long)]
    keep: bool,
    /// How many probes run side by side [default: the number of cores, at least 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    // First of all: only the calling thread lives on in the process that supervises.
    let _guarded = platform::guard()
        .map_err(|error| Failure::unfinished(format!("cannot watch over the app: {error}")))?;
    platform::raise_open_files();
    let settings = settings::read(&arguments.path)?;
    let mut check = settings.check;
    let audit = arguments.reporting.options(&mut check)?;
    let loaded = load(Wanted {
        folder: &arguments.path,
        procfile: arguments.procfile.as_deref(),
        // Variables are the proof's own matter: `.env` belongs to the developer.
        env_files: &[],
        variables: false,
        caller: Environment::default(),
    })?;
    let survey = progress::shown(|options| xii_survey::survey(&arguments.path, options))
        .map_err(Failure::usage)?;
    let mut report = xii_rules::audit(&survey, &audit);
    let app = the_app(&survey, &arguments.path)?;
    let root = app.root.clone();
    let mut prove = settings.prove;
    let scenario = arguments.scenario.iter().map(std::path::absolute);
    prove.scenario.extend(scenario.filter_map(Result::ok));
    scenarios(&arguments.path, &prove.scenario)?;
    let criteria: Vec<&'static str> = wanted(arguments);
    let subject = Subject {
        folder: arguments.path.clone(),
        app: app.clone(),
        formation: loaded.formation,
        settings: prove,
        files: crate::app::variables(&arguments.env_file)?,
    };
    let options = Options {
        criteria,
        in_place: arguments.in_place,
        keep: arguments.keep,
        jobs: arguments.jobs.map_or_else(cores, usize::from),
        caller: std::env::vars_os().collect(),
    };
    let proof = {
        let teller = Teller::new();
        xii_probes::prove(subject, &options, &|progress| teller.tell(progress)).map_err(
            |error| match error.kind() {
                std::io::ErrorKind::Interrupted => Failure {
                    message: "interrupted; everything that was started is stopped".to_owned(),
                    code: 130,
                },
                _ => Failure::unfinished(format!("the proof cannot begin: {error}")),
            },
        )?
    };
    let Proof {
        trials,
        run,
        unfinished,
        interrupted,
        kept,
    } = proof;
    // What a run left open may break another time: an allowance of it is not stale.
    let answered: Vec<&str> = trials
        .iter()
        .filter(|trial| matches!(trial.verdict, Verdict::Holds | Verdict::Broken))
        .flat_map(|trial| [trial.probe, trial.criterion])
        .collect();
    xii_model::join(
        &mut report,
        &root,
        trials,
        run,
        &|probe| Entry::find(probe).map(|entry| (entry.summary(), entry.docs)),
        &mut |findings| xii_rules::suppress(findings, &survey, &audit, &answered),
    );
    arguments.reporting.write(&report)?;
    if let Some(kept) = kept {
        output::complain(&format!(
            "what was made for the proof is in {}",
            kept.display()
        ));
    }
    if interrupted {
        return Err(Failure {
            message: "interrupted: what was not done is left open; everything that was started is stopped".to_owned(),
            code: 130,
        });
    }
    if arguments.reporting.fails(&report, &check) {
        return Ok(ExitCode::from(1));
    }
    match unfinished {
        Some(why) => Err(Failure::unfinished(format!(
            "most could not be told: {why}"
        ))),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Reads the files of requests before anything is built: all faults at once.
fn scenarios(folder: &Path, files: &[PathBuf]) -> Result<(), Failure> {
    let read = |path: &PathBuf| {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(folder.join(path));
        let text = text.map_err(|error| format!("cannot read the scenario {shown}: {error}"))?;
        match xii_probes::scenario::hurl::read(&shown, &text) {
            Ok(_) => Ok(()),
            Err(why) => Err(why.to_string()),
        }
    };
    let faults: Vec<String> = files.iter().filter_map(|path| read(path).err()).collect();
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Failure::usage(faults.join("\n"))),
    }
}

/// The app to be proved: the one whose root is the folder, or the only one there is.
fn the_app<'a>(survey: &'a Survey, path: &Path) -> Result<&'a App, Failure> {
    let apps = &survey.apps;
    if let Some(app) = apps.iter().find(|app| app.root == ".") {
        return Ok(app);
    }
    match &apps[..] {
        [] => Err(Failure::usage(format!(
            "there is no app in {}: no manifest and no source that xii reads",
            path.display()
        ))),
        [only] => Err(Failure::usage(format!(
            "the app is in {0}: run `xii prove {0}`",
            path.join(&only.root).display()
        ))),
        several => {
            let roots: Vec<String> = several
                .iter()
                .map(|app| path.join(&app.root).display().to_string())
                .collect();
            Err(Failure::usage(format!(
                "there are {} apps in {}, and one is proved at a time: name its folder ({})",
                several.len(),
                path.display(),
                roots.join(", ")
            )))
        }
    }
}

/// The criteria that were asked for; none when all were.
fn wanted(arguments: &Arguments) -> Vec<&'static str> {
    let reporting = &arguments.reporting;
    if reporting.criterion.is_empty() && reporting.factor.is_empty() {
        return Vec::new();
    }
    Criterion::all()
        .filter(|one| {
            reporting.criterion.iter().any(|wanted| wanted.id == one.id)
                || (reporting.criterion.is_empty() && reporting.factor.contains(&one.factor))
        })
        .map(|one| one.id)
        .collect()
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2))
}

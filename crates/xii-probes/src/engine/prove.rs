//! A proof from its beginning to its end.

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Mutex, OnceCell, watch};
use tokio::task::LocalSet;
use xii_model::grammar::Variable;
use xii_model::{App, Event, RunSummary, Source, StoodFor, Trial, What};
use xii_runtime::formation::Formation;
use xii_runtime::log::pump::{self, Pump};
use xii_runtime::ports::PrivatePorts;
use xii_witness::Witness;

use super::execute::execute;
use super::lab::Lab;
use super::leaks::Leaks;
use super::probe::Probe;
use super::progress::Progress;
use super::record::Record;
use super::stream::{Listener, Runs};
use crate::provision::{self, provide};
use crate::staging::{self, Built, stage};
use crate::{PROBES, Settings};

/// The label of what the build does.
const BUILD: &str = "build";
/// How long the last lines may take.
const LAST_LINES: Duration = Duration::from_secs(1);

/// What is to be proved.
#[derive(Debug)]
pub struct Subject {
    /// The app's folder.
    pub folder: PathBuf,
    /// What was read of it.
    pub app: App,
    /// Its process types.
    pub formation: Formation,
    /// What `[prove]` says, and the flags over it.
    pub settings: Settings,
    /// Files of variables that the user named: the name they are shown by, and what they say.
    pub files: Vec<(String, Vec<Variable>)>,
}

/// How it is to be proved.
#[derive(Clone, Debug)]
pub struct Options {
    /// The criteria to answer; all when empty.
    pub criteria: Vec<&'static str>,
    /// The app's folder is used as it is, and nothing is built.
    pub in_place: bool,
    /// What was made for the proof is left in place.
    pub keep: bool,
    /// How many probes run side by side.
    pub jobs: usize,
    /// The caller's environment: where programs and registries are.
    pub caller: Vec<(OsString, OsString)>,
}

/// What a proof showed.
#[derive(Debug, Default)]
pub struct Proof {
    /// What each probe made of each of its criteria.
    pub trials: Vec<Trial>,
    /// What was run.
    pub run: RunSummary,
    /// Why most of it could not be told, when the app could not be built or did not start.
    pub unfinished: Option<String>,
    /// A signal ended it before every probe was done.
    pub interrupted: bool,
    /// The folder that was kept, when it was asked for.
    pub kept: Option<PathBuf>,
}

/// The probes that answer one of the criteria; all when none is named.
pub fn probes_for(criteria: &[&str]) -> Vec<&'static Probe> {
    let wanted = |probe: &Probe| {
        criteria.is_empty() || probe.criteria.iter().any(|one| criteria.contains(one))
    };
    let probes = PROBES.iter().map(|entry| entry.probe);
    probes.filter(|probe| wanted(probe)).collect()
}

/// Builds the app, runs it, and has the probes try to break it.
///
/// The caller is guarded ([`xii_runtime::platform::guard`]), so that nothing outlives it. SIGINT or SIGTERM ends it
/// early: what was told by then is in the proof, and what was not is left open. The second one ends it at once.
///
/// # Errors
/// When the system gives no thread, pipe or event loop; `Interrupted` when a signal ended it before the app was
/// built, or a second one came. What goes wrong with the app is in the proof.
pub fn prove(
    subject: Subject,
    options: &Options,
    tell: &dyn Fn(Progress),
) -> std::io::Result<Proof> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut signalled = async || {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        let (stop, stopped) = watch::channel(false);
        // What is dropped is killed and removed.
        let mut proof = pin!(proof(subject, options, tell, stopped));
        tokio::select! {
            proof = &mut proof => return proof,
            () = signalled() => {
                stop.send_replace(true);
                tell(Progress::Ending);
            }
        }
        tokio::select! {
            proof = &mut proof => proof,
            () = signalled() => Err(ErrorKind::Interrupted.into()),
        }
    })
}

/// Comes when the proof is to end early.
pub(super) async fn early(stopped: &watch::Receiver<bool>) {
    if stopped.clone().wait_for(|stop| *stop).await.is_err() {
        // Nobody can stop it any more.
        std::future::pending().await
    }
}

async fn proof(
    subject: Subject,
    options: &Options,
    tell: &dyn Fn(Progress),
    stopped: watch::Receiver<bool>,
) -> std::io::Result<Proof> {
    let runs = Runs::default();
    let leaks = Arc::new(Leaks::default());
    let pump = Pump::start(pump::Settings {
        sinks: vec![Box::new(Listener {
            records: runs.clone(),
            leaks: Arc::clone(&leaks),
        })],
        secrets: Vec::new(),
    })?;
    let build = Record::default();
    runs.add(BUILD, Source::Xii, &build);
    let witness = witness(&runs);
    let staged = {
        let prefix = |_: &str| match &witness {
            Ok(witness) => witness.prefix(BUILD, &xii_witness::Options::default()),
            Err(_) => Vec::new(),
        };
        let plan = match &subject.settings.build {
            Some(lines) => staging::BuildPlan::given(&subject.app, lines),
            None => staging::infer(&subject.app, &subject.folder),
        };
        let told = |progress: staging::Progress<'_>| tell_staging(tell, progress);
        let staging = stage(staging::Wanted {
            source: &subject.folder,
            root: ".",
            in_place: options.in_place,
            plan,
            within: subject.settings.build_within,
            keep: options.keep,
            caller: options.caller.clone(),
            variables: Vec::new(),
            prefix: &prefix,
            tell: &told,
        });
        tokio::select! {
            staged = staging => staged,
            () = early(&stopped) => return Err(ErrorKind::Interrupted.into()),
        }
    };
    let began = Instant::now();
    let path = path_of(&options.caller);
    let provided = match &staged {
        Ok(staged) => {
            let told = |words| tell(Progress::Providing(words));
            let providing = provide(provision::Wanted {
                app: &subject.app,
                settings: &subject.settings,
                files: &subject.files,
                scratch: &staged.scratch,
                cache: None,
                folder: &staged.folder,
                path: &path,
                variables: &staged.variables,
                tell: &told,
            });
            tokio::select! {
                provided = providing => provided,
                () = early(&stopped) => return Err(ErrorKind::Interrupted.into()),
            }
        }
        Err(_) => provision::Provided::default(),
    };
    for canary in provided.canaries() {
        leaks.look_for(&canary.variable, &canary.value);
    }
    let lab = Rc::new(Lab {
        source: subject.folder,
        app: subject.app,
        formation: subject.formation,
        settings: subject.settings,
        healthy: Mutex::default(),
        fixed: Cell::default(),
        served: Cell::default(),
        retired: Cell::default(),
        provided,
        staged,
        build,
        witness,
        pump,
        runs,
        leaks,
        starts: Cell::new(0),
        path,
        caller: options.caller.clone(),
        ports: RefCell::new(PrivatePorts::default()),
        nonsense: OnceCell::new(),
        scenario: OnceCell::new(),
        health: RefCell::new(None),
        contract: OnceCell::new(),
        exercised: RefCell::default(),
        exercise_played: RefCell::new(None),
        notes: RefCell::default(),
        history: RefCell::default(),
        copies: Rc::default(),
    });
    let probes = probes_for(&options.criteria);
    let mut trials = execute(&lab, &probes, options.jobs, tell, &stopped).await;
    if !options.criteria.is_empty() {
        trials.retain(|trial| options.criteria.contains(&trial.criterion));
    }
    let interrupted = *stopped.borrow();
    let unfinished = match (&lab.staged, &*lab.healthy.lock().await) {
        (Err(why), _) => Some(why.to_string()),
        (_, Some(Err(why))) => Some(why.clone()),
        _ => None,
    };
    let kept = match &lab.staged {
        Ok(staged) if options.keep => Some(staged.scratch.clone()),
        Err(fault) => fault.kept.clone(),
        _ => None,
    };
    let run = lab.summary(began.elapsed());
    end(lab).await;
    Ok(Proof {
        trials,
        run,
        unfinished,
        interrupted,
        kept,
    })
}

/// How far the staging is, in words.
fn tell_staging(tell: &dyn Fn(Progress), progress: staging::Progress<'_>) {
    let words = match progress {
        staging::Progress::Copied(copied) => format!("copied {} files", copied.files),
        staging::Progress::Started(line) => format!("building: {line}"),
        staging::Progress::Output(line) => format!("building: {line}"),
        staging::Progress::Ended(_) => return,
    };
    tell(Progress::Staging(words));
}

/// Where the caller looks for programs.
fn path_of(caller: &[(OsString, OsString)]) -> OsString {
    let found = caller.iter().find(|(name, _)| name == "PATH");
    found.map(|(_, path)| path.clone()).unwrap_or_default()
}

/// The witness, whose record goes to the run that its label names.
fn witness(runs: &Runs) -> Result<Witness, String> {
    let runs = runs.clone();
    Witness::start(move |seen| {
        if let Some((source, record)) = runs.get(&seen.label) {
            record.push(Event {
                at: seen.at,
                source,
                release: None,
                what: What::Act(seen.act),
            });
        }
    })
    .map_err(|why| why.to_string())
}

/// Stops what is left, in order: the app before its resources, and both before their folders.
async fn end(lab: Rc<Lab>) {
    if let Some(Ok((run, _))) = &*lab.healthy.lock().await {
        run.kill().await;
    }
    if let Ok(lab) = Rc::try_unwrap(lab) {
        let Lab {
            healthy,
            provided,
            staged,
            witness,
            pump,
            ..
        } = lab;
        drop(healthy);
        drop(provided);
        drop(witness);
        pump.finish(LAST_LINES);
        drop(staged);
    }
}

impl Lab {
    /// What was run, for the report's header.
    fn summary(&self, took: Duration) -> RunSummary {
        let resources = self.provided.resources.iter().map(|one| StoodFor {
            variable: one.name.clone(),
            kind: one.kind.to_string(),
            stood: match &one.target {
                Ok(_) => Ok(one.stands.clone()),
                Err(why) => Err(why.clone()),
            },
        });
        let processes = self.formation.processes.iter();
        let mut notes = match &self.staged {
            Ok(staged) => staged.notes.clone(),
            Err(fault) => fault.notes.clone(),
        };
        notes.extend(self.provided.notes.iter().cloned());
        notes.extend(self.notes.borrow().iter().cloned());
        if let Ok(witness) = &self.witness
            && witness.lost() > 0
        {
            notes.push(format!(
                "{} of the deeds of processes came too fast to be recorded",
                witness.lost()
            ));
        }
        RunSummary {
            built: match &self.staged {
                Ok(staged) => staged.steps.clone(),
                Err(fault) => fault.built.iter().map(Built::step).collect(),
            },
            processes: processes
                .map(|one| (one.name.clone(), one.command.clone()))
                .collect(),
            resources: resources.collect(),
            no_witness: self.witness.as_ref().err().cloned(),
            starts: self.starts.get(),
            served: self.served.get(),
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            notes,
        }
    }
}

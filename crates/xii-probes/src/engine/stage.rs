//! What a probe plays on: it starts the app, looks at it, interferes, and says what it showed.

use std::cell::{Cell, RefCell};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use xii_model::{App, Event, Instance, Mark, Trial, Verdict};
use xii_runtime::formation::{Formation, Process};
use xii_witness::Witness;

use super::copies::Lent;
use super::lab::Lab;
use super::leaks::Leaks;
use super::probe::{CouldNotTell, Probe};
use super::ready::{NotReady, Ready};
use super::record::Record;
use super::run::Run;
use super::script::{Script, source_of, words};
use super::setup::Setup;
use crate::Settings;
use crate::client::{Answer, Client, Miss, Request};
use crate::contract::Contract;
use crate::provision::{Given, Provided, Resource};
use crate::scenario::{Nonsense, Played, Scenario};
use crate::staging::{CannotStage, Staged};

/// What a probe plays on.
#[derive(Debug)]
pub struct Stage {
    lab: Rc<Lab>,
    probe: &'static Probe,
    script: Script,
    said: Vec<(&'static str, Verdict, String)>,
    folder: RefCell<Option<PathBuf>>,
    /// The probe has asked for its folder, so that it may have written there itself.
    touched: Cell<bool>,
    /// The shared instance had to make room for one of this probe's.
    moved: Cell<bool>,
}

impl Stage {
    pub(super) fn new(lab: &Rc<Lab>, probe: &'static Probe) -> Self {
        Stage {
            lab: Rc::clone(lab),
            probe,
            script: Script::default(),
            said: Vec::new(),
            folder: RefCell::default(),
            touched: Cell::new(false),
            moved: Cell::new(false),
        }
    }

    // What there is.

    /// What was read of the app's code.
    pub fn app(&self) -> &App {
        &self.lab.app
    }

    /// The folder that is proved, as it was named: with what git does not track. Nothing is written there.
    pub fn source(&self) -> &Path {
        &self.lab.source
    }

    /// The environment of who asked for the proof: where programs and registries are.
    pub fn caller(&self) -> &[(std::ffi::OsString, std::ffi::OsString)] {
        &self.lab.caller
    }

    /// Its process types.
    pub fn formation(&self) -> &Formation {
        &self.lab.formation
    }

    /// The process type that answers HTTP.
    pub fn web(&self) -> Option<&Process> {
        self.lab.web()
    }

    /// The process types that take work from a queue.
    pub fn workers(&self) -> Vec<&Process> {
        self.lab.workers()
    }

    /// What `[prove]` says.
    pub fn settings(&self) -> &Settings {
        &self.lab.settings
    }

    /// The app's build.
    ///
    /// # Errors
    /// Why there is none.
    pub fn staged(&self) -> Result<&Staged, CouldNotTell> {
        self.lab
            .staged
            .as_ref()
            .map_err(|why| CouldNotTell(why.to_string()))
    }

    /// The app's build, or why there is none with what was printed: for who judges a build that failed.
    ///
    /// # Errors
    /// What the build came to.
    pub fn build(&self) -> Result<&Staged, &CannotStage> {
        self.lab.staged.as_ref()
    }

    /// The variables and resources that the app is given.
    pub fn provided(&self) -> &Provided {
        &self.lab.provided
    }

    /// A variable that the app is given.
    pub fn given(&self, name: &str) -> Option<&Given> {
        self.lab.provided.given.iter().find(|one| one.name == name)
    }

    /// The resources that stand, with their real addresses.
    pub fn resources(&self) -> Vec<(&Resource, SocketAddr)> {
        self.lab.standing().collect()
    }

    /// Why there is none for a server that the code talks to, where there is such a one.
    pub fn unnamed_resource(&self) -> Option<String> {
        self.lab.unnamed()
    }

    /// The witness, which every run is under where it can be had.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn witness(&self) -> Result<&Witness, CouldNotTell> {
        self.lab
            .witness
            .as_ref()
            .map_err(|why| CouldNotTell(format!("this needs the witness: {why}")))
    }

    /// What looks for canaries in everything that the app puts out, over all runs of the proof.
    pub fn leaks(&self) -> &Leaks {
        &self.lab.leaks
    }

    /// What the build did to the system, as far as the witness saw it.
    pub fn built(&self) -> &Record {
        &self.lab.build
    }

    /// Every run of the proof so far, whichever probe started it: what is asked of all of them is asked
    /// after them. Of a run that is over the first lines are kept, and all else.
    pub fn history(&self) -> Vec<(Instance, Record)> {
        self.lab.history.borrow().clone()
    }

    /// The port that the app listens on whatever PORT says, once that was seen: then no two instances of it
    /// can run on this machine, and the shared one ends when another is started.
    pub fn fixed_port(&self) -> Option<u16> {
        self.lab.fixed.get()
    }

    // Runs.

    /// Starts an instance, and does not wait for it.
    ///
    /// # Errors
    /// When it cannot be started at all.
    pub async fn start(&self, setup: Setup) -> Result<Run, CouldNotTell> {
        let lent = match setup.apart {
            true => Some(self.lend(self.take()?)?),
            false => None,
        };
        let folder = match (&lent, &setup.folder) {
            (Some(lent), _) => lent.folder.clone(),
            (None, Some(folder)) => folder.clone(),
            (None, None) => self.usual_folder()?,
        };
        self.make_room(&setup).await;
        let run = self.lab.start(&setup, folder).await?;
        *run.lent.borrow_mut() = lent;
        self.script.take(&run.record.all());
        *run.script.borrow_mut() = Some(self.script.clone());
        Ok(run)
    }

    /// Has the shared instance leave its port, where an app has but one ([`Stage::fixed_port`]) and the setup is of web.
    pub async fn make_room(&self, setup: &Setup) {
        if self.lab.make_room(setup).await {
            self.moved.set(true);
        }
    }

    /// Waits until an instance answers.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn ready(&self, run: &Run) -> Result<Ready, NotReady> {
        let ready = self.lab.ready(run).await;
        if let Err(why) = &ready {
            self.note_of(run, format!("does not serve: {why}"));
        }
        ready
    }

    /// Starts an instance and waits until it answers.
    ///
    /// # Errors
    /// When it does not become ready; the reason says why.
    pub async fn serve(&self, setup: Setup) -> Result<Run, CouldNotTell> {
        let run = self.start(setup).await?;
        match self.ready(&run).await {
            Ok(_) => Ok(run),
            Err(why) => Err(CouldNotTell(format!(
                "{} did not become ready: {why}",
                run.instance
            ))),
        }
    }

    /// The instance that all probes share which only look at it: nothing may be done to it that another
    /// would mind. Of an app with a fixed port ([`Stage::fixed_port`]) it has ended once the probe has started
    /// another, and what is asked of it that other one answers.
    ///
    /// # Errors
    /// When the app does not become ready in the environment given.
    pub async fn healthy(&self) -> Result<Rc<Run>, CouldNotTell> {
        let (run, ready) = self.shared().await?;
        self.script.take(&run.record.all());
        self.script.say(
            Timestamp::now(),
            &run.instance.to_string(),
            format!(
                "has served since {} ms after its start",
                ready.after.as_millis()
            ),
            Mark::Seen,
        );
        Ok(run)
    }

    /// The shared instance; as it was, once it has made room for one of this probe's.
    async fn shared(&self) -> Result<(Rc<Run>, Ready), CouldNotTell> {
        match self.moved.get() {
            true => self.lab.known().await,
            false => self.lab.healthy().await,
        }
    }

    /// How the shared instance became ready.
    ///
    /// # Errors
    /// As [`Stage::healthy`].
    pub async fn readiness(&self) -> Result<Ready, CouldNotTell> {
        Ok(self.shared().await?.1)
    }

    /// Has the scenario sent to the shared instance once, whoever asks first, so that there is something
    /// to look at.
    ///
    /// # Errors
    /// As [`Stage::healthy`].
    pub async fn exercised(&self) -> Result<Rc<Run>, CouldNotTell> {
        let run = self.healthy().await?;
        self.lab.exercise(&run).await;
        Ok(run)
    }

    /// The contract that the app serves, and its path; asked for once.
    ///
    /// # Errors
    /// As [`Stage::healthy`].
    pub async fn contract(&self) -> Result<Option<(String, Contract)>, CouldNotTell> {
        let (run, _) = self.shared().await?;
        Ok(self.lab.contract(&run).await)
    }

    /// What came of the scenario on the shared instance.
    ///
    /// # Errors
    /// As [`Stage::healthy`].
    pub async fn played(&self) -> Result<Played, CouldNotTell> {
        self.exercised().await?;
        Ok(self
            .lab
            .exercise_played
            .borrow()
            .clone()
            .unwrap_or_default())
    }

    /// A copy of the app that this probe has for itself: the same at every call.
    ///
    /// # Errors
    /// When the app was not built, or cannot be copied.
    pub fn folder(&self) -> Result<PathBuf, CouldNotTell> {
        self.touched.set(true);
        self.usual_folder()
    }

    /// Where this probe's instances run unless it says otherwise.
    fn usual_folder(&self) -> Result<PathBuf, CouldNotTell> {
        if let Some(folder) = &*self.folder.borrow() {
            return Ok(folder.clone());
        }
        let folder = self.take()?;
        *self.folder.borrow_mut() = Some(folder.clone());
        Ok(folder)
    }

    /// Another copy: what two instances write there they do not share.
    ///
    /// # Errors
    /// When the app was not built, or cannot be copied.
    pub fn another_folder(&self) -> Result<PathBuf, CouldNotTell> {
        self.take()
    }

    /// A copy that is as it was made.
    fn take(&self) -> Result<PathBuf, CouldNotTell> {
        let taken = self.lab.copies.take(self.staged()?);
        taken.map_err(|error| CouldNotTell(format!("the app cannot be copied: {error}")))
    }

    /// A copy that is given back when nobody holds it any longer.
    fn lend(&self, folder: PathBuf) -> Result<Lent, CouldNotTell> {
        Ok(Lent {
            copies: Rc::clone(&self.lab.copies),
            folder,
            home: self.staged()?.home.clone(),
            witnessed: self.lab.witness.is_ok(),
        })
    }

    /// A path as the app sees it: relative to its folder, to `$HOME` or to `$TMPDIR` where it lies below.
    pub fn shown(&self, run: &Run, path: &str) -> String {
        let below = |folder: &std::path::Path, name: &str| {
            let rest = std::path::Path::new(path).strip_prefix(folder).ok()?;
            Some(format!("{name}/{}", rest.display()))
        };
        let staged = self.lab.staged.as_ref().ok();
        match staged {
            _ if run.owns(path) => run.shown(path).to_owned(),
            Some(staged) => below(&staged.temporary, "$TMPDIR")
                .or_else(|| below(&staged.home, "$HOME"))
                .unwrap_or_else(|| path.to_owned()),
            None => path.to_owned(),
        }
    }

    // Asking.

    /// A client of an instance; what it asks is told in the transcript.
    pub fn client(&self, run: &Run) -> Client {
        let script = self.script.clone();
        self.lab
            .client(run)
            .telling(Rc::new(move |asked| script.asked(&asked)))
    }

    /// A client of another address.
    pub fn client_at(&self, port: u16) -> Client {
        let script = self.script.clone();
        Client::new(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .telling(Rc::new(move |asked| script.asked(&asked)))
    }

    /// A client of another address whose requests are not worth telling: it knocks until somebody opens.
    pub fn quiet_client_at(&self, port: u16) -> Client {
        Client::new(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }

    /// Asks an instance; the answer is searched for canaries.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn ask(&self, run: &Run, request: &Request) -> Result<Answer, Miss> {
        let answer = self.client(run).send(request).await;
        if let Ok(answer) = &answer {
            self.lab.search(run, request, answer);
        }
        answer
    }

    /// What the app answers to a path that cannot exist.
    ///
    /// # Errors
    /// As [`Stage::healthy`].
    pub async fn nonsense(&self) -> Result<Nonsense, CouldNotTell> {
        let (run, _) = self.shared().await?;
        self.lab.nonsense(&run).await.ok_or_else(|| {
            CouldNotTell::because("the app gives no answer to a path that does not exist")
        })
    }

    /// What is sent to the app: the scenario that was given, or what could be found.
    ///
    /// # Errors
    /// As [`Stage::healthy`].
    pub async fn scenario(&self) -> Result<Scenario, CouldNotTell> {
        let (run, _) = self.shared().await?;
        Ok(self.lab.scenario(&run).await)
    }

    /// The path of a health route that answers well, the readiness route first; learned once.
    ///
    /// # Errors
    /// As [`Stage::healthy`].
    pub async fn health(&self) -> Result<Option<String>, CouldNotTell> {
        self.shared().await?;
        Ok(self.lab.health.borrow().clone())
    }

    // The transcript.

    /// Writes down what the probe does.
    pub fn note(&self, text: impl Into<String>) {
        self.script.say(Timestamp::now(), "probe", text, Mark::Done);
    }

    /// Writes down what was seen of an instance now.
    pub fn note_of(&self, run: &Run, text: impl Into<String>) {
        let source = run.instance.to_string();
        self.script.say(Timestamp::now(), &source, text, Mark::Seen);
    }

    /// Puts an event into the transcript that is not there by itself, with what it means.
    pub fn cite(&self, event: &Event, mark: Mark) {
        if let Some(text) = words(event) {
            self.script.say(event.at, &source_of(event), text, mark);
        }
    }

    // Verdicts.

    /// The criterion holds; `reason` says what showed it, in one lower-case sentence.
    pub fn holds(&mut self, criterion: &str, reason: impl Into<String>) {
        self.say(criterion, Verdict::Holds, reason.into());
    }

    /// The criterion is broken.
    pub fn broken(&mut self, criterion: &str, reason: impl Into<String>) {
        self.say(criterion, Verdict::Broken, reason.into());
    }

    /// The criterion asks nothing of this app.
    pub fn not_applicable(&mut self, criterion: &str, reason: impl Into<String>) {
        self.say(criterion, Verdict::NotApplicable, reason.into());
    }

    /// It could not be told, and why.
    pub fn could_not_tell(&mut self, criterion: &str, reason: impl Into<String>) {
        self.say(criterion, Verdict::CouldNotTell, reason.into());
    }

    fn say(&mut self, criterion: &str, verdict: Verdict, reason: String) {
        let known = self.probe.criteria.iter().find(|one| **one == criterion);
        // A probe that speaks of a criterion that it does not declare is found by its test.
        debug_assert!(
            known.is_some(),
            "{} does not declare {criterion}",
            self.probe.name
        );
        let Some(criterion) = known else { return };
        let reason = self.lab.leaks.masked(&reason);
        let (mark, word) = match verdict {
            Verdict::Holds => (Mark::For, "holds"),
            Verdict::Broken => (Mark::Against, "broken"),
            Verdict::NotApplicable => (Mark::Done, "not applicable"),
            Verdict::CouldNotTell => (Mark::Done, "could not tell"),
        };
        let text = format!("{word} {criterion}: {reason}");
        self.script.say(Timestamp::now(), "verdict", text, mark);
        self.said.push((criterion, verdict, reason));
    }

    /// What was said of each criterion of the probe: a broken one is broken whatever else was said.
    pub(super) fn trials(&self, failed: Option<&CouldNotTell>, took: Duration) -> Vec<Trial> {
        let transcript = self.script.moments(&self.lab.leaks);
        let rank = |verdict: Verdict| match verdict {
            Verdict::Broken => 0,
            Verdict::Holds => 1,
            Verdict::NotApplicable => 2,
            Verdict::CouldNotTell => 3,
        };
        let trial = |criterion: &'static str| {
            let decided = self
                .said
                .iter()
                .filter(|(known, ..)| *known == criterion)
                .min_by_key(|(_, verdict, _)| rank(*verdict));
            // A probe that failed before it had seen everything has seen nothing that holds.
            let (verdict, reason) = match (decided, failed) {
                (Some((_, Verdict::Holds, reason)), None) => (Verdict::Holds, reason.clone()),
                (Some((_, Verdict::Holds, _)), Some(why)) | (None, Some(why)) => {
                    (Verdict::CouldNotTell, self.lab.leaks.masked(&why.0))
                }
                (Some((_, verdict, reason)), _) => (*verdict, reason.clone()),
                (None, None) => (
                    Verdict::CouldNotTell,
                    "the run showed nothing for or against it".to_owned(),
                ),
            };
            Trial {
                probe: self.probe.name,
                criterion,
                verdict,
                reason,
                severity: self.probe.severity,
                transcript: transcript.clone(),
                took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            }
        };
        self.probe.criteria.iter().map(|one| trial(one)).collect()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // The probe's instances are gone by now.
        let folder = self.folder.take().filter(|_| !self.touched.get());
        if let Some(Ok(lent)) = folder.map(|folder| self.lend(folder)) {
            drop(lent);
        }
    }
}

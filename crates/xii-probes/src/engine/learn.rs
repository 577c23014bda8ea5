//! What is learned of the app once and used by all probes.

use std::rc::Rc;
use std::time::Duration;

use super::lab::Lab;
use super::probe::CouldNotTell;
use super::ready::Ready;
use super::run::Run;
use super::setup::Setup;
use crate::client::{Answer, Request};
use crate::contract::{self, Contract};
use crate::scenario::{self, Nonsense, Scenario};

/// How long the whole scenario may take.
const EXERCISE: Duration = Duration::from_secs(30);

/// Paths where platforms and frameworks look for health, readiness first.
const HEALTH: [&str; 16] = [
    "/health/ready",
    "/healthz/ready",
    "/readyz",
    "/ready",
    "/health",
    "/healthz",
    "/api/health",
    "/api/healthz",
    "/livez",
    "/health/live",
    "/actuator/health",
    "/status",
    "/_health",
    "/ping",
    "/up",
    "/heartbeat",
];

impl Lab {
    /// The instance that is only looked at, started when somebody first asks, and again when it had to make
    /// room for another.
    pub(super) async fn healthy(&self) -> Result<(Rc<Run>, Ready), CouldNotTell> {
        let mut held = self.healthy.lock().await;
        let known = match held.take() {
            Some(known) if !self.retired.get() => known,
            Some(known) => match self.first_start().await {
                Ok(again) => {
                    self.retired.set(false);
                    *self.exercised.borrow_mut() = Rc::default();
                    Ok(again)
                }
                // Who asks later may find the port free.
                Err(why) => {
                    *held = Some(known);
                    return Err(CouldNotTell(why));
                }
            },
            None => {
                self.retired.set(false);
                self.first_start().await
            }
        };
        *held = Some(known.clone());
        known.map_err(CouldNotTell)
    }

    /// The same without starting it again: what was seen of it stands, whether it runs or not.
    pub(super) async fn known(&self) -> Result<(Rc<Run>, Ready), CouldNotTell> {
        let known = self.healthy.lock().await.clone();
        match known {
            Some(known) => known.map_err(CouldNotTell),
            None => self.healthy().await,
        }
    }

    async fn first_start(&self) -> Result<(Rc<Run>, Ready), String> {
        let staged = self.staged.as_ref().map_err(ToString::to_string)?;
        if self.web().is_none() {
            return Err("the app has no process type that answers HTTP".to_owned());
        }
        let folder = staged
            .copy()
            .map_err(|error| format!("the app cannot be copied: {error}"))?;
        let run = self
            .start(&Setup::web(), folder)
            .await
            .map_err(|why| why.0)?;
        let ready = self.ready(&run).await;
        match ready {
            Ok(ready) => {
                let run = Rc::new(run);
                let nonsense = self.nonsense(&run).await;
                if !self.retired.get() {
                    self.learn_health(&run, nonsense.as_ref()).await;
                }
                Ok((run, ready))
            }
            Err(why) => {
                let sentence = format!("{} did not become ready: {why}", run.instance);
                // What it said at its end may show its secrets, and every probe repeats this.
                let sentence = self.leaks.masked(&sentence);
                run.kill().await;
                Err(sentence)
            }
        }
    }

    /// None when the app gave no answer at all to a path that cannot exist.
    pub(super) async fn nonsense(&self, run: &Run) -> Option<Nonsense> {
        let learned = self
            .nonsense
            .get_or_init(async || scenario::learn_nonsense(&self.client(run)).await.ok());
        learned.await.clone()
    }

    /// Finds a health route that answers well and is not the answer to everything.
    async fn learn_health(&self, run: &Run, nonsense: Option<&Nonsense>) {
        let client = self.client(run);
        let mut paths: Vec<String> = Vec::new();
        let told = self.app.facts.health.iter().filter_map(|one| {
            let readiness = one.kind != xii_model::HealthKind::Liveness;
            Some((!readiness, one.path.clone()?))
        });
        let mut told: Vec<(bool, String)> = told.collect();
        told.sort();
        paths.extend(told.into_iter().map(|(_, path)| path));
        paths.extend(HEALTH.map(str::to_owned));
        for path in paths {
            let Ok(answer) = client.send(&Request::get(&path)).await else {
                continue;
            };
            let real = nonsense.is_none_or(|nonsense| nonsense.is_real(&answer, &path));
            if answer.status < 300 && real {
                *self.health.borrow_mut() = Some(path);
                return;
            }
        }
    }

    pub(super) async fn scenario(&self, run: &Run) -> Scenario {
        let made = self
            .scenario
            .get_or_init(async || self.found_scenario(run).await);
        made.await.clone()
    }

    /// The scenario that was given, or what could be found.
    async fn found_scenario(&self, run: &Run) -> Scenario {
        if !self.settings.scenario.is_empty() {
            return self.given_scenario();
        }
        let contract = self.contract(run).await;
        let found = scenario::found(&self.app, contract.as_ref().map(|(_, contract)| contract));
        match self.nonsense(run).await {
            Some(nonsense) => scenario::settled(&self.client(run), &found, &nonsense).await,
            None => found,
        }
    }

    /// The contract that the app serves, and its path.
    pub(super) async fn contract(&self, run: &Run) -> Option<(String, Contract)> {
        let found = self
            .contract
            .get_or_init(async || contract::find(&self.client(run), &[]).await.0);
        found.await.clone()
    }

    /// The files of requests that were given, one after the other. What cannot be read is told in the
    /// report; the command has checked the files before.
    fn given_scenario(&self) -> Scenario {
        let mut whole = Scenario {
            name: "given".to_owned(),
            ..Scenario::default()
        };
        let Ok(staged) = &self.staged else {
            return whole;
        };
        for path in &self.settings.scenario {
            let path = staged.folder.join(path);
            let read = std::fs::read_to_string(&path)
                .map_err(|error| error.to_string())
                .and_then(|text| {
                    scenario::hurl::read(&path.display().to_string(), &text)
                        .map_err(|error| error.to_string())
                });
            match read {
                Ok(one) => {
                    whole.folder = path.parent().map(std::path::Path::to_owned);
                    whole.steps.extend(one.steps);
                }
                Err(why) => self.notes.borrow_mut().push(format!(
                    "the scenario {} cannot be read: {why}",
                    path.display()
                )),
            }
        }
        whole
    }

    /// Sends the scenario to the shared instance, once.
    pub(super) async fn exercise(&self, run: &Run) {
        let exercised = Rc::clone(&self.exercised.borrow());
        let done = exercised.get_or_init(async || {
            let scenario = self.scenario(run).await;
            let client = self.client(run);
            let played = scenario::play_on(&scenario, &client, EXERCISE).await;
            for outcome in &played.outcomes {
                if let Ok(answer) = &outcome.answer {
                    self.search(run, &Request::new(&outcome.method, &outcome.path), answer);
                }
            }
            *self.exercise_played.borrow_mut() = Some(played);
        });
        done.await;
    }

    /// Searches an answer for canaries.
    pub(super) fn search(&self, run: &Run, request: &Request, answer: &Answer) {
        let place = format!(
            "the answer of {} to {} {}",
            run.instance, request.method, request.path
        );
        self.leaks.search(&place, &answer.body);
        for (name, value) in &answer.headers {
            self.leaks
                .search(&format!("{place} (header {name})"), value.as_bytes());
        }
    }
}

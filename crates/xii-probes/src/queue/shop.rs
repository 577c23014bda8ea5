//! A queue with a web instance that fills it.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use xii_model::ResourceKind;

use super::hand::Hand;
use super::marks::{ids, is_at_work, needle, state};
use crate::client::Request;
use crate::engine::{CouldNotTell, Run, Setup, Stage};
use crate::provision::Fresh;
use crate::scenario::{Played, Scenario, play_on};

/// How long the scenario may take.
const SCENARIO: Duration = Duration::from_secs(20);
/// How long a worker may take to start and to have its first job.
const FIRST: Duration = Duration::from_secs(20);
/// How long a job may take.
const DONE: Duration = Duration::from_secs(20);
/// How long nothing must change of a job that is done.
const RESTS: Duration = Duration::from_millis(1200);
/// Between two looks.
const STEP: Duration = Duration::from_millis(4);

/// A job that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// What it is called.
    pub id: String,
    /// A request that shows it, where the scenario has one.
    pub show: Option<String>,
}

/// Where a step of the scenario gives its job's id.
#[derive(Clone, Debug)]
struct Place {
    step: usize,
    at: String,
}

/// A web instance that gives jobs, on a queue that nobody else uses where a private one can be had.
pub struct Shop {
    web: Run,
    scenario: Scenario,
    fresh: Vec<(String, Fresh)>,
    place: Place,
    worker: String,
    /// What a job's own route says when it is done.
    done_state: Option<String>,
    /// The last line of a worker about a job.
    done_line: Option<String>,
}

impl Shop {
    /// Starts the instance, gives a job, and learns by a first worker which step of the scenario gives jobs, and
    /// what one that is done looks like.
    ///
    /// # Errors
    /// When no step gives the workers anything to do.
    pub async fn open(stage: &Stage) -> Result<Shop, CouldNotTell> {
        let scenario = stage.scenario().await?;
        let unsafe_step = |method: &str| !["GET", "HEAD", "OPTIONS"].contains(&method);
        if !scenario
            .steps
            .iter()
            .any(|one| unsafe_step(&one.ask.method))
        {
            return Err(CouldNotTell::because(
                "no request of the scenario gives the workers a job; `scenario` of [prove] in xii.toml may name one that does",
            ));
        }
        let mut fresh = Vec::new();
        for (resource, _) in stage.resources() {
            let is_queue = matches!(
                resource.kind,
                ResourceKind::Redis | ResourceKind::Queue | ResourceKind::Amqp | ResourceKind::Nats
            );
            if is_queue
                && resource.can_be_fresh()
                && let Ok(one) = stage.provided().fresh(resource).await
            {
                fresh.push((resource.name.clone(), one));
            }
        }
        let web = stage.serve(at(Setup::web(), &fresh)).await?;
        let mut shop = Shop {
            web,
            scenario,
            fresh,
            place: Place {
                step: 0,
                at: String::new(),
            },
            worker: String::new(),
            done_state: None,
            done_line: None,
        };
        let played = shop.play(stage).await;
        let mut candidates: Vec<(Place, Job)> = Vec::new();
        for outcome in &played.outcomes {
            let Ok(answer) = &outcome.answer else {
                continue;
            };
            if !unsafe_step(&outcome.method) || !answer.is_success() {
                continue;
            }
            for (at, id) in ids(answer, &|id| shown(&played, id).is_some()) {
                let step = outcome.step;
                let job = job(&played, id);
                candidates.push((Place { step, at }, job));
            }
        }
        shop.learn(stage, &candidates).await?;
        Ok(shop)
    }

    async fn learn(
        &mut self,
        stage: &Stage,
        candidates: &[(Place, Job)],
    ) -> Result<(), CouldNotTell> {
        let workers: Vec<String> = stage
            .workers()
            .iter()
            .map(|one| one.name.clone())
            .take(3)
            .collect();
        let all: Vec<Job> = candidates.iter().map(|(_, job)| job.clone()).collect();
        for worker in workers {
            self.worker = worker;
            let hand = self.hire(stage, 1, &all).await?;
            let end = Instant::now() + FIRST;
            let found = loop {
                let found = candidates.iter().find(|(_, job)| hand.knows(&job.id));
                if found.is_some() || Instant::now() >= end || !hand.run.runs() {
                    break found;
                }
                sleep(STEP).await;
            };
            if let Some((place, job)) = found {
                self.place = place.clone();
                stage.note(format!("{} took the job {}", hand.run.instance, job.id));
                self.learn_done(stage, &hand, job).await;
                hand.run.stop().await;
                return Ok(());
            }
            hand.run.kill().await;
        }
        Err(CouldNotTell::because(
            "no worker was seen to take anything that a request of the scenario had made",
        ))
    }

    /// Waits until nothing changes of the job any more: then it is done.
    async fn learn_done(&mut self, stage: &Stage, hand: &Hand, job: &Job) {
        let end = Instant::now() + DONE;
        let mut last = (
            hand.named(&job.id),
            hand.shapes(&job.id).len(),
            self.ask(stage, job).await,
        );
        let mut since = Instant::now();
        let at_work = |told: &Option<String>| told.as_deref().is_some_and(is_at_work);
        while (since.elapsed() < RESTS || at_work(&last.2)) && Instant::now() < end {
            sleep(STEP * 10).await;
            let now = (
                hand.named(&job.id),
                hand.shapes(&job.id).len(),
                self.ask(stage, job).await,
            );
            if now != last {
                (last, since) = (now, Instant::now());
            }
        }
        // One that is at work to the end of the time is not known done.
        self.done_state = last.2.filter(|told| !is_at_work(told));
        self.done_line = hand.shapes(&job.id).pop().map(|(_, shape)| shape);
    }

    /// What the job's own route says of it.
    async fn ask(&self, stage: &Stage, job: &Job) -> Option<String> {
        let path = job.show.as_ref()?;
        let client = stage.quiet_client_at(self.web.port());
        let answer = client.send(&Request::get(path)).await.ok()?;
        Some(state(&answer, &job.id))
    }

    /// Whether it can be told that a job is done.
    pub fn can_tell(&self) -> bool {
        self.done_state.is_some() || self.done_line.is_some()
    }

    /// What a worker writes of a job at last.
    pub fn done_line(&self) -> Option<&str> {
        self.done_line.as_deref()
    }

    /// Whether a job is done, as its own route says, or else the lines of these workers.
    pub async fn is_done(&self, stage: &Stage, job: &Job, hands: &[&Hand]) -> bool {
        if let (Some(done), Some(_)) = (&self.done_state, &job.show) {
            return self.ask(stage, job).await.as_ref() == Some(done);
        }
        let Some(done) = &self.done_line else {
            return false;
        };
        hands
            .iter()
            .any(|hand| hand.shapes(&job.id).iter().any(|(_, shape)| shape == done))
    }

    /// What a job's own route says of it, in words.
    pub async fn told(&self, stage: &Stage, job: &Job) -> String {
        let told = self.ask(stage, job).await;
        told.map_or_else(String::new, |told| format!(" (its route says {told})"))
    }

    async fn play(&self, stage: &Stage) -> Played {
        let client = stage.quiet_client_at(self.web.port());
        play_on(&self.scenario, &client, SCENARIO).await
    }

    /// Gives a job.
    ///
    /// # Errors
    /// When the app does not take it this time.
    pub async fn give(&self, stage: &Stage) -> Result<Job, CouldNotTell> {
        let played = self.play(stage).await;
        let outcome = played
            .outcomes
            .iter()
            .find(|one| one.step == self.place.step);
        let answer = outcome.and_then(|one| one.answer.as_ref().ok());
        let found = answer.map(|one| ids(one, &|id| shown(&played, id).is_some()));
        let found = found.unwrap_or_default();
        let found = found.into_iter().find(|(at, _)| *at == self.place.at);
        found.map(|(_, id)| job(&played, id)).ok_or_else(|| {
            CouldNotTell::because("the request that gives a job gave none the second time")
        })
    }

    /// Starts a worker that is watched for these jobs from its start.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn hire(
        &self,
        stage: &Stage,
        number: u32,
        jobs: &[Job],
    ) -> Result<Hand, CouldNotTell> {
        let setup = at(Setup::of(&self.worker).number(number), &self.fresh);
        let run = stage.start(setup).await?;
        let watched = jobs
            .iter()
            .map(|job| {
                let all = run.resources().map(|(_, one)| one.watch(&needle(&job.id)));
                (job.id.clone(), all.collect())
            })
            .collect();
        Ok(Hand { run, watched })
    }

    /// Ends the instance.
    pub async fn close(self) {
        self.web.kill().await;
    }
}

/// With the private queues behind the variables.
fn at(mut setup: Setup, fresh: &[(String, Fresh)]) -> Setup {
    for (name, one) in fresh {
        setup = setup.with_resource_at(name, one.address);
    }
    setup
}

/// A job by its id, with the request of the scenario that shows it.
fn job(played: &Played, id: String) -> Job {
    let show = shown(played, &id);
    Job { id, show }
}

/// The request of the scenario that asks for something by this id.
fn shown(played: &Played, id: &str) -> Option<String> {
    let names = |path: &str| path.split(['/', '?', '&', '=']).any(|part| part == id);
    let mut outcomes = played.outcomes.iter();
    let shows = outcomes.find(|one| one.method == "GET" && names(&one.path));
    shows.map(|one| one.path.clone())
}

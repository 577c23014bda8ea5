//! Talking to a supervisor.

use std::fmt;
use std::str::FromStr;

use rustix::process::Signal;
use tokio::sync::{mpsc, oneshot};
use xii_model::Instance;

use super::status::Status;

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Every instance.
    All,
    /// The instances of a type.
    Process(String),
    /// One instance.
    Instance(Instance),
}

impl FromStr for Target {
    type Err = std::convert::Infallible;

    /// `web.1` is an instance, `web` a type; the empty word is everything.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Ok(match word.parse::<Instance>() {
            Ok(instance) => Target::Instance(instance),
            Err(_) if word.is_empty() => Target::All,
            Err(_) => Target::Process(word.to_owned()),
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::All => f.write_str("everything"),
            Target::Process(name) => f.write_str(name),
            Target::Instance(instance) => instance.fmt(f),
        }
    }
}

/// Why a supervisor did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such type or instance.
    #[error("`{asked}` is not running here; there are: {known}")]
    Unknown {
        /// What was asked for.
        asked: String,
        /// What there is.
        known: String,
    },
    /// It was tried, and this is why it failed; a line for each instance.
    #[error("{0}")]
    Failed(String),
    /// The run is over.
    #[error("the run is ending")]
    Over,
}

/// Requests, as they travel to the supervisor's thread.
#[derive(Debug)]
pub(crate) enum Request {
    Status(oneshot::Sender<Status>),
    Scale(String, u32, oneshot::Sender<Result<(), Refusal>>),
    Restart(Target, oneshot::Sender<Result<Vec<Instance>, Refusal>>),
    Stop(Target, oneshot::Sender<Result<Vec<Instance>, Refusal>>),
    Signal(
        Target,
        Signal,
        oneshot::Sender<Result<Vec<Instance>, Refusal>>,
    ),
    /// Stop everything; the exit code if nothing else has ended the run.
    Shutdown(i32),
    /// Stop waiting for what is stopping.
    Hurry,
}

/// Talks to a supervisor, from any thread and any runtime.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(crate) requests: mpsc::UnboundedSender<Request>,
}

impl Handle {
    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<T>) -> Request,
    ) -> Result<T, Refusal> {
        let (reply, answer) = oneshot::channel();
        self.requests
            .send(request(reply))
            .map_err(|_| Refusal::Over)?;
        answer.await.map_err(|_| Refusal::Over)
    }

    /// What runs, and how it is.
    ///
    /// # Errors
    ///
    /// When the run is over.
    pub async fn status(&self) -> Result<Status, Refusal> {
        self.ask(Request::Status).await
    }

    /// Makes this many instances of a type run; resolves when new ones are ready and surplus ones gone.
    ///
    /// # Errors
    ///
    /// When there is no such type, an instance did not become ready, or the run is over.
    pub async fn scale(&self, process: &str, count: u32) -> Result<(), Refusal> {
        self.ask(|reply| Request::Scale(process.to_owned(), count, reply))
            .await?
    }

    /// Restarts instances, one of a type after the other; resolves when all are ready. Behind the router
    /// no request is lost.
    ///
    /// # Errors
    ///
    /// When there is no such target, an instance did not become ready, or the run is over.
    pub async fn restart(&self, target: Target) -> Result<Vec<Instance>, Refusal> {
        self.ask(|reply| Request::Restart(target, reply)).await?
    }

    /// Stops instances, which stay stopped until they are restarted; resolves when they are gone.
    ///
    /// # Errors
    ///
    /// When there is no such target, or the run is over.
    pub async fn stop(&self, target: Target) -> Result<Vec<Instance>, Refusal> {
        self.ask(|reply| Request::Stop(target, reply)).await?
    }

    /// Sends a signal to the process groups of instances. What it does to them counts as their own doing.
    ///
    /// # Errors
    ///
    /// When there is no such target, or the run is over.
    pub async fn signal(&self, target: Target, signal: Signal) -> Result<Vec<Instance>, Refusal> {
        self.ask(|reply| Request::Signal(target, signal, reply))
            .await?
    }

    /// Stops everything and ends the run, with this exit code unless something else has ended it.
    pub fn shut_down(&self, code: i32) {
        // Over already: then there is nothing to do.
        let _ = self.requests.send(Request::Shutdown(code));
    }

    /// Kills at once what is taking its time to stop.
    pub fn hurry(&self) {
        let _ = self.requests.send(Request::Hurry);
    }
}

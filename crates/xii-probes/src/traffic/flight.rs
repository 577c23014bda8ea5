//! A request that is in flight: the app has it, and has not answered.

use std::time::Duration;

use tokio::task::{JoinHandle, spawn_local};
use tokio::time::sleep;

use super::Lever;
use crate::client::{Answer, Miss};
use crate::engine::{CouldNotTell, Run, Stage};

/// How long a request is under way before it counts as in flight: an idle instance has taken it by then.
const TAKEN: Duration = Duration::from_millis(100);
/// How much longer than it should a request may take.
const LATE: Duration = Duration::from_secs(5);

/// The longest request that is sent once before, to see what is answered then.
const REHEARSED: Duration = Duration::from_millis(500);

/// A request that is in flight.
#[derive(Debug)]
pub(crate) struct Flight {
    /// How long it is to take.
    pub(crate) length: Duration,
    /// The status that it has when nothing disturbs it; none, where that was not tried: a slow resource may be
    /// an error after a while.
    pub(crate) normal: Option<u16>,
    task: JoinHandle<Result<Answer, Miss>>,
}

/// Sends a request that is to take this long to an instance. It is under way when this returns.
///
/// # Errors
/// When it was answered too soon, or not at all.
pub(crate) async fn take_off(
    stage: &Stage,
    run: &Run,
    lever: &Lever,
    length: Duration,
) -> Result<Flight, CouldNotTell> {
    let client = stage.client(run);
    // Connections are made and caches filled before.
    let warm = lever.pull(run, Duration::from_millis(20)).within(LATE);
    let warm = client.send(&warm).await;
    let request = lever.pull(run, length).within(length + LATE);
    let mut normal = match lever {
        Lever::Parameter { .. } => warm.ok().map(|answer| answer.status),
        Lever::Resource { .. } => None,
    };
    if length <= REHEARSED {
        let answer = client.send(&request).await.map_err(|miss| {
            let asked = length.as_millis();
            CouldNotTell(format!(
                "GET {} was to last {asked} ms and was {miss}",
                request.path
            ))
        })?;
        normal = Some(answer.status);
    }
    let path = request.path.clone();
    let task = spawn_local(async move { client.send(&request).await });
    sleep(TAKEN).await;
    if task.is_finished() {
        return Err(CouldNotTell(format!(
            "GET {path} was to last {} ms and was over before SIGTERM could be sent",
            length.as_millis()
        )));
    }
    Ok(Flight {
        length,
        normal,
        task,
    })
}

impl Flight {
    /// What came of it.
    pub(crate) async fn landed(mut self) -> Result<Answer, Miss> {
        (&mut self.task).await.unwrap_or(Err(Miss::Closed))
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.task.abort();
    }
}

//! Kills the app under load, starts it again in the same folder, and looks whether it serves and has lost nothing.
//!
//! SIGKILL to everything at once is a machine that fails or a memory limit. The start after it finds the same folder
//! and the same resources: a stale lock, a PID file or a Unix socket that was left must not be in its way, and needs no
//! repair. Some locks end with a lease, so it is tried for some seconds. The scenario is sent just before the end: what
//! it created, and could be read then, must be there afterwards.
//!
//! Where the scenario creates nothing, only the start is seen.

use std::time::Duration;

use tokio::time::sleep;
use xii_model::Severity;

use crate::client::{Amount, Client, Request, flood};
use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps, To};
use crate::scenario::play_on;
use crate::signals::{named, servers};
use crate::traffic::{Created, SCENARIO, Visit, created, serve, tour, warm};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "sudden-death",
    criteria: &["IX.4"],
    phase: Phase::Stop,
    needs: &[Need::Healthy],
    severity: Severity::Error,
    limit: Duration::from_secs(240),
    alone: false,
    run,
};

/// How long there is load before the end.
const LOAD: Duration = Duration::from_millis(300);
/// The most pages that are tried.
const MOST: usize = 12;
/// How often a start is tried, and the pause between.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(2);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let run = serve(stage, Setup::web()).await?;
        let tour = tour(stage, &run).await?;
        let (path, status) = page(stage, &run, &tour.visits).await?;
        // Load, and in the midst of it the end.
        let client = stage.client(&run);
        let request = Request::get(&path).within(Duration::from_secs(2));
        let load = flood(&client, &request, 4, Amount::For(PROBE.limit));
        let end = async {
            sleep(LOAD / 2).await;
            let scenario = stage.scenario().await?;
            let client = Client::new(client.address());
            let played = play_on(&scenario, &client, SCENARIO).await;
            let made = created(stage, &run, &played).await;
            run.signal(rustix::process::Signal::KILL, To::Tree);
            Ok::<_, CouldNotTell>(made)
        };
        stage.note(format!(
            "GET {path} is asked for on 4 connections all the time"
        ));
        let made = tokio::select! {
            made = end => made?,
            tally = load => return Err(CouldNotTell(format!("the load ended before the app did: {tally}"))),
        };
        run.kill().await;
        let folder = run.folder.clone();
        drop(run);
        let again = match start_again(stage, &folder).await? {
            Ok(again) => again,
            Err(why) => {
                let fresh = stage.start(Setup::web().apart()).await?;
                let well = stage.ready(&fresh).await.is_ok();
                fresh.kill().await;
                let but = if well {
                    "; in a fresh folder it does"
                } else {
                    ", nor in a fresh folder"
                };
                stage.broken(
                    "IX.4",
                    format!("after SIGKILL it does not start again in its folder: {why}{but}"),
                );
                return Ok(());
            }
        };
        let server = servers(&again).first().map(|one| named(one.pid));
        if let Some(server) = server {
            stage.note_of(&again, format!("{server} serves again"));
        }
        let answer = stage
            .ask(&again, &request.clone().within(Duration::from_secs(10)))
            .await;
        let serves = answer
            .as_ref()
            .is_ok_and(|answer| answer.status == status || answer.status < 400);
        let mut lost = None;
        for one in &made {
            lost = lost.or(self::lost(stage, &again, one).await);
        }
        again.stop().await;
        if let Some(lost) = lost {
            stage.broken("IX.4", lost);
        } else if serves {
            let kept = match made.last() {
                Some(one) => format!(", and what {} had created was still there", one.name),
                None => String::new(),
            };
            stage.holds(
                "IX.4",
                format!(
                    "after SIGKILL under load it started again in the same folder and served{kept}"
                ),
            );
        } else {
            let how = match answer {
                Ok(answer) => format!("answered with {}", answer.status),
                Err(miss) => miss.to_string(),
            };
            stage.could_not_tell(
                "IX.4",
                format!("it started again after SIGKILL, and GET {path} was {how}"),
            );
        }
        Ok(())
    })
}

/// A page that is answered well without cookies, and its status.
async fn page(stage: &Stage, run: &Run, visits: &[Visit]) -> Result<(String, u16), CouldNotTell> {
    let client = Client::new(stage.client(run).address());
    let mut last = None;
    for visit in visits.iter().filter(|one| one.is_plain()).take(MOST) {
        if let Ok(answer) = client.send(&Request::get(&visit.path)).await {
            if answer.status < 400 {
                return Ok((visit.path.clone(), answer.status));
            }
            last = Some((visit.path.clone(), answer.status));
        }
    }
    last.ok_or_else(|| CouldNotTell::because("no page was found that is answered"))
}

/// Starts it in a folder that a dead instance left behind, until it serves or has failed often enough.
async fn start_again(
    stage: &Stage,
    folder: &std::path::Path,
) -> Result<Result<Run, String>, CouldNotTell> {
    let mut why = String::new();
    for attempt in 1..=TRIES {
        if attempt > 1 {
            // A lease takes its time, and so does a platform before it tries again.
            sleep(PAUSE).await;
        }
        let run = stage.start(Setup::web().in_folder(folder)).await?;
        match stage.ready(&run).await {
            Ok(_) => {
                warm(stage, &run).await?;
                return Ok(Ok(run));
            }
            Err(reason) => why = reason.to_string(),
        }
        run.kill().await;
    }
    Ok(Err(why))
}

/// What was acknowledged before the end and is gone, in words.
async fn lost(stage: &Stage, again: &Run, one: &Created) -> Option<String> {
    let answer = stage.client(again).send(&one.read()).await.ok()?;
    // Beyond doubt it is gone only when it is said to be nowhere.
    [404, 410].contains(&answer.status).then(|| {
        format!(
            "{} was acknowledged with {} before SIGKILL, and {} is gone after the next start ({})",
            one.name, one.status, one.place, answer.status
        )
    })
}

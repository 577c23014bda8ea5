//! Sends SIGTERM while requests are in flight, while the app is idle and while it starts, and sees whether it
//! finishes, refuses and ends.
//!
//! A request is in flight when the app has it and has not answered. To have one, the probe looks for a
//! parameter that says how long an answer takes, or makes a resource slow that a request uses. Several lengths
//! below the grace are tried, each on an instance of its own: an app may finish requests of 300 ms and kill
//! those of a second. Where nothing can be made to last, a request is sent by halves: finished, it counts;
//! refused, it says nothing, for a server may do without what it has not read, unless the signal itself ended the app
//! at once, with nothing of its own in between.
//!
//! After SIGTERM new connections may be refused, reset or left hanging. One that is served half a second later
//! speaks against the app, unless its readiness route says no by then. The exit is no proof of a stop: what goes
//! on serving behind a wrapper that has ended counts as well. An idle kept connection is open while the idle app
//! is stopped, as a router's would be.
//!
//! It cannot see what a request does after its answer.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::sleep;
use xii_model::{Deed, Severity, What};

use crate::client::Request;
use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::signals::{
    Disposition, Ending, Flown, Halved, Seen, disposition, holds, named, servers, terminate,
};
use crate::traffic::{Lever, serve, take_off, tour};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "drain-on-sigterm",
    criteria: &["IX.2"],
    phase: Phase::Stop,
    needs: &[Need::Healthy],
    severity: Severity::Error,
    limit: Duration::from_secs(240),
    alone: false,
    run,
};

/// How long the requests last that are in flight. Those too near to the grace are left out.
const LENGTHS: [Duration; 3] = [
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(3),
];
/// How long a half-sent request is held back after SIGTERM.
const HALF: Duration = Duration::from_millis(300);

/// Bodies of which the first half is sent: who does not read one kind may read another.
const BODIES: [(&str, &str); 3] = [
    (
        "application/json",
        "                                                                ",
    ),
    (
        "application/x-www-form-urlencoded",
        "name=xii-prove&title=xii-prove&text=xii-prove&vote=a&q=xii-prove",
    ),
    (
        "multipart/form-data; boundary=xii",
        "--xii\r\nContent-Disposition: form-data; name=\"file\"; filename=\"xii.txt\"\r\n\r\nxii\r\n--xii--\r\n",
    ),
];

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let readiness = stage.health().await?;
        let readiness = readiness.as_deref();
        let mut seen = Seen::default();
        let first = serve(stage, own(1)).await?;
        seen.grace = first.grace;
        let visits = tour(stage, &first).await?.visits;
        let lever = Lever::find(stage, &first, &visits).await;
        if let Some(lever) = &lever {
            let most = first.grace.mul_f64(0.7);
            let lengths = LENGTHS
                .into_iter()
                .filter(|length| *length < most && lever.reaches(*length));
            let mut first = Some(first);
            let flights: Vec<(u32, Duration, Option<Run>)> = (1..)
                .zip(lengths)
                .map(|(number, length)| (number, length, first.take()))
                .collect();
            let flights = flights
                .into_iter()
                .map(|(number, length, run)| flight(stage, lever, number, length, run, readiness));
            for flown in join_all(flights).await {
                match flown {
                    Ok(flown) => seen.flown.push(flown),
                    Err(why) => {
                        stage.note(why.0.clone());
                        seen.missed.push(why.0);
                    }
                }
            }
        } else {
            stage.note("no request was found that can be made to last");
            let path = visits
                .iter()
                .find(|one| one.method == "POST")
                .map_or("/", |one| one.path.as_str());
            seen.half = half(stage, &first, path, readiness).await;
        }
        let (idle, starting) =
            tokio::join!(idle(stage, &mut seen.deaf, readiness), starting(stage));
        seen.idle = Some(idle?);
        seen.starting = starting?;
        let faults = seen.faults();
        if !faults.is_empty() {
            stage.broken("IX.2", faults.join("; "));
        } else {
            match holds(&seen) {
                Ok(why) => stage.holds("IX.2", why),
                Err(why) => stage.could_not_tell("IX.2", why),
            }
        }
        Ok(())
    })
}

/// An instance in a copy of its own: those that are stopped side by side share no file.
fn own(number: u32) -> Setup {
    Setup::web().number(number).apart()
}

/// SIGTERM while a request of this length is in flight.
async fn flight(
    stage: &Stage,
    lever: &Lever,
    number: u32,
    length: Duration,
    run: Option<Run>,
    readiness: Option<&str>,
) -> Result<Flown, CouldNotTell> {
    let run = match run {
        Some(run) => run,
        None => serve(stage, own(number)).await?,
    };
    let flight = take_off(stage, &run, lever, length).await?;
    let (length, normal) = (flight.length, flight.normal);
    let (ending, landed) = tokio::join!(terminate(stage, &run, readiness), flight.landed());
    run.kill().await;
    Ok(Flown {
        length,
        normal,
        landed: landed.map(|answer| answer.status),
        ending,
    })
}

/// SIGTERM while a request has been sent by half. None when it was refused before, which says nothing.
async fn half(stage: &Stage, run: &Run, path: &str, readiness: Option<&str>) -> Option<Halved> {
    let client = stage.client(run);
    for (media, body) in BODIES {
        let connection = client.connect(Duration::from_secs(5)).await.ok()?;
        let request = Request::post(path, body.as_bytes().to_vec()).header("Content-Type", media);
        let mut half = connection.half_sent(request, 8).await.ok()?;
        if half.early(HALF).await.is_some() {
            stage.note(format!(
                "half of a POST {path} ({media}) was answered before the rest came: it was not in flight"
            ));
            continue;
        }
        stage.note(format!(
            "half of a POST {path} ({media}) was sent, and not answered"
        ));
        // What the whole of it is answered with: an app without its resource may say no to it at any time.
        let whole = Request::post(path, body.as_bytes().to_vec()).header("Content-Type", media);
        let whole = client.send(&whole.within(Duration::from_secs(10))).await;
        let finish = async {
            sleep(HALF).await;
            half.finish().await
        };
        let (ending, landed) = tokio::join!(terminate(stage, run, readiness), finish);
        run.kill().await;
        return Some(Halved {
            normal: whole.ok().map(|answer| answer.status),
            landed: landed.map(|answer| answer.status),
            ending,
        });
    }
    run.kill().await;
    None
}

/// SIGTERM while nothing is asked, with one idle connection kept open.
async fn idle(
    stage: &Stage,
    deaf: &mut Option<String>,
    readiness: Option<&str>,
) -> Result<Ending, CouldNotTell> {
    let run = serve(stage, own(4)).await?;
    let mut kept = stage
        .client(&run)
        .connect(Duration::from_secs(5))
        .await
        .ok();
    if let Some(kept) = &mut kept {
        let _ = kept.send(&Request::get(readiness.unwrap_or("/"))).await;
    }
    let serving = servers(&run);
    if let [only] = serving[..]
        && only.pid == run.pid.as_raw_pid()
        && disposition(only.pid) == Some(Disposition::Default)
    {
        let server = named(only.pid);
        stage.note_of(
            &run,
            format!("{server} leaves SIGTERM to the system, which ends it at once"),
        );
        *deaf = Some(server.to_string());
    }
    let ending = terminate(stage, &run, readiness).await;
    run.kill().await;
    Ok(ending)
}

/// SIGTERM at half of the time that a start takes.
async fn starting(stage: &Stage) -> Result<Option<Ending>, CouldNotTell> {
    let half = stage.readiness().await?.after / 2;
    let run = stage.start(own(5)).await?;
    if stage.witness().is_ok() {
        // What is to be stopped is the app, and not what starts it.
        run.record
            .wait(half, |event| matches!(&event.what, What::Act(act) if matches!(act.deed, Deed::Executed { .. })))
            .await;
    }
    sleep(half.saturating_sub(run.age())).await;
    if !run.runs() {
        return Ok(None);
    }
    let ending = terminate(stage, &run, None).await;
    run.kill().await;
    Ok(Some(ending))
}

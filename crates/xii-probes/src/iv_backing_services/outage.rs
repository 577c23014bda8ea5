//! Cuts each resource while the app serves, looks how the app bears it, and gives the resource back.
//!
//! Each resource has a run of its own. Its connections are reset and new ones refused. The processes must
//! stay; a request that needs the resource must end, with an error if it must; the readiness route must say
//! no when most of what the app serves fails; and some report of health must tell of it. Then the resource
//! is there again: the same instance must serve again without a restart. Backing off can take a while: it is
//! waited for over a minute, and the time it took is told.
//!
//! A second run begins without the resource. An app that ends then is started again by a platform until the
//! resource is there; that is told and does not break anything. One that waits must serve once it is there.
//!
//! What is not seen: a resource that no request of the scenario needs, and outages of several at once.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};
use xii_model::{Mark, Severity, What};

use crate::client::{Answer, Client, Miss, Request};
use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::reach::{
    Needing, Reach, dead_address, health_routes, is_health, reach, readiness_route,
};
use crate::scenario::play;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "outage",
    criteria: &["IV.3", "IV.6"],
    phase: Phase::Stress,
    needs: &[Need::Healthy, Need::Resource],
    severity: Severity::Warning,
    limit: Duration::from_secs(400),
    alone: false,
    run,
};

/// The most resources that are cut.
const MOST: usize = 4;
/// How long a request may take while its resource is away: clients of databases wait 30 s.
const ENDS: Duration = Duration::from_secs(32);
/// How long the scenario may take meanwhile.
const SCENARIO: Duration = Duration::from_secs(6);
/// How long the app is watched at least while the resource is away.
const AWAY: Duration = Duration::from_millis(2500);
/// How long a report of health may lag behind: a probe's usual period.
const REPORTS: Duration = Duration::from_secs(11);
/// How long recovery may take: a minute of backing off and some.
const RECOVERS: Duration = Duration::from_secs(75);
/// Between two tries.
const STEP: Duration = Duration::from_millis(100);

/// What one resource's outage showed.
#[derive(Debug, Default)]
struct Shown {
    /// Why it is broken.
    wrong: Option<String>,
    /// What was good, in a few words.
    good: String,
    /// The reports of health that told of it; none when it could not be looked at.
    reported: Option<Vec<String>>,
}

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let names: Vec<String> = stage
            .resources()
            .iter()
            .map(|(one, _)| one.name.clone())
            .take(MOST)
            .collect();
        let all = {
            let stage: &Stage = stage;
            join_all(names.iter().map(|name| one(stage, name))).await
        };
        let mut shown = Vec::new();
        let mut unused = Vec::new();
        for (name, one) in names.into_iter().zip(all) {
            match one? {
                Some(one) => shown.push((name, one)),
                None => unused.push(name),
            }
        }
        judge(stage, &shown, &unused);
        Ok(())
    })
}

/// The outages of one resource; none when no request needs it.
async fn one(stage: &Stage, name: &str) -> Result<Option<Shown>, CouldNotTell> {
    let run = stage.serve(Setup::web()).await?;
    let reach = reach(stage, &run).await?;
    let Some(needing) = reach.of(name) else {
        run.kill().await;
        return Ok(None);
    };
    let mut shown = cut(stage, &run, &reach, needing).await?;
    run.kill().await;
    if shown.wrong.is_none() {
        absent(stage, needing, &mut shown).await?;
    }
    Ok(Some(shown))
}

/// Takes the resource away, looks, and gives it back.
async fn cut(
    stage: &Stage,
    run: &Run,
    reach: &Reach,
    needing: &Needing,
) -> Result<Shown, CouldNotTell> {
    let name = needing.resource.as_str();
    let routes = health_routes(stage, run).await?;
    let readiness = readiness_route(stage).await?;
    let readiness = readiness.filter(|path| routes.contains(path));
    let quiet = stage.quiet_client_at(run.port());
    let before = reports(&quiet, &routes).await;
    let again = reports(&quiet, &routes).await;
    let Some(interposer) = run.resource(name) else {
        return Ok(Shown::default());
    };
    let began = Instant::now();
    stage.note(format!("cut {name}"));
    interposer.cut();
    interposer.refuse();
    let mut shown = Shown::default();
    // Clean means that it ends: an error, or an answer without the resource.
    let answer = stage
        .client(run)
        .send(&needing.request.clone().within(ENDS))
        .await;
    match &answer {
        Err(Miss::TimedOut) => {
            shown.wrong = Some(format!(
                "with {name} cut, GET {} was not answered within {} s",
                needing.request.path,
                ENDS.as_secs()
            ));
        }
        Err(miss) if run.runs() => {
            shown.wrong = Some(format!(
                "with {name} cut, GET {} came to nothing: {miss}",
                needing.request.path
            ));
        }
        _ => {}
    }
    let essential = essential(stage, run, reach, answer.as_ref()).await?;
    let mut says_no = None;
    if let Some(path) = &readiness {
        let within = if essential { REPORTS } else { Duration::ZERO };
        says_no = Some(until(within, async || !is_good(&quiet, path).await).await);
    }
    shown.reported = reported(&quiet, &routes, &before, &again, run).await;
    sleep(AWAY.saturating_sub(began.elapsed())).await;
    if let Some(end) = run.ended(Duration::ZERO).await {
        if let Some(event) = run
            .record
            .first(|one| matches!(one.what, What::Exited { .. }))
        {
            stage.cite(&event, Mark::Against);
        }
        let said = run.record.complaint();
        let said = said.map_or_else(String::new, |line| format!("; it said `{line}`"));
        shown.wrong = Some(format!("it {} when {name} was cut{said}", end.words()));
        // It had no time to tell of anything.
        shown.reported = None;
        return Ok(shown);
    }
    if shown.wrong.is_some() {
        return Ok(shown);
    }
    if let (Some(path), Some(false), true) = (&readiness, says_no, essential) {
        shown.wrong = Some(format!(
            "with {name} cut most requests fail, and {path} says that it is ready"
        ));
        return Ok(shown);
    }
    stage.note(format!("restored {name}"));
    interposer.restore();
    let back = Instant::now();
    let well = until(RECOVERS, async || serves(&quiet, needing).await).await
        && (readiness.is_none()
            || until(RECOVERS.saturating_sub(back.elapsed()), async || {
                let path = readiness.as_deref().unwrap_or("/");
                is_good(&quiet, path).await
            })
            .await);
    if !well {
        let still = if run.runs() { "" } else { ", and has ended" };
        shown.wrong = Some(format!(
            "{} s after {name} was there again it does not serve GET {}{still}",
            RECOVERS.as_secs(),
            needing.request.path
        ));
        return Ok(shown);
    }
    let status = answer.map_or_else(|miss| miss.to_string(), |answer| answer.status.to_string());
    let ready = match says_no {
        Some(true) => ", readiness said no",
        _ => "",
    };
    shown.good = format!(
        "{name} cut: it answered {status}{ready}, and served again {:.1} s after it was back",
        back.elapsed().as_secs_f64()
    );
    stage.note_of(run, shown.good.clone());
    Ok(shown)
}

/// Whether most of what the app serves needs the resource: then an instance without it is of no use.
async fn essential(
    stage: &Stage,
    run: &Run,
    reach: &Reach,
    answer: Result<&Answer, &Miss>,
) -> Result<bool, CouldNotTell> {
    if answer.is_ok_and(|answer| answer.status < 500) {
        return Ok(false);
    }
    let scenario = stage.scenario().await?;
    let client = stage.quiet_client_at(run.port());
    let now = play(
        &scenario,
        |_| client.clone(),
        &reach.played.variables,
        SCENARIO,
    )
    .await;
    let (mut asked, mut failed) = (0, 0);
    for (before, now) in reach.played.outcomes.iter().zip(&now.outcomes) {
        if before.status().is_none_or(|status| status >= 500) || is_health(&before.path) {
            continue;
        }
        asked += 1;
        failed += usize::from(now.status().is_none_or(|status| status >= 500));
    }
    stage.note(format!(
        "{failed} of {asked} requests of the scenario fail without it"
    ));
    Ok(asked > 0 && failed * 2 > asked)
}

/// What the routes of health say.
async fn reports(client: &Client, routes: &[String]) -> Vec<Option<(u16, String)>> {
    let mut all = Vec::new();
    for path in routes {
        let request = Request::get(path).within(Duration::from_secs(8));
        let answer = client.send(&request).await.ok();
        all.push(answer.map(|one| (one.status, words(&one.text()))));
    }
    all
}

/// A report without what changes by itself: numbers, and what is between other signs.
fn words(body: &str) -> String {
    body.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// The routes whose report is another than before; none when there is no route that could tell.
async fn reported(
    client: &Client,
    routes: &[String],
    before: &[Option<(u16, String)>],
    again: &[Option<(u16, String)>],
    run: &Run,
) -> Option<Vec<String>> {
    let steady: Vec<usize> = (0..routes.len())
        .filter(|at| before.get(*at) == again.get(*at))
        .collect();
    if steady.is_empty() {
        return None;
    }
    let end = Instant::now() + REPORTS;
    loop {
        let now = reports(client, routes).await;
        let changed: Vec<String> = steady
            .iter()
            // No answer at all is no report.
            .filter(|at| now[**at].is_some() && now.get(**at) != before.get(**at))
            .map(|at| routes[*at].clone())
            .collect();
        if !changed.is_empty() || Instant::now() >= end || !run.runs() {
            return Some(changed);
        }
        sleep(STEP).await;
    }
}

/// Whether this becomes true in time.
async fn until(within: Duration, is_it: impl AsyncFn() -> bool) -> bool {
    let end = Instant::now() + within;
    loop {
        if is_it().await {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        sleep(STEP).await;
    }
}

async fn is_good(client: &Client, path: &str) -> bool {
    let request = Request::get(path).within(Duration::from_secs(8));
    client
        .send(&request)
        .await
        .is_ok_and(|one| one.status < 400)
}

async fn serves(client: &Client, needing: &Needing) -> bool {
    let answer = client.send(&needing.request).await;
    answer.is_ok_and(|one| one.status == needing.status)
}

/// Starts an instance without the resource, and gives it the resource then.
async fn absent(stage: &Stage, needing: &Needing, shown: &mut Shown) -> Result<(), CouldNotTell> {
    let name = needing.resource.as_str();
    let resources = stage.resources();
    let found = resources.iter().find(|(one, _)| one.name == name);
    let Some((_, real)) = found else {
        return Ok(());
    };
    let patience = (stage.readiness().await?.after * 2)
        .clamp(Duration::from_millis(1500), Duration::from_secs(8));
    stage.note(format!("starting it without {name}"));
    let setup = Setup::web().with_resource_at(name, dead_address()?);
    let run = stage.start(setup).await?;
    if let Some(interposer) = run.resource(name) {
        // Nobody listens there: the program is not loaded yet. Should it be, it is reset instead.
        interposer.refuse();
    }
    if let Some(end) = run.ended(patience).await {
        run.kill().await;
        shown.good.push_str(&format!(
            "; without it at the start it {}: whoever runs it must start it again",
            end.words()
        ));
        return Ok(());
    }
    if let Some(interposer) = run.resource(name) {
        interposer.swap(*real);
        interposer.restore();
    }
    let back = Instant::now();
    let client = stage.quiet_client_at(run.given_port);
    let served = until(RECOVERS, async || {
        serves(&client, needing).await || !run.runs()
    })
    .await;
    if let Some(end) = run.end() {
        shown.good.push_str(&format!(
            "; without it at the start it {} in the end",
            end.words()
        ));
    } else if served {
        shown.good.push_str(&format!(
            "; without it at the start it waited, and served {:.1} s after it was there",
            back.elapsed().as_secs_f64()
        ));
    } else {
        shown.wrong = Some(format!(
            "started without {name} it runs on, and does not serve {} s after {name} was there",
            RECOVERS.as_secs()
        ));
    }
    run.kill().await;
    Ok(())
}

fn judge(stage: &mut Stage, shown: &[(String, Shown)], unused: &[String]) {
    let wrong: Vec<&str> = shown
        .iter()
        .filter_map(|(_, one)| one.wrong.as_deref())
        .collect();
    let not_needed = format!("no request that could be sent needs {}", unused.join(", "));
    if let Some(first) = wrong.first() {
        stage.broken("IV.3", (*first).to_owned());
    } else if !unused.is_empty() || shown.is_empty() {
        let held: Vec<&str> = shown.iter().map(|(_, one)| one.good.as_str()).collect();
        let held = match held.as_slice() {
            [] => String::new(),
            held => format!("; {}", held.join("; ")),
        };
        stage.could_not_tell("IV.3", format!("{not_needed}{held}"));
    } else {
        let held: Vec<&str> = shown.iter().map(|(_, one)| one.good.as_str()).collect();
        stage.holds("IV.3", held.join("; "));
    }
    let silent: Vec<&str> = shown
        .iter()
        .filter(|(_, one)| one.reported.as_ref().is_some_and(Vec::is_empty))
        .map(|(name, _)| name.as_str())
        .collect();
    let told: Vec<String> = shown
        .iter()
        .filter_map(|(name, one)| {
            let routes = one.reported.as_ref()?;
            Some(format!("{} told of {name}", routes.first()?))
        })
        .collect();
    if silent.is_empty() && shown.iter().any(|(_, one)| one.reported.is_none()) {
        let why = "no route of health was found that answers alike twice and outlives the outage";
        stage.could_not_tell("IV.6", why);
    } else if !silent.is_empty() {
        stage.broken(
            "IV.6",
            format!(
                "no route of health said anything else when {} was cut",
                silent.join(" or ")
            ),
        );
    } else if !unused.is_empty() || told.is_empty() {
        let told = if told.is_empty() {
            String::new()
        } else {
            format!("; {}", told.join(", "))
        };
        stage.could_not_tell("IV.6", format!("{not_needed}{told}"));
    } else {
        stage.holds("IV.6", told.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_report_is_compared_without_its_numbers() {
        assert_eq!(
            words(r#"{"up": 12.5, "db": "ok"}"#),
            words(r#"{"up": 13, "db": "ok"}"#).replace(": ,", ": .,")
        );
        assert_ne!(words(r#"{"db": "up"}"#), words(r#"{"db": "down"}"#));
    }
}

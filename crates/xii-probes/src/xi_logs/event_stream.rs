//! Sends requests with ids of their own and follows what the app writes of them.
//!
//! Events belong on standard output or standard error (XI.1); the two are told apart, and an app that is mute
//! is started once more with `LOG_LEVEL` set, which some need to speak. The event of a request should appear
//! within a second of it, and none may be lost when the app is told to stop (XI.3): an app whose output is
//! buffered writes nothing until the buffer is full or the process ends. And the id that came with a request,
//! `X-Request-Id` or the trace id of `traceparent`, should be found in its events (XI.5).
//!
//! What an app writes while nothing is asked of it, such as a try each second to reach a database, is no event of a
//! request: it is watched for a moment first, and such lines are left out.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use rustix::process::Signal;
use tokio::time::sleep;
use xii_model::{Event, Mark, Severity, Stream, What};

use crate::client::{Amount, Request, flood};
use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps, To, text_of};
use crate::random::digits;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "event-stream",
    criteria: &["XI.1", "XI.3", "XI.5"],
    phase: Phase::Serving,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(90),
    alone: false,
    run,
};

/// How soon the event of a request is to appear.
const SOON: Duration = Duration::from_secs(1);
/// An instance has said what it has to say of its start when it was silent for so long; and the most that is waited.
const SETTLED: (Duration, Duration) = (Duration::from_millis(400), Duration::from_secs(3));
/// How long is watched for what it writes by itself.
const QUIET: Duration = Duration::from_millis(1200);
/// How long the event of the last request may take before SIGTERM follows it.
const LANDS: Duration = Duration::from_millis(250);
/// Requests that fill any buffer of lines: 8 KiB at 25 bytes a line.
const BURST: u64 = 400;
/// The most paths that are asked for.
const PATHS: usize = 3;

/// A request that was sent, and what is looked for of it.
struct Sent {
    path: String,
    id: String,
    trace: String,
    /// An id that the app gave it itself.
    own: Option<String>,
    echoed: bool,
    /// Lines that were written from just before it until a second after it.
    events: Vec<Event>,
}

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let paths = paths(stage).await?;
        let run = stage.serve(Setup::web()).await?;
        let at_start = run.record.lines(None).len();
        let mut sent = ask(stage, &run, &paths).await;
        let mut level = None;
        if sent.iter().all(|one| one.events.is_empty()) {
            // Whether it holds its events back shows when it ends; how it is ended may decide.
            if let Some(how) = held_back(stage, run, &paths).await? {
                stage.holds("XI.1", "its events are on its streams in the end");
                stage.broken("XI.3", how);
                return Err(CouldNotTell::because(
                    "its events are held back until it ends",
                ));
            }
            let talkative = stage.serve(Setup::web().with("LOG_LEVEL", "debug")).await?;
            sent = ask(stage, &talkative, &paths).await;
            level = Some("LOG_LEVEL=debug");
            if sent.iter().all(|one| one.events.is_empty()) {
                let lines = talkative.record.lines(None).len().max(at_start);
                talkative.kill().await;
                mute(stage, lines, sent.len());
                return Ok(());
            }
            streams(stage, &talkative, level);
            followed(stage, &sent);
            at_the_end(stage, talkative, &sent, &paths).await;
            return Ok(());
        }
        streams(stage, &run, level);
        followed(stage, &sent);
        at_the_end(stage, run, &sent, &paths).await;
        Ok(())
    })
}

/// Paths whose requests an app should speak of: real ones, those of health last, since many leave them out.
async fn paths(stage: &Stage) -> Result<Vec<String>, CouldNotTell> {
    let played = stage.played().await?;
    let health = stage.health().await?;
    let mut paths: Vec<String> = Vec::new();
    let is_health = |path: &str| {
        ["health", "ready", "live", "metrics", "ping"]
            .iter()
            .any(|word| path.contains(word))
    };
    for outcome in &played.outcomes {
        let good = outcome.status().is_some_and(|status| status < 500);
        if outcome.method == "GET"
            && good
            && !is_health(&outcome.path)
            && !paths.contains(&outcome.path)
        {
            paths.push(outcome.path.clone());
        }
    }
    paths.truncate(PATHS - 1);
    if !paths.contains(&"/".to_owned()) {
        paths.push("/".to_owned());
    }
    paths.extend(health);
    Ok(paths)
}

async fn ask(stage: &Stage, run: &Run, paths: &[String]) -> Vec<Sent> {
    let mut all = Vec::new();
    run.record.wait_quiet(SETTLED.0, SETTLED.1).await;
    let mark = run.record.mark();
    // Time itself is measured: what comes by itself is to show.
    sleep(QUIET).await;
    let own_lines: BTreeSet<String> = run
        .record
        .since(mark)
        .iter()
        .filter_map(by_itself)
        .collect();
    for (number, path) in paths.iter().enumerate() {
        let id = format!("xii-{}-{number}", digits());
        let trace = format!("{}{}", digits(), digits());
        let mark = run.record.mark();
        let request = Request::get(path)
            .header("X-Request-Id", &id)
            .header("traceparent", format!("00-{trace}-{}-01", digits()));
        let Ok(answer) = stage.ask(run, &request).await else {
            continue;
        };
        let values = || answer.headers.values().filter_map(|one| one.to_str().ok());
        let echoed = values().any(|value| value.contains(&id));
        let own = [
            "x-request-id",
            "x-correlation-id",
            "x-trace-id",
            "request-id",
        ]
        .iter()
        .find_map(|name| answer.field(name))
        .filter(|value| value.len() >= 8 && !value.contains(&id))
        .map(str::to_owned);
        let asked = Timestamp::now();
        // The first line may be about something else: the one that names the request is waited for.
        let names = |text: &str| text.contains(&id) || text.contains(&trace);
        run.record
            .wait(SOON, |event| {
                event.at >= asked - SOON && text_of(event).is_some_and(|text| names(&text))
            })
            .await;
        let events = run.record.since(mark);
        let events: Vec<Event> = events
            .into_iter()
            .filter(|event| matches!(event.what, What::Line(_)))
            .filter(|event| by_itself(event).is_none_or(|line| !own_lines.contains(&line)))
            .collect();
        all.push(Sent {
            path: path.clone(),
            id,
            trace,
            own,
            echoed,
            events,
        });
    }
    all
}

/// A line without its digits, if it may have come without a request: access logs name the method.
fn by_itself(event: &Event) -> Option<String> {
    let text = text_of(event)?;
    let access = has_id(&text) || ["GET", "HEAD"].iter().any(|word| text.contains(word));
    (!access).then(|| text.chars().filter(|one| !one.is_ascii_digit()).collect())
}

/// Which streams its events are on.
fn streams(stage: &mut Stage, run: &Run, level: Option<&str>) {
    let used: BTreeSet<&str> = run
        .record
        .lines(None)
        .iter()
        .map(|(_, line)| match line.stream {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        })
        .collect();
    let used: Vec<&str> = used.into_iter().collect();
    let with = level.map_or(String::new(), |level| format!(", once {level} is set"));
    stage.holds(
        "XI.1",
        format!("requests leave events on {}{with}", used.join(" and ")),
    );
}

/// Whether the ids of requests are found.
fn followed(stage: &mut Stage, sent: &[Sent]) {
    let speaking: Vec<&Sent> = sent.iter().filter(|one| !one.events.is_empty()).collect();
    for one in &speaking {
        let found = |id: &str| {
            one.events
                .iter()
                .find(|event| text_of(event).is_some_and(|text| text.contains(id)))
        };
        let hit = [(&one.id, "X-Request-Id"), (&one.trace, "the trace id")]
            .into_iter()
            .map(|(id, name)| (id.as_str(), name))
            .chain(
                one.own
                    .as_deref()
                    .map(|id| (id, "the id that it answers with")),
            )
            .find_map(|(id, name)| Some((found(id)?, name)));
        if let Some((event, name)) = hit {
            stage.cite(event, Mark::For);
            let echo = if one.echoed || one.own.is_some() {
                ", and in the answer"
            } else {
                "; the answer does not repeat it"
            };
            stage.holds(
                "XI.5",
                format!("{name} of a request is found in its event{echo}"),
            );
            return;
        }
    }
    let Some(one) = speaking.first() else { return };
    if let Some(event) = one.events.first() {
        stage.cite(event, Mark::Against);
    }
    let echo = if sent.iter().any(|one| one.echoed) {
        "is in the answer and "
    } else {
        ""
    };
    stage.broken(
        "XI.5",
        format!("the id sent with GET {} {echo}is in none of the events that followed, nor is its trace id", one.path),
    );
}

/// Whether events come at once, and the last one is not lost when it is told to stop.
async fn at_the_end(stage: &mut Stage, run: Run, sent: &[Sent], paths: &[String]) {
    let prompt = sent.iter().filter(|one| !one.events.is_empty()).count();
    let last = sent
        .iter()
        .find(|one| !one.events.is_empty())
        .map_or("/", |one| &one.path);
    let id = format!("xii-{}-last", digits());
    let before = run.record.lines(None).len();
    let asked = Timestamp::now();
    let answered = stage
        .ask(&run, &Request::get(last).header("X-Request-Id", &id))
        .await
        .is_ok();
    // Many write the event when the answer is finished: it is not to be overtaken. What a buffer holds stays there.
    run.record
        .wait(LANDS, |event| {
            event.at >= asked && matches!(event.what, What::Line(_))
        })
        .await;
    run.signal(Signal::TERM, To::Leader);
    let ended = run.ended(run.grace).await.is_some();
    run.kill().await;
    let lines = run.record.lines(None);
    let known = sent.iter().any(|one| {
        one.events
            .iter()
            .any(|event| text_of(event).is_some_and(|text| text.contains(&one.id)))
    });
    let after = || {
        let texts = lines.iter().skip(before);
        texts.map(|(_, line)| String::from_utf8_lossy(&line.bytes))
    };
    let kept = match known {
        true => after().any(|text| text.contains(&id)),
        false => {
            let known: Vec<Vec<String>> = sent
                .iter()
                .filter(|one| one.path == last)
                .flat_map(|one| one.events.iter().filter_map(text_of))
                .map(|text| words(&text))
                .collect();
            after().any(|text| known.contains(&words(&text)))
        }
    };
    if !answered || !ended || kept {
        let of = paths.len();
        let end = if kept {
            ", and the last was not lost at SIGTERM"
        } else {
            ""
        };
        stage.holds(
            "XI.3",
            format!("the events of {prompt} of {of} requests appeared within a second{end}"),
        );
    } else if known || lines.len() == before {
        stage.broken(
            "XI.3",
            format!("the event of the last request, GET {last}, is lost when SIGTERM follows it"),
        );
    } else {
        stage.could_not_tell(
            "XI.3",
            format!("the events of {prompt} of {of} requests appeared within a second, and whether one of the lines after SIGTERM is the last request's cannot be told", of = paths.len()),
        );
    }
}

/// What is the same in two events of the same request: its words, without numbers and ids.
fn words(text: &str) -> Vec<String> {
    text.split(|one: char| !one.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty() && word.chars().all(|one| one.is_ascii_alphabetic()))
        .filter(|word| !word.chars().all(|one| one.is_ascii_hexdigit()))
        .map(str::to_owned)
        .collect()
}

/// Looks whether an app that has said nothing of requests only holds its events back: until it ends, or until
/// a buffer is full. Says how.
async fn held_back(
    stage: &Stage,
    run: Run,
    paths: &[String],
) -> Result<Option<String>, CouldNotTell> {
    let before = run.record.lines(None).len();
    run.signal(Signal::TERM, To::Leader);
    run.ended(run.grace).await;
    run.kill().await;
    let told = |run: &Run, before: usize| speaks(run, before, paths);
    if told(&run, before) {
        return Ok(Some(
            "the events of requests were written only when it ended".to_owned(),
        ));
    }
    let run = stage.serve(Setup::web()).await?;
    stage.note(format!(
        "sending {BURST} requests, to fill what may hold events back"
    ));
    let path = paths.first().map_or("/", String::as_str);
    let request = Request::get(path).header("X-Request-Id", format!("xii-{}", digits()));
    let client = stage.quiet_client_at(run.port());
    run.record.wait_quiet(SETTLED.0, SETTLED.1).await;
    let at_start = run.record.lines(None).len();
    let began = Timestamp::now();
    flood(&client, &request, 8, Amount::Count(BURST)).await;
    let written = run
        .record
        .wait(SOON, |event| {
            event.at >= began && matches!(event.what, What::Line(_))
        })
        .await;
    run.kill().await;
    let reason = format!(
        "the events of requests are held back until a buffer is full: {BURST} requests brought the first lines, and what waited at SIGTERM was lost"
    );
    Ok((written.is_some() && told(&run, at_start)).then_some(reason))
}

/// Whether lines behind this number speak of requests.
fn speaks(run: &Run, before: usize, paths: &[String]) -> bool {
    run.record.lines(None).iter().skip(before).any(|(_, line)| {
        let text = String::from_utf8_lossy(&line.bytes);
        has_id(&text)
            || paths
                .iter()
                .any(|path| path.len() > 1 && text.contains(path.as_str()))
    })
}

/// Whether a line has an id as requests are given here; folders of a proof are called alike.
fn has_id(text: &str) -> bool {
    let mut named = text.match_indices("xii-").map(|(at, _)| text.get(at..));
    named.any(|rest| rest.is_some_and(|rest| !rest.starts_with("xii-prove-")))
}

/// Of an app that says nothing of requests.
fn mute(stage: &mut Stage, lines: usize, requests: usize) {
    if lines == 0 {
        let reason = format!(
            "nothing was written to stdout or stderr, from its start through {requests} requests, also with LOG_LEVEL=debug"
        );
        stage.broken("XI.1", reason);
    } else {
        stage.could_not_tell(
            "XI.1",
            "what it has to say at its start is on its streams; requests leave no event there, and may leave one elsewhere",
        );
    }
    for criterion in ["XI.3", "XI.5"] {
        stage.could_not_tell(
            criterion,
            "requests leave no event, so none can be followed",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{has_id, words};

    #[test]
    fn a_folder_of_a_proof_is_no_id_of_a_request() {
        assert!(!has_id("Serving path /tmp/xii-prove-a1/app"));
        assert!(has_id("id=xii-07 in /tmp/xii-prove-a1/app"));
    }

    #[test]
    fn an_event_is_known_again_by_its_words() {
        let line = |at: &str| {
            format!("127.0.0.1 - - [20/Nov/2026:15:{at} +0000] \"GET / HTTP/1.1\" 302 209")
        };
        assert_eq!(words(&line("04:01")), words(&line("05:59")));
        assert_ne!(
            words(&line("04:01")),
            words("[2026-11-20 15:04:02 +0000] [7] [INFO] Handling signal: term")
        );
        assert_eq!(
            words(r#"{"id":"1f-dead-beef","path":"/","level":30}"#),
            words(r#"{"id":"99-abcd-0001","path":"/","level":30}"#)
        );
    }
}

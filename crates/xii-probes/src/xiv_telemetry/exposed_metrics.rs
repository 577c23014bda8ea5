//! Scrapes the app's metrics, sends it a load, and looks whether they are in a standard format and of requests.
//!
//! Metrics are looked for where the code says, at the usual paths, and on every port that the app listens on;
//! they must be valid in the text format of Prometheus or in OpenMetrics. An app may push them by OTLP
//! instead: where none are exposed, it is started once more with a collector, which takes what comes.
//!
//! Then known paths and unknown ones are asked for, and the page is read again: a count of requests and a
//! measure of how long they take must have grown, and errors must be told apart, by a label for the status or
//! by a count of their own. Metrics of several workers may be spread over them, so that the page is read
//! several times. What a metric means is guessed from its name and labels.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use xii_model::{Address, Severity};

use crate::client::{Client, Request};
use crate::collector::Collector;
use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::exposition::{Page, Requests, grown, requests};
use crate::scenario::{Nonsense, play_on};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "exposed-metrics",
    criteria: &["XIV.1", "XIV.2"],
    phase: Phase::Serving,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(90),
    alone: false,
    run,
};

/// Where libraries put them.
const PATHS: [&str; 6] = [
    "/metrics",
    "/actuator/prometheus",
    "/prometheus",
    "/api/metrics",
    "/-/metrics",
    "/prometheus/metrics",
];
/// How often the page is read after the load.
const READS: usize = 8;
/// How long pushed metrics are waited for.
const PUSHED: Duration = Duration::from_secs(4);

/// What was found at a path.
#[derive(Debug)]
enum Found {
    /// A page that is valid.
    Page(u16, String, Box<Page>),
    /// Something else, and why it is no page of metrics.
    Malformed(String),
    /// It wants credentials.
    Closed(String),
    /// The app was asked too often to say.
    Limited(String),
    Nothing,
}

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let run = stage.exercised().await?;
        match look(stage, &run).await? {
            Found::Page(port, path, before) => {
                let place = place(&run, port, &path);
                let count: usize = before.families.iter().map(|one| one.samples.len()).sum();
                stage.holds(
                    "XIV.1",
                    format!("{place} is valid {:?} with {count} values", before.format),
                );
                load(stage, &run, (port, &path), &before).await?;
            }
            Found::Malformed(why) => {
                stage.broken("XIV.1", why);
                stage.could_not_tell("XIV.2", "the metrics cannot be read");
            }
            Found::Closed(place) => {
                let why = format!("{place} wants credentials");
                return Err(CouldNotTell(why));
            }
            Found::Limited(place) => {
                let why = format!(
                    "no metrics were found, and {place} was answered with 429: there may be some that were not shown"
                );
                return Err(CouldNotTell(why));
            }
            Found::Nothing => nothing(stage).await?,
        }
        Ok(())
    })
}

fn place(run: &Run, port: u16, path: &str) -> String {
    if port == run.port() {
        path.to_owned()
    } else {
        format!("{path} on port {port}")
    }
}

async fn look(stage: &Stage, run: &Run) -> Result<Found, CouldNotTell> {
    let nonsense = stage.nonsense().await?;
    let facts = stage.app().facts.metrics.iter();
    let mut paths: Vec<String> = facts.filter_map(|one| one.path.clone()).collect();
    let told = paths.clone();
    paths.extend(PATHS.map(str::to_owned));
    let mut other = Found::Nothing;
    for port in ports(run) {
        let client = stage.quiet_client_at(port);
        for (at, path) in paths.iter().enumerate() {
            if paths[..at].contains(path) {
                continue;
            }
            let found = at_path(&client, path, (port == run.port()).then_some(&nonsense)).await;
            match (found, &other) {
                (Found::Page(_, _, page), _) => {
                    stage.note(format!("{path} on port {port} answered with metrics"));
                    return Ok(Found::Page(port, path.clone(), page));
                }
                (Found::Malformed(why), Found::Nothing | Found::Closed(_) | Found::Limited(_))
                    if path == "/metrics" || told.contains(path) =>
                {
                    other = Found::Malformed(why);
                }
                (found @ (Found::Closed(_) | Found::Limited(_)), Found::Nothing) => other = found,
                _ => {}
            }
        }
    }
    Ok(other)
}

/// The ports to ask: the one that it serves on first.
fn ports(run: &Run) -> Vec<u16> {
    let mut ports = vec![run.port()];
    for address in run.record.listening() {
        if let Address::Tcp(address) = address
            && !ports.contains(&address.port())
            && address.port() != 0
            && ports.len() < 4
        {
            ports.push(address.port());
        }
    }
    ports
}

async fn at_path(client: &Client, path: &str, nonsense: Option<&Nonsense>) -> Found {
    let request = Request::get(path)
        .header("Accept", "text/plain;version=0.0.4, */*;q=0.5")
        .within(Duration::from_secs(5));
    let Ok(answer) = client
        .send_patiently(&request, Duration::from_secs(5))
        .await
    else {
        return Found::Nothing;
    };
    if answer.status == 429 {
        return Found::Limited(path.to_owned());
    }
    let real = nonsense.is_none_or(|nonsense| nonsense.is_real(&answer, path));
    if real && matches!(answer.status, 401 | 403) {
        return Found::Closed(path.to_owned());
    }
    // A page for people is the app's own, whatever its path is called.
    let html = answer.media_type().is_some_and(|kind| kind == "text/html");
    if !answer.is_success() || !real || html || answer.truncated {
        return Found::Nothing;
    }
    match Page::parse(&answer.text()) {
        Ok(page) if page.families.iter().any(|one| !one.samples.is_empty()) => {
            Found::Page(client.address().port(), path.to_owned(), Box::new(page))
        }
        Ok(_) => Found::Malformed(format!(
            "{path} answers with a page that has no metric in it"
        )),
        Err(error) => Found::Malformed(format!(
            "{path} answers, and not in the format of Prometheus or OpenMetrics: {error}"
        )),
    }
}

/// Sends a load and reads the page again.
async fn load(
    stage: &mut Stage,
    run: &Run,
    (port, path): (u16, &str),
    before: &Page,
) -> Result<(), CouldNotTell> {
    let mut known: Vec<String> = vec!["/".to_owned()];
    for outcome in stage.played().await?.outcomes {
        let fine = outcome.status().is_some_and(|status| status < 400);
        if outcome.method == "GET" && fine && !known.contains(&outcome.path) && known.len() < 5 {
            known.push(outcome.path);
        }
    }
    let quiet = stage.quiet_client_at(run.port());
    let mut sent = 0;
    for path in &known {
        for _ in 0..4 {
            sent += u32::from(quiet.send(&Request::get(path)).await.is_ok());
        }
    }
    for number in 0..4 {
        let unknown = Request::get(format!("/no-such-path-{number}"));
        sent += u32::from(quiet.send(&unknown).await.is_ok());
    }
    stage.note(format!(
        "sent {sent} requests, some of them to paths that there are not"
    ));
    let client = stage.quiet_client_at(port);
    let mut seen = Requests::default();
    let mut all = requests(before);
    for _ in 0..READS {
        let Found::Page(_, _, after) = at_path(&client, path, None).await else {
            continue;
        };
        let of_requests = requests(&after);
        let now = of_requests.among(&grown(before, &after));
        add(&mut seen.rate, now.rate);
        add(&mut seen.errors, now.errors);
        add(&mut seen.durations, now.durations);
        // Failures are counted apart where there is a place for them, though none may have happened.
        add(&mut all.errors, of_requests.errors);
        if !seen.rate.is_empty() && !seen.durations.is_empty() {
            break;
        }
        // A page may be made anew only now and then.
        sleep(Duration::from_millis(100)).await;
    }
    let mut missing = Vec::new();
    if seen.rate.is_empty() {
        missing.push("no count of requests grew with them");
    }
    if seen.durations.is_empty() {
        missing.push("nothing that measures how long they take grew");
    }
    if all.errors.is_empty() {
        missing.push("errors are not counted apart");
    }
    if missing.is_empty() {
        let mut names = seen.rate;
        add(&mut names, seen.durations);
        add(&mut names, all.errors);
        names.truncate(4);
        stage.holds("XIV.2", format!("{} grew with the load", names.join(", ")));
    } else {
        stage.broken(
            "XIV.2",
            format!("{sent} requests were sent, and {}", missing.join("; ")),
        );
    }
    Ok(())
}

fn add(to: &mut Vec<String>, names: Vec<String>) {
    for name in names {
        if !to.contains(&name) {
            to.push(name);
        }
    }
}

/// No page: it may push.
async fn nothing(stage: &mut Stage) -> Result<(), CouldNotTell> {
    let collector = Collector::start()
        .await
        .map_err(|error| CouldNotTell(format!("no collector can be started: {error}")))?;
    let mut setup = Setup::web()
        .with("OTEL_METRICS_EXPORTER", "otlp")
        .with("OTEL_METRIC_EXPORT_INTERVAL", "500");
    for (name, value) in collector.variables() {
        setup = setup.with(&name, value);
    }
    let run = stage.serve(setup).await?;
    let scenario = stage.scenario().await?;
    let client = stage.quiet_client_at(run.port());
    play_on(&scenario, &client, Duration::from_secs(15)).await;
    // Only an app with such a library is worth waiting for.
    let may_push = stage.app().facts.metrics.iter().any(|one| one.standard)
        || stage.app().facts.tracing.iter().any(|one| one.otlp)
        || collector.received().exports > 0;
    let end = Instant::now() + if may_push { PUSHED } else { Duration::ZERO };
    while collector.received().metrics == 0 && Instant::now() < end {
        sleep(Duration::from_millis(20)).await;
    }
    run.stop().await;
    let names = collector.metrics();
    if names.is_empty() {
        stage.broken(
            "XIV.1",
            format!(
                "neither {} nor any other usual path answers with metrics, and none were pushed to a collector",
                PATHS[0]
            ),
        );
        stage.could_not_tell("XIV.2", "there are no metrics");
        return Ok(());
    }
    stage.holds(
        "XIV.1",
        format!("{} metrics were pushed by OTLP", names.len()),
    );
    let durations = ["http.server.request.duration", "http.server.duration"];
    match names.iter().find(|name| durations.contains(&name.as_str())) {
        // One histogram with the status as an attribute is rate, errors and duration (OpenTelemetry
        // semantic conventions, HTTP metrics).
        Some(name) => stage.holds("XIV.2", format!("{name} came after requests were sent")),
        None => stage.could_not_tell(
            "XIV.2",
            "metrics are pushed, and none of them has the name of the semantic conventions for requests",
        ),
    }
    Ok(())
}

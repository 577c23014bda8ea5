//! Looks for the app's secrets in everything that it puts out, when all is well and most of all when it is not.
//!
//! Every secret was made up for this proof, the passwords in locators too, so that whoever finds one knows whence it came.
//! All lines of all starts are searched, whichever probe started them, and the answers to the scenario. On top of that the
//! probe makes trouble: a path that does not exist, a body that is no JSON, a method that nobody expects, a header that is
//! too long, pages of health, metrics and debugging; resources that are gone, at the start and later; a variable that is
//! missing, a port that is none, a locator with a malformed port. The other process types are started too.
//!
//! A secret is looked for as it is, in part, URL-encoded, escaped for JSON and in base64. One that is hashed, encrypted,
//! or sent to a service elsewhere is not seen, and neither is one that was given for the run and not made up.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use xii_model::Severity;
use xii_runtime::formation::Kind;

use crate::client::Request;
use crate::engine::{CouldNotTell, Leak, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::provision::{Form, Given};
use crate::traffic::{Visit, serve, tour};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "secret-in-output",
    criteria: &["III.8"],
    phase: Phase::After,
    needs: &[Need::Build],
    severity: Severity::Error,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

/// Pages that tell of the app itself, some of them too much.
const PAGES: [&str; 12] = [
    "/metrics",
    "/health",
    "/healthz",
    "/health/ready",
    "/status",
    "/info",
    "/env",
    "/config",
    "/debug",
    "/debug/vars",
    "/actuator/env",
    "/actuator/prometheus",
];
/// A header that is longer than most servers take, in bytes.
const LONG: usize = 20 << 10;
/// How long one answer may take.
const WITHIN: Duration = Duration::from_secs(2);
/// How long the app is asked while its resources are gone.
const GONE: Duration = Duration::from_secs(6);
/// The least and the most time that a start is watched.
const SPAN: (Duration, Duration) = (Duration::from_millis(800), Duration::from_secs(6));
/// The most locators that are bent, and the most other process types that are started.
const MOST: usize = 3;

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let made = stage.provided().canaries().len();
        if made == 0 {
            return without_secrets(stage);
        }
        let served = match stage.exercised().await {
            Ok(_) => trouble(stage).await,
            Err(why) => Err(why),
        };
        starts(stage).await;
        let history = stage.history();
        let lines: usize = history
            .iter()
            .map(|(_, record)| record.lines(None).len())
            .sum();
        let leaks = leaks(stage);
        if let Some(first) = leaks.first() {
            for leak in leaks.iter().take(5) {
                stage.note(format!(
                    "{} {} in {}: {}",
                    leak.canary, leak.form, leak.place, leak.excerpt
                ));
            }
            stage.broken("III.8", broken(first, &leaks));
            return Ok(());
        }
        match served {
            Ok(answers) => stage.holds(
                "III.8",
                format!(
                    "{} in {lines} lines of {} starts or in {answers} answers, with malformed config and without resources \
                     as well",
                    none_of(made),
                    history.len()
                ),
            ),
            Err(why) => stage.could_not_tell(
                "III.8",
                format!(
                    "{} in {lines} lines of {} starts, but no answer could be searched: {why}",
                    none_of(made),
                    history.len()
                ),
            ),
        }
        Ok(())
    })
}

fn none_of(made: usize) -> String {
    match made {
        1 => "its secret is not".to_owned(),
        _ => format!("none of its {made} secrets is"),
    }
}

fn without_secrets(stage: &mut Stage) -> Result<(), CouldNotTell> {
    if stage.provided().given.iter().any(|one| one.secret) {
        return Err(CouldNotTell::because(
            "all secrets were given for the run, and only those that were made up for it can be looked for",
        ));
    }
    if !stage.app().is_read() {
        return Err(CouldNotTell::because(
            "no variable of the app is known to hold a secret, and its code is not read: declare those that do in xii.toml",
        ));
    }
    stage.not_applicable("III.8", "no variable of the app is known to hold a secret");
    Ok(())
}

/// What came out of the variables: what probes sent themselves is another matter.
fn leaks(stage: &Stage) -> Vec<Leak> {
    let mut leaks = stage.leaks().found();
    leaks.retain(|leak| !leak.canary.contains(' '));
    // The clearest first.
    leaks.sort_by_key(|leak| leak.form != "as it is");
    leaks
}

fn broken(first: &Leak, all: &[Leak]) -> String {
    let mut others: Vec<&str> = all
        .iter()
        .map(|leak| leak.canary.as_str())
        .filter(|name| *name != first.canary)
        .collect();
    others.sort_unstable();
    others.dedup();
    let more = match others.as_slice() {
        [] => match all.len() - 1 {
            0 => String::new(),
            1 => "; and in another place".to_owned(),
            more => format!("; and in {more} more places"),
        },
        [one] => format!("; that of {one} comes out, too"),
        [one, rest @ ..] => format!("; those of {one} and {} more come out, too", rest.len()),
    };
    format!(
        "the secret in {} comes out {} in {}{more}",
        first.canary, first.form, first.place
    )
}

/// Asks an instance for everything, oddly, and again without its resources; returns how many answers were searched.
async fn trouble(stage: &Stage) -> Result<usize, CouldNotTell> {
    let run = serve(stage, Setup::web()).await?;
    let visits = tour(stage, &run).await?.visits;
    let mut answers = stage.played().await?.outcomes.len();
    let mut requests: Vec<Request> = visits
        .iter()
        .filter(|one| one.method == "GET")
        .map(|one| Request::get(&one.path))
        .collect();
    let told = stage.app().facts.health.iter();
    let told: Vec<String> = told.filter_map(|one| one.path.clone()).collect();
    requests.extend(told.iter().map(Request::get));
    requests.extend(PAGES.map(Request::get));
    requests.extend(odd(&visits));
    let mut asked: Vec<(String, String)> = Vec::new();
    for request in requests {
        let key = (request.method.clone(), request.path.clone());
        // A request with a body differs from the plain one of its path.
        if request.method == "GET" && request.field("x-xii").is_none() && asked.contains(&key) {
            continue;
        }
        asked.push(key);
        answers += usize::from(stage.ask(&run, &request.within(WITHIN)).await.is_ok());
    }
    if run.resources().next().is_some() {
        stage.note("cut its connections to all resources, and asked again");
        for (_, one) in run.resources() {
            one.cut();
        }
        let end = Instant::now() + GONE;
        for visit in needing(&visits) {
            if Instant::now() > end || !run.runs() {
                break;
            }
            let mut request = Request::new(&visit.method, &visit.path).within(WITHIN);
            if visit.method != "GET" {
                request = request.json(&serde_json::json!({}));
            }
            answers += usize::from(stage.ask(&run, &request).await.is_ok());
        }
    }
    run.stop().await;
    Ok(answers)
}

/// Requests that need a resource, those that can be asked for without harm first.
fn needing(visits: &[Visit]) -> Vec<&Visit> {
    let mut found: Vec<&Visit> = visits
        .iter()
        .filter(|one| !one.used.is_empty() && one.method != "DELETE")
        .collect();
    found.sort_by_key(|one| one.method != "GET");
    found.truncate(8);
    found
}

/// Requests that lead to pages of errors.
fn odd(visits: &[Visit]) -> Vec<Request> {
    let json =
        |path: &str| Request::post(path, "{\"xii\": ").header("Content-Type", "application/json");
    let mut requests = vec![
        Request::get("/xii-nonsense/%E0%A4%A"),
        Request::get("/xii-nonsense"),
        Request::get("/").header("X-Xii", "x".repeat(LONG)),
        Request::new("PATCH", "/"),
        json("/"),
    ];
    let written = visits.iter().filter(|one| one.method == "POST");
    requests.extend(written.take(MOST).map(|one| json(&one.path)));
    requests
}

/// Starts that cannot go well, and those of the other process types, side by side.
async fn starts(stage: &Stage) {
    let usual = stage.readiness().await.map(|ready| ready.after).ok();
    let span = usual.map_or(SPAN.1, |usual| (usual * 2).clamp(SPAN.0, SPAN.1));
    let mut setups: Vec<(Setup, bool)> = Vec::new();
    if stage.web().is_some() {
        stage.note("starting it with what is malformed, and without its resources");
        setups.push((Setup::web().with("PORT", "notanumber"), false));
        let given = &stage.provided().given;
        let required = given.iter().find(|one| one.required.is_yes());
        setups.extend(required.map(|one| (Setup::web().without(&one.name), false)));
        let bent = given
            .iter()
            .filter_map(|one| Some((one.name.clone(), bent(one)?)));
        setups.extend(
            bent.take(MOST)
                .map(|(name, value)| (Setup::web().with(&name, value), false)),
        );
        if !stage.resources().is_empty() {
            setups.push((Setup::web(), true));
        }
    }
    let web = stage.web().map(|one| one.name.clone());
    let others = stage
        .formation()
        .processes
        .iter()
        .filter(|one| one.kind == Kind::Service && Some(&one.name) != web.as_ref());
    setups.extend(others.take(MOST).map(|one| (Setup::of(&one.name), false)));
    join_all(
        setups
            .into_iter()
            .map(|(setup, gone)| watched(stage, setup, gone, span)),
    )
    .await;
}

/// Starts it, and stops it when it does not end by itself: its lines are searched as they come.
async fn watched(stage: &Stage, setup: Setup, gone: bool, span: Duration) {
    // What cannot be started at all says nothing.
    let Ok(run) = stage.start(setup).await else {
        return;
    };
    if gone {
        for (_, one) in run.resources() {
            one.refuse();
        }
    }
    if run.ended(span).await.is_none() {
        if stage
            .web()
            .is_some_and(|web| web.name == run.instance.process)
        {
            ask_if_it_serves(stage, &run).await;
        }
        run.stop().await;
    }
    run.kill().await;
}

/// An app that serves although something is wrong may say so in its answers.
async fn ask_if_it_serves(stage: &Stage, run: &Run) {
    for path in ["/", "/health"] {
        // No answer has nothing in it.
        let _ = stage.ask(run, &Request::get(path).within(WITHIN)).await;
    }
}

/// A locator whose port is none, its password kept: what takes URLs apart often says which it could not.
fn bent(given: &Given) -> Option<String> {
    given.canary.as_ref()?;
    if given.form != Form::Url {
        return None;
    }
    let (before, host) = given.value.rsplit_once('@')?;
    let end = host.find(['/', '?']).unwrap_or(host.len());
    let (host, rest) = host.split_at(end);
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    Some(format!("{before}@{host}:notaport{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provision::{CameFrom, Canary, Needed};

    fn locator(value: &str) -> Given {
        Given {
            name: "REDIS_URL".to_owned(),
            value: value.to_owned(),
            from: CameFrom::Resource,
            secret: true,
            canary: Some(Canary {
                variable: "REDIS_URL".to_owned(),
                value: "c4n4ry".to_owned(),
            }),
            required: Needed::Unknown,
            form: Form::Url,
        }
    }

    fn leak(canary: &str, place: &str) -> Leak {
        Leak {
            canary: canary.to_owned(),
            form: "as it is",
            place: place.to_owned(),
            excerpt: String::new(),
        }
    }

    #[test]
    fn a_bent_locator_keeps_its_password() {
        for (value, bent_value) in [
            (
                "redis://:c4n4ry@127.0.0.1:6379/0",
                "redis://:c4n4ry@127.0.0.1:notaport/0",
            ),
            ("redis://u:c4n4ry@host", "redis://u:c4n4ry@host:notaport"),
            (
                "postgres://u:c4n4ry@host:5432?x=1",
                "postgres://u:c4n4ry@host:notaport?x=1",
            ),
        ] {
            assert_eq!(bent(&locator(value)).as_deref(), Some(bent_value));
        }
        assert_eq!(bent(&locator("redis://127.0.0.1:6379")), None);
    }

    #[test]
    fn one_sentence_tells_of_all_leaks() {
        let one = leak("JWT_SECRET", "stdout of web.1");
        assert_eq!(
            broken(&one, std::slice::from_ref(&one)),
            "the secret in JWT_SECRET comes out as it is in stdout of web.1"
        );
        let all = [
            one.clone(),
            leak("REDIS_URL", "stderr of web.1"),
            leak("REDIS_URL", "stderr of worker.1"),
        ];
        assert!(broken(&one, &all).ends_with("; that of REDIS_URL comes out, too"));
    }
}

//! Sends canaries where secrets and personal data travel, and searches what the app writes for them.
//!
//! In `Authorization`, in a cookie, in the password field of a form and of a JSON document, to the paths of
//! the scenario and to those where people log in. Lines are searched for the whole value, for parts of it and
//! for it in other forms. An app that writes nothing of requests shows nothing either way.

use std::time::Duration;

use serde_json::json;
use xii_model::Severity;

use crate::client::Request;
use crate::engine::{CouldNotTell, Need, Phase, Probe, Setup, Stage, Steps};
use crate::random::digits;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "sensitive-values",
    criteria: &["XI.6"],
    phase: Phase::Serving,
    needs: &[Need::Healthy],
    severity: Severity::Error,
    limit: Duration::from_secs(60),
    alone: false,
    run,
};

/// Where people log in.
const LOGIN: [&str; 6] = [
    "/login",
    "/api/login",
    "/session",
    "/users/login",
    "/api/users/login",
    "/auth/login",
];
/// The most paths that are asked for besides.
const PATHS: usize = 4;
/// How long the lines of the last request are waited for.
const LAST: Duration = Duration::from_millis(500);
/// The places, by the names that a leak is told by.
const PLACES: [&str; 4] = [
    "the Authorization header",
    "a cookie",
    "a password in JSON",
    "a password in a form",
];

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let played = stage.played().await?;
        let values: Vec<String> = PLACES.iter().map(|_| canary()).collect();
        let [token, cookie, in_json, in_form] = &values[..] else {
            return Ok(());
        };
        for (place, value) in PLACES.iter().zip(&values) {
            stage.leaks().look_for(place, value);
        }
        let run = stage.serve(Setup::web()).await?;
        let before = run.record.lines(None).len();
        let mut paths: Vec<String> = LOGIN.map(str::to_owned).to_vec();
        let asked = played
            .outcomes
            .iter()
            .map(|one| one.path.clone())
            .filter(|path| !path.is_empty());
        for path in asked {
            if !paths.contains(&path) && paths.len() < LOGIN.len() + PATHS {
                paths.push(path);
            }
        }
        let (mut taken, mut refused) = (false, false);
        for path in &paths {
            let get = Request::get(path)
                .header("Authorization", format!("Bearer {token}"))
                .header("Cookie", format!("session={cookie}; sessionid={cookie}"));
            let document =
                json!({ "username": "prover", "email": "prover@example.com", "password": in_json });
            let json = Request::new("POST", path).json(&document);
            let form = Request::post(path, format!("username=prover&password={in_form}"))
                .header("Content-Type", "application/x-www-form-urlencoded");
            for request in [get, json, form] {
                let posted = request.method == "POST";
                // Whatever it answers: what it writes is looked at.
                let answer = stage
                    .ask(&run, &request.within(Duration::from_secs(3)))
                    .await;
                if let (true, Ok(answer)) = (posted, answer) {
                    match answer.status {
                        403 | 419 | 429 => refused = true,
                        404 | 405 | 415 | 501 => {}
                        _ => taken = true,
                    }
                }
            }
        }
        let mark = run.record.mark();
        run.record.wait_beyond(mark, LAST).await;
        run.stop().await;
        let lines = run.record.lines(None).len() - before;
        let leaks = stage.leaks().found();
        let mut found = leaks
            .iter()
            .filter(|leak| PLACES.contains(&leak.canary.as_str()) && leak.place.starts_with("std"));
        if let Some(leak) = found.next() {
            stage.note(format!("{}: {}", leak.place, leak.excerpt));
            let more = found.count();
            let more = if more == 0 {
                String::new()
            } else {
                format!("; {more} more places")
            };
            stage.broken(
                "XI.6",
                format!(
                    "{} is written to {} {}{more}",
                    leak.canary, leak.place, leak.form
                ),
            );
        } else if lines == 0 {
            return Err(CouldNotTell::because(
                "requests leave no line in which a secret could be",
            ));
        } else if refused && !taken {
            return Err(CouldNotTell::because(
                "every form that was sent was refused before the app had read it, as for want of a token of its page",
            ));
        } else {
            stage.holds(
                "XI.6",
                format!("none of the secrets that were sent is in the {lines} lines that followed"),
            );
        }
        Ok(())
    })
}

/// A value that nobody used before, long enough to be found in parts.
fn canary() -> String {
    format!("xiiS{}{}", digits(), digits())
}

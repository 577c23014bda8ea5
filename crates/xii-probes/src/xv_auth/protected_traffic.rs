//! Sends the scenario as a platform's router would over TLS, and looks at cookies, HSTS and CORS.
//!
//! Every request says `X-Forwarded-Proto: https`, so that an app may know that its callers are on a secure
//! transport, and comes from another origin. What is looked at, in every answer:
//!
//! - cookies of sessions and tokens have `Secure` and `HttpOnly` (RFC 6265, section 4.1.2): a missing one breaks the
//!   criterion. `SameSite` is told; browsers have a default for it. A token against forged requests is meant to be
//!   read by scripts.
//! - no answer lets any origin read with credentials: `Access-Control-Allow-Origin` that is `*` or repeats the
//!   stranger's origin together with `Access-Control-Allow-Credentials: true` breaks the criterion.
//! - `Strict-Transport-Security` (RFC 6797). Where it is missing and nothing else is wrong, a router in front may
//!   still add it: that could not be told.
//!
//! TLS itself is the platform's, and not seen here.

use std::collections::BTreeMap;
use std::time::Duration;

use xii_model::Severity;

use crate::client::{Answer, Request};
use crate::engine::{Need, Phase, Probe, Setup, Stage, Steps};
use crate::scenario::{Template, play_on};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "protected-traffic",
    criteria: &["XV.6"],
    phase: Phase::Serving,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(120),
    alone: false,
    run,
};

/// How long the scenario may take.
const SCENARIO: Duration = Duration::from_secs(30);
/// An origin that no app knows.
const STRANGER: &str = "https://stranger.invalid";

/// What the answers showed.
#[derive(Debug, Default)]
struct Seen {
    /// What is wrong, by what it is about, and where it was first seen.
    faults: BTreeMap<String, String>,
    /// Cookies of sessions and tokens that are as they should be.
    good_cookies: Vec<String>,
    /// What is worth telling and breaks nothing.
    told: Vec<String>,
    strict: bool,
    answers: usize,
}

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let mut scenario = stage.scenario().await?;
        for step in &mut scenario.steps {
            for (name, value) in fields() {
                let there = step
                    .ask
                    .headers
                    .iter()
                    .any(|(known, _)| *known == Template::plain(name));
                if !there {
                    step.ask
                        .headers
                        .push((Template::plain(name), Template::plain(value)));
                }
            }
        }
        let run = stage.serve(Setup::web()).await?;
        let client = stage.client(&run);
        let mut seen = Seen::default();
        let played = play_on(&scenario, &client, SCENARIO).await;
        for outcome in &played.outcomes {
            if let Ok(answer) = &outcome.answer {
                let path = outcome.path.split('?').next().unwrap_or_default();
                look(&mut seen, &format!("{} {path}", outcome.method), answer);
            }
        }
        for method in ["GET", "OPTIONS"] {
            let mut request = Request::new(method, "/").within(Duration::from_secs(5));
            for (name, value) in fields() {
                request = request.header(name, value);
            }
            if method == "OPTIONS" {
                request = request.header("Access-Control-Request-Method", "POST");
            }
            if let Ok(answer) = client.send(&request).await {
                look(&mut seen, &format!("{method} /"), &answer);
            }
        }
        run.kill().await;
        judge(stage, &seen);
        Ok(())
    })
}

fn fields() -> [(&'static str, &'static str); 2] {
    [("X-Forwarded-Proto", "https"), ("Origin", STRANGER)]
}

fn judge(stage: &mut Stage, seen: &Seen) {
    if !seen.faults.is_empty() {
        let faults: Vec<String> = seen
            .faults
            .iter()
            .map(|(fault, place)| format!("{fault} ({place})"))
            .collect();
        let hsts = if seen.strict || seen.answers == 0 {
            ""
        } else {
            "; no answer has Strict-Transport-Security"
        };
        stage.broken("XV.6", format!("{}{hsts}", faults.join("; ")));
        return;
    }
    if seen.answers == 0 {
        stage.could_not_tell("XV.6", "nothing was answered over what looked like TLS");
        return;
    }
    let mut words = vec![match seen.good_cookies.as_slice() {
        [] => "no cookie of a session was set".to_owned(),
        names => format!("the cookie {} is Secure and HttpOnly", names.join(", ")),
    }];
    words.push("no stranger's origin may use credentials".to_owned());
    words.extend(seen.told.clone());
    if seen.strict {
        words.insert(0, "it answers with Strict-Transport-Security".to_owned());
        stage.holds("XV.6", words.join("; "));
    } else {
        words.insert(
            0,
            "no answer has Strict-Transport-Security, which a router in front may add".to_owned(),
        );
        stage.could_not_tell("XV.6", words.join("; "));
    }
}

/// Takes in one answer.
fn look(seen: &mut Seen, place: &str, answer: &Answer) {
    seen.answers += 1;
    seen.strict |= answer
        .field("strict-transport-security")
        .is_some_and(is_strict);
    for field in answer.fields("set-cookie") {
        cookie(seen, place, &field);
    }
    let credentials = answer
        .field("access-control-allow-credentials")
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
    let origin = answer.field("access-control-allow-origin").map(str::trim);
    match origin {
        Some(STRANGER) if credentials => {
            seen.faults
                .entry(
                    "any origin is repeated in Access-Control-Allow-Origin, with credentials"
                        .to_owned(),
                )
                .or_insert_with(|| place.to_owned());
        }
        Some("*") if credentials => {
            seen.faults
                .entry("Access-Control-Allow-Origin is `*`, with credentials".to_owned())
                .or_insert_with(|| place.to_owned());
        }
        _ => {}
    }
}

/// Whether the field of RFC 6797 says that it is to be kept for a while.
fn is_strict(field: &str) -> bool {
    field.split(';').any(|part| {
        let Some((name, value)) = part.split_once('=') else {
            return false;
        };
        let seconds = value.trim().trim_matches('"').parse::<u64>();
        name.trim().eq_ignore_ascii_case("max-age") && seconds.is_ok_and(|seconds| seconds > 0)
    })
}

fn cookie(seen: &mut Seen, place: &str, field: &str) {
    let mut parts = field.split(';').map(str::trim);
    let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
        return;
    };
    let attributes: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
    let has = |name: &str| {
        attributes
            .iter()
            .any(|one| one == name || one.starts_with(&format!("{name}=")))
    };
    // One that is taken back holds nothing.
    if value.trim().is_empty() || has("max-age=0") || !is_session(name) {
        return;
    }
    let mut missing = Vec::new();
    if !has("secure") {
        missing.push("Secure");
    }
    if !has("httponly") {
        missing.push("HttpOnly");
    }
    if missing.is_empty() {
        if !seen.good_cookies.iter().any(|known| known == name) {
            seen.good_cookies.push(name.to_owned());
            if !has("samesite") {
                seen.told
                    .push(format!("the cookie {name} names no SameSite"));
            }
        }
        return;
    }
    seen.faults
        .entry(format!("the cookie {name} lacks {}", missing.join(" and ")))
        .or_insert_with(|| place.to_owned());
}

/// Whether a cookie's name says that it stands for who asks. One against forged requests does not.
fn is_session(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let name_parts = || name.split(['-', '_', '.']);
    !has(&["csrf", "xsrf"])
        && (has(&["sess", "auth", "token", "jwt", "remember", "identity"])
            || name_parts().any(|part| matches!(part, "sid" | "login")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[&str]) -> Seen {
        let mut seen = Seen::default();
        for field in fields {
            cookie(&mut seen, "GET /", field);
        }
        seen
    }

    #[test]
    fn cookies_of_sessions_are_held_to_their_flags() {
        let bare = of(&[
            "session=abc; Path=/",
            "connect.sid=s%3Aabc; Path=/; HttpOnly",
        ]);
        let faults: Vec<&String> = bare.faults.keys().collect();
        assert_eq!(
            faults,
            [
                "the cookie connect.sid lacks Secure",
                "the cookie session lacks Secure and HttpOnly"
            ]
        );
        let good = of(&["session=abc; HttpOnly; Secure; SameSite=Lax"]);
        assert!(good.faults.is_empty() && good.told.is_empty());
        assert_eq!(good.good_cookies, ["session"]);
        assert_eq!(of(&["sid=a; httponly; secure"]).told.len(), 1);
    }

    #[test]
    fn other_cookies_and_those_taken_back_are_not() {
        let seen = of(&[
            "csrftoken=abc; Path=/",
            "XSRF-TOKEN=abc",
            "theme=dark",
            "session=; Max-Age=0",
            "session=abc; Max-Age=0",
            "outside=1",
        ]);
        assert!(seen.faults.is_empty(), "{:?}", seen.faults);
    }

    #[test]
    fn strict_transport_is_kept_for_a_while() {
        assert!(is_strict("max-age=31536000; includeSubDomains"));
        assert!(is_strict("includeSubDomains; Max-Age=\"60\""));
        assert!(!is_strict("max-age=0"));
        assert!(!is_strict("includeSubDomains"));
    }
}

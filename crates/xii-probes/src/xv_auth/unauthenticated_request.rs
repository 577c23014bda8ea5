//! Asks every operation that the contract protects without showing who asks.
//!
//! Each is asked with the parameters and the body that it wants, so that nothing but the missing token can be
//! wrong with the request; those that change something are asked without a body, so that little happens where
//! nobody refuses. 401 is the answer that is meant (RFC 9110, section 15.5.2); 403 and the way to a login page
//! refuse, too, and are told. An answer of 200 or its like breaks the criterion. 400, 404 and their like do not
//! tell: the app may look at the request before it looks who asks.
//!
//! Without a contract, the routes are asked that have a check of identity before them in the code and can be asked
//! by their path alone. What neither says is protected is not asked.

use std::time::Duration;

use xii_model::Severity;

use crate::api::Api;
use crate::client::{Answer, Request};
use crate::engine::{CouldNotTell, Need, Phase, Probe, Setup, Stage, Steps};
use crate::tokens::{guarded, is_refusal};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "unauthenticated-request",
    criteria: &["XV.1"],
    phase: Phase::Serving,
    needs: &[Need::Healthy],
    severity: Severity::Error,
    limit: Duration::from_secs(120),
    alone: false,
    run,
};

/// The most operations that are asked.
const MOST: usize = 100;
/// How long an app that says 429 is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What an operation said to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// 401.
    Unauthorized,
    /// 403, or the way to the login.
    Refused,
    /// It did what was asked.
    Served,
    /// Something else, which says nothing of who asked.
    Other,
}

impl Said {
    fn of(answer: &Answer) -> Said {
        match answer.status {
            401 => Said::Unauthorized,
            _ if is_refusal(answer) => Said::Refused,
            200..300 => Said::Served,
            _ => Said::Other,
        }
    }
}

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let api = Api::of(stage).await?;
        let mut asked = guarded(stage, api.as_ref());
        if asked.is_empty() {
            nothing_protected(stage, api.as_ref());
            return Ok(());
        }
        asked.truncate(MOST);
        // Where nobody refuses, something may be changed that others look at.
        let run = stage.serve(Setup::web()).await?;
        let client = stage.client(&run);
        let mut told: Vec<(String, u16, Said)> = Vec::new();
        let mut missed = 0;
        for (name, request) in &asked {
            match client.send_patiently(&bare(request), PATIENCE).await {
                Ok(answer) => told.push((name.clone(), answer.status, Said::of(&answer))),
                Err(_) => missed += 1,
            }
        }
        run.kill().await;
        judge(stage, &told, missed)
    })
}

/// The request without a body, where it would change something.
fn bare(request: &Request) -> Request {
    let mut bare = request.clone();
    if !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS") {
        bare.body = Vec::new();
    }
    bare.within(Duration::from_secs(5))
}

fn judge(
    stage: &mut Stage,
    told: &[(String, u16, Said)],
    missed: usize,
) -> Result<(), CouldNotTell> {
    let of = |wanted: Said| told.iter().filter(move |(.., said)| *said == wanted);
    let served: Vec<String> = of(Said::Served)
        .map(|(name, status, _)| format!("{name} answered {status}"))
        .collect();
    let (unauthorized, refused) = (of(Said::Unauthorized).count(), of(Said::Refused).count());
    let others: Vec<String> = of(Said::Other)
        .map(|(name, status, _)| format!("{name} answered {status}"))
        .collect();
    if !served.is_empty() {
        stage.broken("XV.1", format!("without a token, {}", some(&served)));
    } else if unauthorized + refused == 0 {
        let seen = if others.is_empty() {
            format!("none of {missed} protected operations answered")
        } else {
            format!(
                "no protected operation said who may ask it: {}",
                some(&others)
            )
        };
        stage.could_not_tell("XV.1", seen);
    } else {
        let all = unauthorized + refused;
        let mut reason = format!(
            "{all} of {} protected operation{} refused who showed no token",
            told.len() + missed,
            if told.len() + missed == 1 { "" } else { "s" }
        );
        if refused > 0 {
            reason.push_str(&format!(
                ", {refused} of them not with 401 ({})",
                of(Said::Refused).next().map_or(0, |(_, status, _)| *status)
            ));
        }
        if let Some(other) = others.first() {
            reason.push_str(&format!("; {other}, which does not tell"));
        }
        stage.holds("XV.1", reason);
    }
    Ok(())
}

/// The first few of a list.
fn some(list: &[String]) -> String {
    let shown = list.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    match list.len() {
        0..=3 => shown,
        more => format!("{shown} and {} more", more - 3),
    }
}

fn nothing_protected(stage: &mut Stage, api: Option<&Api>) {
    let checks = &stage.app().facts.auth_checks;
    let check = checks.iter().find(|fact| fact.scope.is_deployed());
    if let Some(check) = check {
        let through = check.through.clone();
        stage.could_not_tell(
            "XV.1",
            format!(
                "nothing says which operations {through} protects, or none of them can be asked"
            ),
        );
    } else if let Some(api) = api {
        let name = api.name();
        if api.contract.operations().iter().all(|one| one.is_public()) {
            stage.not_applicable("XV.1", format!("{name} protects no operation"));
        } else {
            stage.could_not_tell(
                "XV.1",
                format!("no operation that {name} protects can be asked: it wants values that there is no telling of"),
            );
        }
    } else {
        stage.could_not_tell("XV.1", "no contract says which operations are protected");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tiny::{app, run as on_runtime};

    #[test]
    fn what_an_answer_says_to_nobody() {
        on_runtime(async {
            let client = app(|seen| match seen.path.as_str() {
                "/401" => (401, String::new(), String::new()),
                "/403" => (403, String::new(), String::new()),
                "/login" => (302, "Location: /Login?next=x".to_owned(), String::new()),
                "/moved" => (301, "Location: /moved/".to_owned(), String::new()),
                "/422" => (422, String::new(), String::new()),
                _ => (204, String::new(), String::new()),
            })
            .await;
            for (path, said) in [
                ("/401", Said::Unauthorized),
                ("/403", Said::Refused),
                ("/login", Said::Refused),
                ("/moved", Said::Other),
                ("/422", Said::Other),
                ("/", Said::Served),
            ] {
                let answer = client.send(&Request::get(path)).await.expect("an answer");
                assert_eq!(Said::of(&answer), said, "{path}");
            }
        });
    }

    #[test]
    fn what_changes_something_is_asked_without_its_body() {
        let request = Request::post("/x", "{}");
        assert!(bare(&request).body.is_empty());
        assert_eq!(
            some(&["a", "b", "c", "d"].map(str::to_owned)),
            "a, b, c and 1 more"
        );
    }
}

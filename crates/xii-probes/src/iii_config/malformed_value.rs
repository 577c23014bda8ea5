//! Gives the app values that cannot be right, and looks whether it starts all the same.
//!
//! `PORT=notanumber`, a locator without its scheme, a boolean that is `maybe`, a number that is none. The app
//! should end with an error that names the variable or the value. `PORT` decides most: some servers take such
//! a port for the name of a Unix socket, print that they have started, and leave a file behind that stops
//! their next start. A malformed locator that is only looked at when the resource is needed counts when the
//! app neither ends nor says a word of it.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::time::sleep;
use xii_model::{Address, Severity};

use crate::asked::{is_known, names};
use crate::client::Request;
use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::provision::{Form, Needed};
use crate::signals::seconds;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "malformed-value",
    criteria: &["III.5"],
    phase: Phase::Start,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

/// The most variables that are bent besides PORT.
const MOST: usize = 4;
/// What a port is not.
const NO_PORT: &str = "notanumber";
/// The least and the most time that an app is given to notice.
const SPAN: (Duration, Duration) = (Duration::from_secs(4), Duration::from_secs(20));

/// What came of a start.
enum Outcome {
    Ended(Option<i32>),
    /// It listens, on this port where it is known.
    Runs(Option<u16>),
    /// It runs, and had not listened after this time.
    Neither(Duration),
}

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let ready = stage.readiness().await?;
        let healthy = stage.healthy().await?;
        let within = (ready.after * 3 + Duration::from_secs(1)).clamp(SPAN.0, SPAN.1);
        let mut wrong = Vec::new();
        let mut right = Vec::new();
        let mut open = Vec::new();
        if healthy.port() == healthy.given_port {
            let run = stage.start(Setup::web().with("PORT", NO_PORT)).await?;
            let outcome = outcome(stage, &run, within, ready.after).await;
            let socket = run.folder.join(NO_PORT);
            let file = left_behind(&run, &socket);
            run.kill().await;
            // The next start of the app in this folder must not fail for what this one left there.
            if std::fs::remove_file(&socket).is_ok() {
                stage.note(format!(
                    "removed the file {NO_PORT}, which it had left in its folder"
                ));
            }
            match judge(&run, "PORT", NO_PORT, &outcome) {
                Judged::Right => right.push("PORT".to_owned()),
                Judged::Wrong(why) => wrong.push(match file {
                    true => format!("{why}, on a Unix socket of that name in its folder"),
                    false => why,
                }),
                Judged::Open(why) => open.push(why),
            }
        }
        for (name, value) in bent(stage) {
            let run = stage.start(Setup::web().with(&name, &*value)).await?;
            let outcome = outcome(stage, &run, within, ready.after).await;
            run.kill().await;
            match judge(&run, &name, &value, &outcome) {
                Judged::Right => right.push(name),
                Judged::Wrong(why) => wrong.push(why),
                Judged::Open(why) => open.push(why),
            }
        }
        if !wrong.is_empty() {
            stage.broken("III.5", wrong.join("; "));
        } else if right.is_empty() {
            let why = open.into_iter().next();
            return Err(CouldNotTell(why.unwrap_or_else(|| {
                "no variable is known whose value could be malformed".to_owned()
            })));
        } else {
            stage.holds(
                "III.5",
                match open.first() {
                    Some(open) => format!(
                        "a malformed {} stops the start and is named; {open}",
                        right.join(", ")
                    ),
                    None => format!(
                        "a malformed {} stops the start and is named",
                        right.join(", ")
                    ),
                },
            );
        }
        Ok(())
    })
}

/// Variables with values that cannot be right: of the required ones first.
fn bent(stage: &Stage) -> Vec<(String, String)> {
    let mut all: Vec<(bool, String, String)> = stage
        .provided()
        .given
        .iter()
        // PORT has its own start, and what is the language's own is not the app's to check.
        .filter(|one| !is_known(&one.name))
        .filter_map(|one| {
            let value = match one.form {
                Form::Url => without_scheme(&one.value),
                Form::Boolean => "maybe".to_owned(),
                Form::Number | Form::Port => "xii-no-number".to_owned(),
                _ => return None,
            };
            let optional = !matches!(one.required, Needed::Yes(_));
            Some((optional, one.name.clone(), value))
        })
        .collect();
    all.sort();
    all.truncate(MOST);
    all.into_iter()
        .map(|(_, name, value)| (name, value))
        .collect()
}

/// A locator without its scheme, and with a host that is nowhere (RFC 6761, 6.4): the parts of a real one may lead
/// somewhere. Its credentials stay, for an error may show them.
fn without_scheme(locator: &str) -> String {
    let rest = locator.split_once("://").map_or(locator, |(_, rest)| rest);
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let credentials = authority
        .rsplit_once('@')
        .map(|(credentials, _)| format!("{credentials}@"));
    let credentials = credentials.unwrap_or_default();
    format!("{credentials}xii-prove.invalid/{path}")
}

async fn outcome(stage: &Stage, run: &Run, within: Duration, usual: Duration) -> Outcome {
    let end = Instant::now() + within;
    let mut listening: Option<Instant> = None;
    loop {
        if !run.runs() && run.survivors().is_empty() {
            let ended = run.ended(Duration::from_secs(2)).await;
            return Outcome::Ended(ended.and_then(|end| end.code));
        }
        let port = run
            .record
            .listening()
            .iter()
            .find_map(Address::socket)
            .map(|one| one.port());
        let serves = match port {
            Some(port) => {
                let client = stage.quiet_client_at(port);
                client
                    .send(&Request::get("/").within(Duration::from_secs(2)))
                    .await
                    .is_ok()
            }
            None => !run.record.listening().is_empty(),
        };
        if serves {
            // It may look at its config after it listens.
            let since = listening.get_or_insert_with(Instant::now);
            if since.elapsed() > Duration::from_millis(700).max(usual / 2) {
                return Outcome::Runs(port);
            }
        }
        if Instant::now() >= end {
            return match run.record.listening().is_empty() {
                true => Outcome::Neither(within),
                false => Outcome::Runs(port),
            };
        }
        sleep(Duration::from_millis(20)).await;
    }
}

enum Judged {
    Right,
    Wrong(String),
    Open(String),
}

fn judge(run: &Run, name: &str, value: &str, outcome: &Outcome) -> Judged {
    let shown = if name == "PORT" {
        format!("PORT={value}")
    } else {
        format!("a malformed {name}")
    };
    let lines = run.record.lines(None);
    let told = lines.iter().any(|(_, line)| {
        let text = String::from_utf8_lossy(&line.bytes);
        names(&text, name)
            || text.contains(value)
            || (name == "PORT" && text.to_ascii_lowercase().contains("port"))
    });
    match outcome {
        Outcome::Ended(Some(0)) => {
            Judged::Wrong(format!("with {shown} it exits with 0, as if all were well"))
        }
        Outcome::Ended(_) if told => Judged::Right,
        Outcome::Ended(_) => {
            let said = run.record.complaint();
            let said = said.map_or_else(|| "nothing".to_owned(), |line| format!("`{line}`"));
            Judged::Wrong(format!(
                "with {shown} it ends and does not say why; it said {said}"
            ))
        }
        Outcome::Runs(Some(port)) if name == "PORT" => {
            Judged::Wrong(format!("with {shown} it starts and listens on {port}"))
        }
        Outcome::Runs(_) if name == "PORT" => Judged::Wrong(format!("with {shown} it starts")),
        // A slow machine, or an app that waits for what the value should have led to.
        Outcome::Neither(within) => Judged::Open(format!(
            "with {shown} it neither ended nor listened within {}",
            seconds(*within)
        )),
        // It may complain whenever the value is needed, and go on.
        Outcome::Runs(_) if told => Judged::Open(format!("with {shown} it complains and runs on")),
        Outcome::Runs(_) => Judged::Open(format!(
            "with {shown} it starts, and nothing shows that the value is used"
        )),
    }
}

fn left_behind(run: &Run, socket: &Path) -> bool {
    socket.exists()
        || run
            .record
            .listening()
            .iter()
            .any(|one| matches!(one, Address::Unix(path) if path.ends_with(NO_PORT)))
}

#[cfg(test)]
mod tests {
    use super::without_scheme;

    #[test]
    fn a_bent_locator_keeps_its_credentials_and_leads_nowhere() {
        for (locator, bent) in [
            (
                "postgres://a:b@127.0.0.1:5432/db",
                "a:b@xii-prove.invalid/db",
            ),
            ("redis://127.0.0.1:6379", "xii-prove.invalid/"),
            ("nonsense", "xii-prove.invalid/"),
        ] {
            assert_eq!(without_scheme(locator), bent);
        }
    }
}

//! Looks at the lines that the app writes while it serves: whether each is one event with time and level.
//!
//! A line counts when it is a JSON object or of the form `key=value` and carries a time and a level. An app
//! that is mute is started with `LOG_LEVEL` set. Errors are provoked with a body that is no JSON, because a
//! stack trace that is spread over lines is not one event. What package managers print before the app starts
//! is not the app's.

use std::time::Duration;

use serde_json::Value;
use xii_model::{Event, Line, Mark, Severity, What};

use crate::client::Request;
use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::scenario::play_on;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "structured-events",
    criteria: &["XI.4"],
    phase: Phase::Serving,
    needs: &[Need::Healthy],
    severity: Severity::Note,
    limit: Duration::from_secs(60),
    alone: false,
    run,
};

/// Fewer lines say nothing.
const LEAST: usize = 3;
/// How long the lines of the last request are waited for.
const LAST: Duration = Duration::from_millis(500);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let run = spoken(stage, Setup::web()).await?;
        let mut events = lines(&run);
        run.kill().await;
        if events.len() < LEAST {
            let run = spoken(stage, Setup::web().with("LOG_LEVEL", "debug")).await?;
            events = lines(&run);
            run.kill().await;
        }
        if events.len() < LEAST {
            let reason = format!(
                "it wrote {} lines while it served: too few to judge their form",
                events.len()
            );
            return Err(CouldNotTell(reason));
        }
        let of = events.len();
        let good = events
            .iter()
            .filter(|(_, line)| is_event(&line.bytes))
            .count();
        let share = good * 100 / of;
        if let Some((event, _)) = events.iter().find(|(_, line)| is_event(&line.bytes)) {
            stage.cite(event, Mark::For);
        }
        if share >= 95 {
            stage.holds(
                "XI.4",
                format!("{good} of {of} lines are one event each, with time and level"),
            );
            return Ok(());
        }
        let Some((sample, line)) = events.iter().find(|(_, line)| !is_event(&line.bytes)) else {
            return Ok(());
        };
        stage.cite(sample, Mark::Against);
        let shown: String = String::from_utf8_lossy(&line.bytes)
            .trim()
            .chars()
            .take(100)
            .collect();
        stage.broken(
            "XI.4",
            format!(
                "{good} of {of} lines are one event with time and level; one that is not: `{shown}`"
            ),
        );
        Ok(())
    })
}

/// An instance that was given something to speak of.
async fn spoken(stage: &Stage, setup: Setup) -> Result<Run, CouldNotTell> {
    let scenario = stage.scenario().await?;
    let run = stage.serve(setup).await?;
    let client = stage.client(&run);
    play_on(&scenario, &client, Duration::from_secs(15)).await;
    let broken = Request::post("/", "{\"broken").header("Content-Type", "application/json");
    // Whatever it answers: what it writes is looked at.
    let _ = stage.ask(&run, &broken).await;
    let _ = stage.ask(&run, &Request::get("/xii-no-such-path")).await;
    let mark = run.record.mark();
    run.record.wait_beyond(mark, LAST).await;
    Ok(run)
}

/// The app's own lines.
fn lines(run: &Run) -> Vec<(Event, Line)> {
    let lines = run
        .record
        .all()
        .into_iter()
        .filter_map(|event| match &event.what {
            What::Line(line) => Some((event.clone(), line.clone())),
            _ => None,
        });
    lines
        .filter(|(_, line)| {
            let text = String::from_utf8_lossy(&line.bytes);
            let text = text.trim();
            // `> app@1.0.0 start`, `yarn run v1.22`, `$ node server.js`.
            !text.is_empty()
                && !text.starts_with("> ")
                && !text.starts_with("$ ")
                && !text.starts_with("yarn run ")
        })
        .collect()
}

/// Whether a line is one event with time and level.
fn is_event(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim();
    let keys: Vec<String> = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(map)) => map.keys().map(|key| key.to_ascii_lowercase()).collect(),
        _ => logfmt(text),
    };
    let has = |names: &[&str]| keys.iter().any(|key| names.contains(&key.as_str()));
    has(&[
        "time",
        "timestamp",
        "ts",
        "@timestamp",
        "t",
        "asctime",
        "datetime",
        "date",
        "@t",
    ]) && has(&[
        "level",
        "severity",
        "lvl",
        "levelname",
        "log.level",
        "loglevel",
        "log_level",
        "@l",
        "priority",
    ])
}

/// The keys of `key=value key="a value"`; none when the line is something else.
fn logfmt(text: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some((key, after)) = rest.split_once('=') else {
            return Vec::new();
        };
        if key.is_empty()
            || !key
                .chars()
                .all(|one| one.is_ascii_alphanumeric() || "_.-@".contains(one))
        {
            return Vec::new();
        }
        keys.push(key.to_ascii_lowercase());
        rest = match after.strip_prefix('"') {
            Some(quoted) => match quoted.replace("\\\"", "__").find('"') {
                Some(end) => quoted.get(end + 1..).unwrap_or_default(),
                None => return Vec::new(),
            },
            None => after.split_once(' ').map_or("", |(_, rest)| rest),
        }
        .trim_start();
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::is_event;

    #[test]
    fn an_event_has_time_and_level() {
        for line in [
            r#"{"time":"2026-11-20T15:00:00Z","level":"info","message":"ok"}"#,
            r#"{"level":30,"time":1700000000000,"msg":"pino"}"#,
            r#"time=2026-11-20T15:00:00Z level=info msg="a \"quoted\" word" id=3"#,
            r#"{"severity":"INFO","timestamp":"x","message":"gcp"}"#,
        ] {
            assert!(is_event(line.as_bytes()), "{line}");
        }
        for line in [
            "GET / 200 3 ms",
            r#"{"message":"no time"}"#,
            "127.0.0.1 - - [20/Nov/2026:15:00:00 +0000] \"GET / HTTP/1.1\" 200 5",
            "    at Object.<anonymous> (/app.js:3:9)",
            "a=b=",
            "",
        ] {
            assert!(!is_event(line.as_bytes()), "{line}");
        }
    }
}

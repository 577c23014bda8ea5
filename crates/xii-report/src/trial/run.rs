//! What was run, in sentences.

use xii_model::{AppReport, Report, RunSummary};

use super::words::seconds;
use crate::neutral;

/// How many build commands and resources are named in the first line.
const NAMED: usize = 4;

/// Whether an app of the report was run.
fn was_run(report: &Report) -> bool {
    report.apps.iter().any(|app| app.run.is_some())
}

/// The command that made the report.
pub(crate) fn title(report: &Report) -> &'static str {
    if was_run(report) {
        "xii prove"
    } else {
        "xii check"
    }
}

/// The first line: `ran web 14 times in 31 s; private redis 7.0.15; built with npm ci in 9 s`.
pub(crate) fn ran(app: &AppReport) -> Option<String> {
    let run = app.run.as_ref()?;
    let mut parts = vec![started(run)];
    let mut standing: Vec<String> = Vec::new();
    for one in &run.resources {
        let words = one.stood.as_ref().ok().map(|stood| words(&one.kind, stood));
        // Two variables may name one server.
        standing.extend(words.filter(|words| !standing.contains(words)));
    }
    parts.extend(listed(standing));
    parts.extend(built(run));
    Some(parts.join("; "))
}

/// What a reader should know besides, a line each: commands, resources that were absent, notes.
pub(crate) fn remarks(run: &RunSummary) -> Vec<String> {
    let mut lines: Vec<String> = run
        .built
        .iter()
        .filter(|step| !step.ok)
        .map(|step| {
            let command = neutral::line(&step.command);
            format!(
                "the build failed: `{command}` after {}",
                seconds(step.took_ms)
            )
        })
        .collect();
    lines.extend(run.resources.iter().filter_map(|one| {
        let why = neutral::line(one.stood.as_ref().err()?);
        let (variable, kind) = (neutral::line(&one.variable), neutral::line(&one.kind));
        Some(format!("no {kind} for {variable}: {why}"))
    }));
    if let Some(reason) = &run.no_witness {
        let reason = neutral::line(reason);
        lines.push(format!("without the witness: {reason}"));
    }
    lines.extend(run.notes.iter().map(|note| neutral::line(note)));
    lines
}

/// What ran, how often and for how long.
fn started(run: &RunSummary) -> String {
    let names: Vec<String> = run
        .processes
        .iter()
        .map(|(name, _)| neutral::line(name))
        .collect();
    let took = seconds(run.took_ms);
    let times = match run.starts {
        0 => return format!("nothing could be started in {took}"),
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        many => format!("{many} times"),
    };
    match names.as_slice() {
        [] => format!("ran the app {times} in {took}"),
        [one] => format!("ran {one} {times} in {took}"),
        [several @ .., last] => {
            let several = several.join(", ");
            format!("ran {several} and {last}, {} starts, in {took}", run.starts)
        }
    }
}

/// The build that succeeded.
fn built(run: &RunSummary) -> Option<String> {
    if run.built.is_empty() || run.built.iter().any(|step| !step.ok) {
        return None;
    }
    let commands = run.built.iter().map(|step| neutral::line(&step.command));
    let took = run
        .built
        .iter()
        .fold(0u64, |sum, step| sum.saturating_add(step.took_ms));
    let commands = listed(commands.collect())?;
    Some(format!("built with {commands} in {}", seconds(took)))
}

/// What stood for a resource, with its kind unless that is said: `private redis 7.0.15`, `redis given by .env:3`.
fn words(kind: &str, stood: &str) -> String {
    let (kind, stood) = (neutral::line(kind), neutral::line(stood));
    if stood.contains(&kind) {
        stood
    } else {
        format!("{kind} {stood}")
    }
}

/// The first of a list, and how many more.
fn listed(mut list: Vec<String>) -> Option<String> {
    let more = list.len().saturating_sub(NAMED);
    list.truncate(NAMED);
    if list.is_empty() {
        return None;
    }
    let mut text = list.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    Some(text)
}

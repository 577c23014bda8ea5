//! `[processes]` and `[tasks]`.

use std::path::PathBuf;
use std::time::Duration;

use globset::Glob;
use xii_model::grammar::is_process_name;
use xii_runtime::formation::{Declared, Kind, MOST_INSTANCES, Restart, schedule_fault};
use xii_survey::document::{Entry, Node, Value};

use super::faults::Faults;
use super::file::FILE;
use super::probe::{Purpose, probe};

/// Keys of a process type.
const PROCESS: [&str; 13] = [
    "command",
    "count",
    "folder",
    "env",
    "ready",
    "live",
    "depends-on",
    "restart",
    "grace",
    "schedule",
    "once",
    "listens",
    "watch",
];
/// Keys of a task.
const TASK: [&str; 4] = ["command", "folder", "env", "grace"];
/// Variables that the runtime gives each instance.
const RUNTIMES: [&str; 3] = ["PORT", "PS", "XII_PROCESS"];
/// The longest grace.
const LONGEST_GRACE: Duration = Duration::from_secs(86_400);

/// What the two tables declare.
pub(super) fn processes(root: &Node, faults: &mut Faults<'_>) -> Vec<Declared> {
    let mut declared: Vec<Declared> = Vec::new();
    for (table, tasks) in [("processes", false), ("tasks", true)] {
        for entry in faults.table(root.get(table), &format!("`[{table}]`")) {
            let Some(one) = process(entry, table, tasks, faults) else {
                continue;
            };
            if declared.iter().any(|known| known.name == one.name) {
                let message = format!(
                    "`{}` is a process type and a task: give one of them another name",
                    one.name
                );
                faults.add(entry.key_span.clone(), message);
            } else {
                declared.push(one);
            }
        }
    }
    declared
}

fn process(entry: &Entry, table: &str, task: bool, faults: &mut Faults<'_>) -> Option<Declared> {
    let name = &entry.key;
    if !is_process_name(name) {
        faults.add(
            entry.key_span.clone(),
            "this is no name: a process type is called with letters, digits, `_` and `-`",
        );
        return None;
    }
    let place = format!("`[{table}.{name}]`");
    let mut one = Declared {
        name: name.clone(),
        origin: format!("{FILE}:{}", faults.line(entry.key_span.start)),
        kind: task.then_some(Kind::Task),
        ..Declared::default()
    };
    let node = &entry.value;
    if !matches!(node.value, Value::Map(_)) {
        one.command = faults.text(Some(node), "a command, or a table with one");
        return one.command.is_some().then_some(one);
    }
    faults.keys(node.entries(), if task { &TASK } else { &PROCESS }, &place);
    one.command = faults.text(node.get("command"), "a command");
    one.folder = faults
        .text(node.get("folder"), "a folder, relative to the app's")
        .map(PathBuf::from);
    one.environment = environment(node.get("env"), &place, faults);
    one.grace = faults.duration(node.get("grace"), Duration::ZERO..=LONGEST_GRACE);
    if task {
        return Some(one);
    }
    one.count = faults.number(node.get("count"), 0..=MOST_INSTANCES);
    one.ready = probe(node.get("ready"), Purpose::Ready, faults);
    one.live = probe(node.get("live"), Purpose::Live, faults);
    one.depends_on = faults.texts(node.get("depends-on"), "a process type's name");
    one.restart = faults.word(
        node.get("restart"),
        &[
            ("always", Restart::Always),
            ("on-failure", Restart::OnFailure),
            ("never", Restart::Never),
            ("stop-all", Restart::StopAll),
        ],
    );
    one.kind = kind(node, faults);
    one.listens = faults.boolean(node.get("listens"));
    one.watch = globs(node.get("watch"), faults);
    Some(one)
}

/// When the type runs, if the table says.
fn kind(node: &Node, faults: &mut Faults<'_>) -> Option<Kind> {
    let once = faults.boolean(node.get("once"));
    let written = node.get("schedule");
    let schedule = faults.text(written, "a schedule, such as \"*/5 * * * *\"");
    if let (Some(pattern), Some(written)) = (&schedule, written) {
        if let Some(fault) = schedule_fault(pattern) {
            faults.add(written.span.clone(), fault);
        }
        if once == Some(true) {
            let message = "`once` runs it at the start, `schedule` by the clock: take one out";
            faults.add(written.span.clone(), message);
        }
    }
    match (schedule, once) {
        (Some(pattern), _) => Some(Kind::Schedule(pattern)),
        (None, Some(true)) => Some(Kind::Once),
        (None, Some(false)) => Some(Kind::Service),
        (None, None) => None,
    }
}

/// The variables of a type, in the order they are written.
fn environment(node: Option<&Node>, place: &str, faults: &mut Faults<'_>) -> Vec<(String, String)> {
    let mut variables = Vec::new();
    for entry in faults.table(node, "`env`") {
        let name = &entry.key;
        let valid = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
        let value = entry.value.as_text().filter(|text| !text.contains('\0'));
        match value {
            _ if RUNTIMES.contains(&name.as_str()) => faults.add(
                entry.key_span.clone(),
                format!("{place} cannot set {name}: the runtime gives it to each instance"),
            ),
            Some(value) if valid => variables.push((name.clone(), value.into_owned())),
            Some(_) => faults.add(
                entry.key_span.clone(),
                "this is no variable's name: write letters, digits and `_`",
            ),
            None => faults.add(
                entry.value.span.clone(),
                "a variable's value is a text, a number, `true` or `false`",
            ),
        }
    }
    variables
}

fn globs(node: Option<&Node>, faults: &mut Faults<'_>) -> Vec<String> {
    let globs = faults.texts(node, "a path glob, such as \"src/**\"");
    if let Some(node) = node
        && globs.iter().any(|glob| Glob::new(glob).is_err())
    {
        faults.add(node.span.clone(), "one of these is no path glob");
    }
    globs
}

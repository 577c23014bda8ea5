//! What a start costs.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use super::entry::{Bench, median, program};
use crate::work::Outcome;

/// Two hundred processes by one shell.
const MANY: &str = "i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done";

/// Programs that do nothing, and one that does it often.
const PROGRAMS: [(&str, &[&str]); 4] = [
    ("`true`", &["true"]),
    ("`python3 -c pass`", &["python3", "-c", "pass"]),
    ("`node -e 0`", &["node", "-e", "0"]),
    ("200 × `/bin/true` by a shell", &["sh", "-c", MANY]),
];

/// Milliseconds to start and end each, alone and by `xii witness`.
pub(super) fn measure(bench: &Bench) -> Outcome<(String, Value)> {
    let mut text = String::from("| start to end | alone | recorded | more |\n|---|---|---|---|\n");
    let mut figures = Vec::new();
    for (name, words) in PROGRAMS {
        let Some(program) = program(words[0]) else {
            continue;
        };
        let words: Vec<&str> = [program.as_str()]
            .iter()
            .chain(&words[1..])
            .copied()
            .collect();
        eprintln!("start: {name}");
        let (mut alone, mut watched) = (Vec::new(), Vec::new());
        let xii = bench.xii.display().to_string();
        let prefix = [&xii, "witness", "--output", "record.txt", "--"];
        let by_xii: Vec<&str> = prefix.iter().chain(&words).copied().collect();
        for _ in 0..bench.rounds {
            alone.push(once(&words, &bench.folder)?);
            watched.push(once(&by_xii, &bench.folder)?);
        }
        let (one, other) = (median(&alone), median(&watched));
        let _ = writeln!(
            text,
            "| {name} | {one:.1} ms | {other:.1} ms | {:.1} ms |",
            other - one
        );
        figures.push(json!({ "program": name, "alone_ms": one, "watched_ms": other }));
    }
    Ok((text, Value::Array(figures)))
}

fn once(words: &[&str], folder: &Path) -> Outcome<f64> {
    let mut command = Command::new(words[0]);
    command
        .args(&words[1..])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let begun = Instant::now();
    let status = command
        .status()
        .map_err(|error| format!("cannot run {}: {error}", words[0]))?;
    let time = begun.elapsed().as_secs_f64() * 1e3;
    if status.success() {
        Ok(time)
    } else {
        Err(format!("`{}` failed: {status}", words.join(" ")))
    }
}

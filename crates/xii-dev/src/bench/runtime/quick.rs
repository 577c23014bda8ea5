//! How fast ten processes are started, and what the manager weighs while they idle.

use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::app::Job;
use super::entry::Bench;
use super::peer::Peer;
use super::system;
use super::table::Cell;
use crate::work::Outcome;

/// Processes of the app.
const TEN: usize = 10;

/// From spawning the manager to the last of ten processes' own mark: the median of the rounds.
pub(super) fn start(bench: &Bench, peer: &Peer, program: &Path) -> Outcome<Cell> {
    let mut times = Vec::new();
    for _ in 0..bench.rounds {
        let manager = bench.start(peer, program, TEN, Job::Idle)?;
        let marks = manager.wait_for(TEN, Duration::from_secs(30))?;
        let last = marks
            .iter()
            .map(|mark| mark.0)
            .max()
            .unwrap_or(manager.started);
        times.push((last - manager.started).as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let median = times.get(times.len() / 2).copied().unwrap_or(0.0);
    let least = times.first().copied().unwrap_or(0.0);
    let text = format!("{median:.0} ms (least {least:.1})");
    Ok(Cell::new(
        text,
        json!({ "median_ms": median, "least_ms": least, "rounds": times.len() }),
    ))
}

/// The proportional set size of the manager's own processes with ten that idle.
pub(super) fn memory(bench: &Bench, peer: &Peer, program: &Path) -> Outcome<Cell> {
    let manager = bench.start(peer, program, TEN, Job::Idle)?;
    manager.wait_for(TEN, Duration::from_secs(30))?;
    // What it does just after the start is over then.
    thread::sleep(Duration::from_secs(2));
    let own = manager.own();
    let total: u64 = own.iter().map(|one| system::proportional(one.pid)).sum();
    let text = format!(
        "{:.1} MB in {}",
        total as f64 / 1024.0,
        match own.len() {
            1 => "1 process".to_owned(),
            many => format!("{many} processes"),
        }
    );
    Ok(Cell::new(
        text,
        json!({ "pss_kb": total, "processes": own.len() }),
    ))
}

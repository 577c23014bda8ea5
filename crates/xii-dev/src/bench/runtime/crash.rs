//! What is left running: after a stop, and after the manager was killed.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;

use super::app::Job;
use super::entry::Bench;
use super::manager::Mark;
use super::peer::Peer;
use super::system;
use super::table::Cell;
use crate::work::Outcome;

/// The longest that a manager may take to stop.
const STOP: Duration = Duration::from_secs(60);

/// A process ends by SIGTERM, its child ignores it; the manager is told to stop. Is the child killed?
pub(super) fn stubborn(bench: &Bench, peer: &Peer, program: &Path) -> Outcome<Cell> {
    let mut manager = bench.start(peer, program, 1, Job::Stubborn)?;
    let marks = manager.wait_for(1, Duration::from_secs(30))?;
    let child = pids(&marks)
        .first()
        .ok_or("the child did not say its number")?
        .1;
    let told = Instant::now();
    manager.signal(Signal::TERM);
    let ended = manager.end(STOP);
    let took = ended.map_or(STOP, |ended| ended - told).as_secs_f64();
    thread::sleep(Duration::from_secs(1));
    let alive = system::is_alive(child);
    let text = match (alive, ended) {
        (false, Some(_)) => format!("killed; stopped in {took:.1} s"),
        (true, Some(_)) => format!("left running; stopped in {took:.1} s"),
        (alive, None) => format!(
            "did not stop in {took:.0} s; child {}",
            if alive { "runs" } else { "killed" }
        ),
    };
    Ok(Cell::new(
        text,
        json!({ "killed": !alive, "stopped": ended.is_some(), "seconds": took }),
    ))
}

/// The manager is killed with SIGKILL; what lives after a second, of three processes with a child each?
pub(super) fn killed(bench: &Bench, peer: &Peer, program: &Path) -> Outcome<Cell> {
    let mut manager = bench.start(peer, program, 3, Job::Family)?;
    let marks = manager.wait_for(6, Duration::from_secs(30))?;
    manager.signal(Signal::KILL);
    manager
        .end(STOP)
        .ok_or("the manager did not end by SIGKILL")?;
    thread::sleep(Duration::from_secs(1));
    let left = |what: &str| {
        let of_kind = pids(&marks)
            .into_iter()
            .filter(|(kind, pid)| kind == what && system::is_alive(*pid));
        of_kind.count()
    };
    let (leaders, children) = (left("leader"), left("child"));
    let text = format!("{leaders} of 3 children, {children} of 3 grandchildren");
    Ok(Cell::new(
        text,
        json!({ "children": leaders, "grandchildren": children }),
    ))
}

/// What the marks `p1 4711 child` say: kind and process id.
fn pids(marks: &[Mark]) -> Vec<(String, u32)> {
    let read = |(_, line): &Mark| {
        let mut words = line.split_whitespace().skip(1);
        let pid = words.next()?.parse().ok()?;
        Some((words.next()?.to_owned(), pid))
    };
    marks.iter().filter_map(read).collect()
}

//! Lines: how many a second come through whole, and whether any is broken or lost.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::app::{Job, LINE};
use super::entry::Bench;
use super::manager::Manager;
use super::peer::Peer;
use super::system;
use super::table::Cell;
use crate::work::Outcome;

/// How long the output may stand still before the rest is taken for lost, while the manager runs: on a
/// busy machine some hold back for seconds. And when it has ended.
const STILL: Duration = Duration::from_secs(20);
const STILL_AT_END: Duration = Duration::from_secs(1);
/// How long a measurement may take.
const MOST: Duration = Duration::from_secs(240);

/// A million lines of one process: lines a second, and the peak of the manager's memory.
pub(super) fn million(bench: &Bench, peer: &Peer, program: &Path) -> Outcome<Cell> {
    const LINES: u64 = 1_000_000;
    let mut best: Option<(f64, u64, Seen)> = None;
    for _ in 0..bench.rounds.min(3) {
        let mut manager = bench.start(peer, program, 1, Job::Write(LINES))?;
        let begun = manager.wait_for(1, Duration::from_secs(30))?;
        let begun = begun.first().map_or(manager.started, |mark| mark.0);
        let last = format!(" {:010} ", LINES - 1);
        let settled = settle(&mut manager, Some(&last))?;
        let own = manager.own();
        let peak = own.iter().map(|one| system::peak(one.pid)).sum::<u64>();
        let seen = Seen::read(&manager.outputs())?;
        let rate = seen.whole as f64 / (settled - begun).as_secs_f64();
        if best.as_ref().is_none_or(|best| rate > best.0) {
            best = Some((rate, peak, seen));
        }
        // What takes so long is not made much better by chance.
        if begun.elapsed() > Duration::from_secs(20) {
            break;
        }
    }
    let (rate, peak, seen) = best.ok_or("no round was measured")?;
    let lost = LINES.saturating_sub(seen.whole);
    let mut text = format!("{:.0} k/s, peak {:.1} MB", rate / 1e3, peak as f64 / 1024.0);
    if seen.broken + lost > 0 {
        text.push_str(&format!(", {} broken, {lost} lost", seen.broken));
    }
    if !peer.note.is_empty() {
        text.push_str(&format!(" ({})", peer.note));
    }
    let figures = json!({
        "lines_per_second": rate.round(),
        "peak_kb": peak,
        "broken": seen.broken,
        "lost": lost,
        "note": peer.note,
    });
    Ok(Cell::new(text, figures))
}

/// Four processes that write 100,000 lines each: broken and lost ones.
pub(super) fn four(bench: &Bench, peer: &Peer, program: &Path) -> Outcome<Cell> {
    const LINES: u64 = 100_000;
    let mut manager = bench.start(peer, program, 4, Job::Write(LINES))?;
    settle(&mut manager, None)?;
    Ok(cell_of(&Seen::read(&manager.outputs())?, 4 * LINES))
}

/// 200,000 lines just before the end of the process: lost ones.
pub(super) fn before_exit(bench: &Bench, peer: &Peer, program: &Path) -> Outcome<Cell> {
    const LINES: u64 = 200_000;
    let mut worst: Option<Seen> = None;
    for _ in 0..bench.rounds.min(3) {
        let mut manager = bench.start(peer, program, 1, Job::WriteAndEnd(LINES))?;
        settle(&mut manager, None)?;
        let seen = Seen::read(&manager.outputs())?;
        if worst.as_ref().is_none_or(|worst| seen.whole < worst.whole) {
            worst = Some(seen);
        }
    }
    worst.map_or(Err("no round was measured".to_owned()), |seen| {
        Ok(cell_of(&seen, LINES))
    })
}

fn cell_of(seen: &Seen, expected: u64) -> Cell {
    let lost = expected.saturating_sub(seen.whole);
    let text = format!("{} broken, {lost} lost", seen.broken);
    Cell::new(
        text,
        json!({ "broken": seen.broken, "lost": lost, "twice": seen.twice }),
    )
}

/// Waits until the output ends with the last line, or stands still. When that was.
fn settle(manager: &mut Manager, last: Option<&str>) -> Outcome<Instant> {
    let end = Instant::now() + MOST;
    let (mut size, mut grown) = (0, Instant::now());
    while Instant::now() < end {
        let files = manager.outputs();
        let now: u64 = files
            .iter()
            .filter_map(|path| path.metadata().ok())
            .map(|file| file.len())
            .sum();
        if now != size {
            (size, grown) = (now, Instant::now());
            if let Some(last) = last
                && files
                    .iter()
                    .any(|path| tail(path).is_ok_and(|tail| tail.contains(last)))
            {
                return Ok(grown);
            }
        } else {
            let ended = manager.end(Duration::ZERO).is_some();
            if grown.elapsed() > if ended { STILL_AT_END } else { STILL } {
                return Ok(grown);
            }
        }
        thread::sleep(Duration::from_millis(2));
    }
    Err(format!(
        "the output was not complete after {} s",
        MOST.as_secs()
    ))
}

fn tail(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(8 * LINE as u64)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What came of the lines.
#[derive(Debug, Default)]
pub(super) struct Seen {
    whole: u64,
    broken: u64,
    twice: u64,
}

impl Seen {
    fn read(files: &[PathBuf]) -> Outcome<Seen> {
        let mut seen = Seen::default();
        let mut known = HashSet::new();
        for path in files {
            let cannot = |error| format!("cannot read {}: {error}", path.display());
            let mut reader = BufReader::with_capacity(1 << 20, File::open(path).map_err(cannot)?);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).map_err(cannot)? > 0 {
                seen.add(&line, &mut known);
                line.clear();
            }
        }
        Ok(seen)
    }

    fn add(&mut self, line: &[u8], known: &mut HashSet<(u32, u64)>) {
        match payload(line) {
            Some(Ok(line)) if known.insert(line) => self.whole += 1,
            Some(Ok(_)) => self.twice += 1,
            Some(Err(())) => self.broken += 1,
            None => {}
        }
    }
}

/// The name and number of the one line that this line holds at its end; an error when it holds
/// something else of one or more; nothing when it is the manager's own.
fn payload(line: &[u8]) -> Option<Result<(u32, u64), ()>> {
    let line = line.trim_ascii_end();
    // What a manager adds behind a line to end a colour is its own.
    let line = line
        .strip_suffix(b"\x1b[0m")
        .or(line.strip_suffix(b"\x1b[39m"))
        .unwrap_or(line);
    let start = line.iter().position(|byte| *byte == b'@');
    let part = || line.windows(8).any(|eight| eight == b"xxxxxxxx");
    let Some(start) = start else {
        return part().then_some(Err(()));
    };
    let text = &line[start..];
    let mut words = text[1..].splitn(3, |byte| *byte == b' ');
    let process = words
        .next()
        .and_then(|name| number(name.strip_prefix(b"p")?));
    let number = words.next().and_then(number);
    let rest = words.next().and_then(<[u8]>::split_last);
    let (Some(process), Some(number), Some((b'$', filling))) = (process, number, rest) else {
        return part().then_some(Err(()));
    };
    let whole = text.len() == LINE - 1 && filling.iter().all(|byte| *byte == b'x');
    Some(if whole {
        Ok((process, number))
    } else {
        Err(())
    })
}

fn number<T: std::str::FromStr>(digits: &[u8]) -> Option<T> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(name: &str, number: u64) -> String {
        let head = format!("@{name} {number:010} ");
        format!("{head}{:x<width$}$", "", width = LINE - 2 - head.len())
    }

    #[test]
    fn whole_broken_lost_and_doubled_lines_are_told_apart() {
        let lines = [
            format!("14:02:11 p1 | {}\n", whole("p1", 1)),
            format!("\x1b[36mp2\x1b[39m {}\x1b[0m\n", whole("p2", 1)),
            format!("p1 | {}\n", whole("p1", 1)),
            format!("p1 | {}{}\n", whole("p1", 2), whole("p2", 2)),
            format!("p1 | {}\n", &whole("p1", 3)[..60]),
            format!("p1 | {}\n", &whole("p1", 3)[60..]),
            "p1 | started with pid 12\n".to_owned(),
            "mail@example.org\n".to_owned(),
        ];
        let mut seen = Seen::default();
        let mut known = HashSet::new();
        for line in &lines {
            seen.add(line.as_bytes(), &mut known);
        }
        assert_eq!((seen.whole, seen.twice, seen.broken), (2, 1, 3));
    }
}

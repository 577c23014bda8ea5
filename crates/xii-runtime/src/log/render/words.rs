//! The words for what happens, in one place.

use xii_model::{Level, Request, What};

use super::colour::{BAD, DIM, GOOD, Names, WARN};
use super::paint::Paint;
use super::text;
use crate::log::terminal;

/// Appends the event in words; lines are not its matter.
pub(super) fn push(what: &What, paint: Paint, names: &mut Names, to: &mut Vec<u8>) {
    let (colour, words) = match what {
        What::Line(_) => return,
        What::Request(request) => return push_request(request, paint, names, to),
        What::Started { pid, port, command } => {
            let port = port.map_or(String::new(), |port| format!(" on port {port}"));
            say(to, paint, None, &format!("started pid {pid}{port}"));
            return say(to, paint, Some(DIM), &format!("  {command}"));
        }
        What::Ready { after_ms } => (
            Some(GOOD),
            format!("ready after {}", milliseconds(*after_ms)),
        ),
        What::NotReady { reason } => (Some(WARN), format!("not ready: {reason}")),
        What::Unhealthy { reason } => (Some(BAD), format!("unhealthy: {reason}")),
        What::Signalled { signal, reason } => (Some(DIM), format!("sent {signal}: {reason}")),
        What::Killed { pids, reason } => {
            let processes = match &pids[..] {
                [pid] => format!("process {pid}"),
                pids => {
                    let shown: Vec<_> = pids.iter().take(8).map(u32::to_string).collect();
                    let more = if pids.len() > 8 { ", …" } else { "" };
                    format!(
                        "{} processes ({}{more})",
                        grouped(pids.len() as u64),
                        shown.join(", ")
                    )
                }
            };
            (Some(WARN), format!("killed {processes}: {reason}"))
        }
        What::Exited {
            code,
            signal,
            after_ms,
        } => {
            let after = milliseconds(*after_ms);
            match (code, signal) {
                (Some(0), _) => (None, format!("exited with 0 after {after}")),
                (Some(code), _) => (Some(BAD), format!("exited with {code} after {after}")),
                // What usually stops a process is no failure.
                (None, Some(signal)) if matches!(&**signal, "SIGTERM" | "SIGINT" | "SIGHUP") => {
                    (None, format!("ended by {signal} after {after}"))
                }
                (None, Some(signal)) => (Some(BAD), format!("ended by {signal} after {after}")),
                (None, None) => (Some(BAD), format!("ended after {after}")),
            }
        }
        What::Restarting { after_ms, attempt } => {
            let attempt = match attempt {
                0 | 1 => String::new(),
                attempt => format!(", attempt {attempt}"),
            };
            (
                Some(WARN),
                format!("restarting in {}{attempt}", milliseconds(*after_ms)),
            )
        }
        What::Held { reason } => (Some(BAD), format!("held: {reason}")),
        What::Dropped { sink, lines } => (Some(WARN), dropped(sink, *lines)),
        What::Act(act) => (Some(DIM), format!("pid {} {}", act.pid, act.deed)),
        What::Relayed(relayed) => (Some(DIM), format!("{} {}", relayed.resource, relayed.how)),
        What::Asked(asked) => (Some(DIM), asked.to_string()),
        What::Note { level, message } => {
            let colour = match level {
                Level::Trace | Level::Debug => Some(DIM),
                Level::Info => None,
                Level::Warn => Some(WARN),
                Level::Error | Level::Fatal => Some(BAD),
            };
            (colour, message.clone())
        }
    };
    say(to, paint, colour, &words);
}

/// That lines are missing at this place.
pub(super) fn not_shown(lines: u64) -> String {
    let (many, were, them) = many(lines);
    format!("{many} {were} not shown here: the terminal did not take {them}; `xii logs` has {them}")
}

/// That a sink did not take lines.
fn dropped(sink: &str, lines: u64) -> String {
    let (many, were, them) = many(lines);
    match sink {
        terminal::NAME => {
            format!("{many} {were} not shown on the terminal: it did not take {them}")
        }
        "store" => {
            format!("{many} {were} not kept for `xii logs`: the store could not write {them}")
        }
        sink => format!("{many} {were} lost to {sink}: it did not take {them} in time"),
    }
}

fn many(lines: u64) -> (String, &'static str, &'static str) {
    match lines {
        1 => ("1 line".to_owned(), "was", "it"),
        lines => (format!("{} lines", grouped(lines)), "were", "them"),
    }
}

/// `GET /x 200 3.1 ms web.2`.
fn push_request(request: &Request, paint: Paint, names: &mut Names, to: &mut Vec<u8>) {
    let status = match request.status {
        0..=399 => GOOD,
        400..=499 => WARN,
        _ => BAD,
    };
    if request.method.is_empty() {
        // What it asked for could not be read.
        say(to, paint, None, "a request ");
    } else {
        let asked = format!("{} {} ", request.method, request.path);
        say(to, paint, None, &asked);
    }
    say(to, paint, Some(status), &request.status.to_string());
    say(
        to,
        paint,
        Some(DIM),
        &format!(" {}", microseconds(request.duration_us)),
    );
    if let Some(instance) = &request.instance {
        let instance = instance.to_string();
        let colour = names.of(instance.as_bytes());
        to.push(b' ');
        say(to, paint, Some(colour), &instance);
    }
    if let Some(fault) = &request.fault {
        say(to, paint, Some(BAD), &format!(": {fault}"));
    }
}

fn say(to: &mut Vec<u8>, paint: Paint, colour: Option<&str>, words: &str) {
    paint.begin(to, colour);
    // Reasons and paths come from elsewhere; a line's end in them would break the line.
    for (number, line) in words.lines().enumerate() {
        if number > 0 {
            to.push(b' ');
        }
        text::push(line.as_bytes(), paint.strict(), to);
    }
    paint.end(to, colour.is_some());
}

fn milliseconds(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
        _ => format!("{} h {} min", ms / 3_600_000, ms % 3_600_000 / 60_000),
    }
}

fn microseconds(us: u64) -> String {
    match us {
        0..100_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        _ => milliseconds(us / 1_000),
    }
}

/// `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

//! What was measured, for a terminal.

use std::fmt::Write as _;

use anstyle::Style;
use xii_runtime::load::{Bucket, Latency, Phase, Report};

use super::ink::Ink;
use super::numbers;

/// Eighths of a column.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// The report of a load, in so many columns.
pub(super) fn load(report: &Report, color: bool, width: usize) -> String {
    let ink = Ink::new(color);
    let mut text = String::new();
    let Ink { quiet, strong, .. } = ink;
    let _ = writeln!(
        text,
        "{strong}{} http://{}{}{strong:#}",
        report.method,
        report.server,
        report.paths.join(" ")
    );
    let _ = writeln!(text, "{quiet}{}{quiet:#}\n", how(report));
    counts(&mut text, report, ink);
    latencies(&mut text, report, ink);
    if report.latency.count > 0 {
        text.push('\n');
        bars(&mut text, &report.latency, ink, width);
    }
    for (name, phase) in [
        ("warm-up", &report.warm_up),
        ("after the mark", &report.after_mark),
    ] {
        if let Some(phase) = phase {
            let _ = writeln!(
                text,
                "\n{quiet}{name}, not counted above: {} requests, {} lost{quiet:#}",
                numbers::count(phase.requests),
                numbers::count(phase.lost)
            );
        }
    }
    text
}

fn how(report: &Report) -> String {
    let pace = match report.target_rate {
        Some(rate) => format!("open loop, {} requests a second due", numbers::rate(rate)),
        None => "closed loop".to_owned(),
    };
    let kept = if report.keep_alive {
        ""
    } else {
        ", one for each request"
    };
    let plural = |number: u32, one: &str| match number {
        1 => format!("1 {one}"),
        many => format!("{} {one}s", numbers::count(many.into())),
    };
    format!(
        "{pace}, {}{kept}, {}, {}",
        plural(report.connections, "connection"),
        plural(report.threads, "thread"),
        numbers::time(report.seconds * 1e6)
    )
}

fn counts(text: &mut String, report: &Report, ink: Ink) {
    let phase = &report.measured;
    let Ink { quiet, strong, .. } = ink;
    let mut row = |name: &str, style: Style, number: String, rest: &str| {
        let gap = if rest.is_empty() { "" } else { "   " };
        let _ = writeln!(
            text,
            "{quiet}{name:<10}{quiet:#}{style}{number:>12}{style:#}{gap}{rest}"
        );
    };
    row("requests", Style::new(), numbers::count(phase.requests), "");
    let answers = format!("{} a second", numbers::rate(report.rate));
    row("answered", strong, numbers::count(phase.answered), &answers);
    for (status, number) in &phase.statuses {
        let style = match status {
            0..=399 => ink.good,
            400..=499 => ink.doubtful,
            _ => ink.bad,
        };
        let of_all = share(*number, phase.requests);
        row(
            &format!("  {status}"),
            style,
            numbers::count(*number),
            &of_all,
        );
    }
    let style = if phase.lost == 0 { ink.good } else { ink.bad };
    let said = if phase.lost == 0 {
        "every request got a whole answer"
    } else {
        ""
    };
    row("lost", style, numbers::count(phase.lost), said);
    for loss in phase.losses() {
        row("", ink.bad, numbers::count(loss.count), loss.cause.words());
    }
    row(
        "received",
        Style::new(),
        numbers::bytes(phase.bytes_received),
        &opened(phase),
    );
}

fn opened(phase: &Phase) -> String {
    match phase.connections_opened {
        // Those of the warm-up were kept.
        0 => String::new(),
        1 => "over 1 connection".to_owned(),
        many => format!("over {} connections", numbers::count(many)),
    }
}

/// A share of a hundred; one that is not everything is not rounded up to it.
fn share(part: u64, all: u64) -> String {
    let share = part as f64 * 100.0 / all.max(1) as f64;
    match share {
        whole if part == all => format!("{whole:.0} %"),
        little if little < 0.01 => "under 0.01 %".to_owned(),
        much if much > 99.99 => "over 99.99 %".to_owned(),
        other => format!("{other:.2} %"),
    }
}

fn latencies(text: &mut String, report: &Report, ink: Ink) {
    let Ink { quiet, strong, .. } = ink;
    if report.latency.count == 0 {
        return;
    }
    let _ = writeln!(
        text,
        "\n{quiet}{:<10}{:>9}{:>10}{:>10}{:>10}{:>10}{:>10}{quiet:#}",
        "latency", "p50", "p90", "p99", "p99.9", "max", "mean"
    );
    let mut row = |name: &str, latency: &Latency| {
        let [p50, p90, p99, p99_9, max, mean] = [
            latency.p50,
            latency.p90,
            latency.p99,
            latency.p99_9,
            latency.max,
            latency.mean,
        ]
        .map(numbers::time);
        let _ = writeln!(
            text,
            "{name:<10}{strong}{p50:>9}{strong:#}{p90:>10}{strong}{p99:>10}{strong:#}{p99_9:>10}{max:>10}{mean:>10}"
        );
    };
    row("", &report.latency);
    if let Some(corrected) = &report.corrected {
        row("corrected", corrected);
        let interval = report
            .expected_interval_us
            .map_or(String::new(), numbers::time);
        let _ = writeln!(
            text,
            "{quiet}corrected: as if each connection had sent a request every {interval}{quiet:#}"
        );
    }
}

/// The histogram: green up to p90, yellow up to p99, red for the slowest in a hundred.
fn bars(text: &mut String, latency: &Latency, ink: Ink, width: usize) {
    let most = latency.buckets.iter().map(|bucket| bucket.count).max();
    let most = most.unwrap_or(0).max(1);
    let digits = numbers::count(most).len().max(7);
    let room = width.saturating_sub(22 + digits + 3).clamp(10, 60);
    let Ink { quiet, .. } = ink;
    for bucket in &latency.buckets {
        let style = if bucket.from >= latency.p99 {
            ink.bad
        } else if bucket.from >= latency.p90 {
            ink.doubtful
        } else {
            ink.good
        };
        let Bucket { from, to, count } = *bucket;
        let (from, to) = (numbers::time(from), numbers::time(to));
        let _ = write!(
            text,
            "{quiet}{from:>8} – {to:>8}{quiet:#} {:>digits$}",
            numbers::count(count)
        );
        if count > 0 {
            let _ = write!(text, "  {style}{}{style:#}", bar(count, most, room));
        }
        text.push('\n');
    }
}

/// A bar as long as its share of the most, in eighths of a column, and at least one.
fn bar(count: u64, most: u64, room: usize) -> String {
    let eighths = (count as f64 / most as f64 * (room * 8) as f64).round() as usize;
    let eighths = eighths.clamp(1, room * 8);
    let mut bar = "█".repeat(eighths / 8);
    if let Some(part) = (eighths % 8).checked_sub(1) {
        bar.extend(EIGHTHS.get(part));
    }
    bar
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use xii_runtime::load::Cause;

    use super::*;

    fn report() -> Report {
        let bucket = |from, to, count| Bucket { from, to, count };
        let latency = Latency {
            count: 99_960,
            min: 120.0,
            mean: 1_402.5,
            deviation: 300.0,
            p50: 850.2,
            p90: 2_300.0,
            p99: 8_450.0,
            p99_9: 12_000.0,
            max: 45_200.0,
            buckets: vec![
                bucket(100.0, 200.0, 12),
                bucket(200.0, 500.0, 0),
                bucket(500.0, 1_000.0, 88_000),
                bucket(1_000.0, 2_000.0, 10_000),
                bucket(2_000.0, 5_000.0, 1_500),
                bucket(5_000.0, 10_000.0, 400),
                bucket(10_000.0, 20_000.0, 40),
                bucket(20_000.0, 50_000.0, 8),
            ],
        };
        Report {
            server: "localhost:5000".to_owned(),
            paths: vec!["/".to_owned(), "/items?page=2".to_owned()],
            method: "GET".to_owned(),
            target_rate: None,
            connections: 16,
            threads: 1,
            keep_alive: true,
            seconds: 10.0,
            rate: 9_996.0,
            measured: Phase {
                requests: 100_000,
                answered: 99_960,
                lost: 40,
                statuses: [(200, 99_900), (404, 50), (503, 10)].into(),
                causes: [(Cause::Refused, 5), (Cause::Stale, 35)].into(),
                connections_opened: 51,
                bytes_received: 15_300_000,
                bytes_sent: 9_000_000,
            },
            corrected: Some(latency.clone()),
            expected_interval_us: Some(850.2),
            latency,
            warm_up: Some(Phase {
                requests: 2_000,
                answered: 2_000,
                ..Phase::default()
            }),
            after_mark: None,
        }
    }

    #[test]
    fn figures_stand_in_columns() {
        let text = load(&report(), false, 80);
        insta::assert_snapshot!(text, @r"
        GET http://localhost:5000/ /items?page=2
        closed loop, 16 connections, 1 thread, 10 s

        requests       100,000
        answered        99,960   9,996 a second
          200           99,900   99.90 %
          404               50   0.05 %
          503               10   0.01 %
        lost                40
                            35   kept connection closed before the answer
                             5   connection refused
        received       15.3 MB   over 51 connections

        latency         p50       p90       p99     p99.9       max      mean
                     850 µs   2.30 ms   8.45 ms     12 ms   45.2 ms   1.40 ms
        corrected    850 µs   2.30 ms   8.45 ms     12 ms   45.2 ms   1.40 ms
        corrected: as if each connection had sent a request every 850 µs

          100 µs –   200 µs      12  ▏
          200 µs –   500 µs       0
          500 µs –     1 ms  88,000  ████████████████████████████████████████████████
            1 ms –     2 ms  10,000  █████▌
            2 ms –     5 ms   1,500  ▉
            5 ms –    10 ms     400  ▎
           10 ms –    20 ms      40  ▏
           20 ms –    50 ms       8  ▏

        warm-up, not counted above: 2,000 requests, 0 lost
        ");
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
    }

    #[test]
    fn colour_changes_nothing_else() {
        let colored = load(&report(), true, 80);
        let mut plain = String::new();
        let mut rest = colored.as_str();
        while let Some((before, after)) = rest.split_once('\x1b') {
            plain.push_str(before);
            rest = after.split_once('m').expect("a whole sequence").1;
        }
        plain.push_str(rest);
        assert_eq!(plain, load(&report(), false, 80));
        assert_ne!(plain, colored);
    }

    #[test]
    fn a_run_without_answers_has_no_latencies() {
        let mut report = report();
        report.latency = Latency::default();
        report.corrected = None;
        report.measured.statuses = BTreeMap::new();
        assert!(!load(&report, false, 80).contains("latency"));
    }

    #[test]
    fn shares_are_not_rounded_to_all_or_nothing() {
        assert_eq!(share(1_000_000, 1_000_000), "100 %");
        assert_eq!(share(999_999, 1_000_000), "over 99.99 %");
        assert_eq!(share(1, 1_000_000), "under 0.01 %");
        assert_eq!(share(1, 3), "33.33 %");
    }
}

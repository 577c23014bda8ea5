//! What starts and stops came to, for a terminal.

use std::fmt::Write as _;

use anstyle::Style;
use xii_runtime::load::Phase;

use super::ink::{Ink, heading};
use super::start::Times;
use super::{numbers, stop};

/// The spread of some times.
pub(super) fn times(name: &str, times: Times, color: bool) -> String {
    let Ink { quiet, strong, .. } = Ink::new(color);
    let [min, median, p90, max] = [times.min_ms, times.median_ms, times.p90_ms, times.max_ms]
        .map(|time| numbers::time(time * 1e3));
    format!(
        "{quiet}{name:<10}{:>10}{:>10}{:>10}{:>10}{quiet:#}\n{:<10}{min:>10}{strong}{median:>10}{strong:#}{p90:>10}{max:>10}\n",
        "min", "median", "p90", "max", ""
    )
}

/// What stops under load came to.
pub(super) fn stop(report: &stop::Report, color: bool) -> String {
    let ink = Ink::new(color);
    let Ink {
        quiet, good, bad, ..
    } = ink;
    let title = format!("{}: {}", report.process, report.command);
    let how = format!(
        "{} stops under load; below, requests lost by when they began",
        numbers::count(report.runs.len() as u64)
    );
    let mut text = heading(&title, &how, color);
    text.push_str(&times("to exit", report.to_exit, color));
    let _ = writeln!(
        text,
        "\n{quiet}{:>4}{:>10}  {:<9}{:>18}{:>18}{:>18}{quiet:#}",
        "run", "to exit", "ended", "begun before", "begun after", "new connections"
    );
    for (number, run) in report.runs.iter().enumerate() {
        let style = if run.killed { bad } else { Style::new() };
        let _ = write!(
            text,
            "{:>4}{:>10}  {style}{:<9}{style:#}",
            number + 1,
            numbers::time(run.to_exit_ms * 1e3),
            run.ended,
        );
        for phase in [&run.begun_before, &run.begun_after, &run.new_connections] {
            let [lost, all] = [phase.lost, phase.requests].map(numbers::count);
            let _ = write!(text, "{:>18}", format!("{lost} of {all}"));
        }
        text.push('\n');
    }
    text.push('\n');
    for (name, phase) in [
        (
            "begun before the signal",
            sum(report, |run| &run.begun_before),
        ),
        (
            "begun after the signal",
            sum(report, |run| &run.begun_after),
        ),
        ("new connections", sum(report, |run| &run.new_connections)),
    ] {
        let answered = numbers::count(phase.answered);
        let _ = writeln!(text, "{quiet}{name:<24}{quiet:#}{answered:>10} answered");
        for loss in phase.losses() {
            let (count, words) = (numbers::count(loss.count), loss.cause.words());
            let _ = writeln!(text, "{:<24}{count:>10} {words}", "");
        }
    }
    let killed = report.runs.iter().filter(|run| run.killed).count();
    if killed > 0 {
        let _ = writeln!(
            text,
            "\n{bad}{killed} of {} did not end within the grace of {} s and had to be killed{bad:#}",
            report.runs.len(),
            report.grace
        );
    }
    let lost: u64 = report.runs.iter().map(stop::Run::lost).sum();
    let style = if lost == 0 { good } else { bad };
    let said = match lost {
        0 => "nothing was lost that was begun or taken on".to_owned(),
        1 => "1 request was lost that was begun or taken on".to_owned(),
        many => format!(
            "{} requests were lost that were begun or taken on",
            numbers::count(many)
        ),
    };
    let _ = writeln!(text, "\n{style}{said}{style:#}");
    text
}

fn sum(report: &stop::Report, of: fn(&stop::Run) -> &Phase) -> Phase {
    let mut all = Phase::default();
    for phase in report.runs.iter().map(of) {
        all.requests += phase.requests;
        all.answered += phase.answered;
        all.lost += phase.lost;
        for (cause, count) in &phase.causes {
            *all.causes.entry(*cause).or_default() += count;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use xii_runtime::load::Cause;

    use super::*;

    fn phase(answered: u64, causes: &[(Cause, u64)]) -> Phase {
        let lost = causes.iter().map(|(_, count)| count).sum();
        Phase {
            requests: answered + lost,
            answered,
            lost,
            causes: causes.iter().copied().collect(),
            ..Phase::default()
        }
    }

    fn run(to_exit_ms: f64, ended: &str, before: &[(Cause, u64)]) -> stop::Run {
        stop::Run {
            to_exit_ms,
            ended: ended.to_owned(),
            killed: ended == "SIGKILL",
            begun_before: phase(12_345, before),
            begun_after: phase(8, &[(Cause::Stale, 2), (Cause::Refused, 6)]),
            new_connections: phase(20, &[(Cause::Refused, 5)]),
        }
    }

    fn report(runs: Vec<stop::Run>) -> stop::Report {
        stop::Report {
            process: "web".to_owned(),
            command: "node server.js".to_owned(),
            grace: 30.0,
            to_exit: Times {
                min_ms: 20.0,
                median_ms: 60.5,
                p90_ms: 30_000.0,
                max_ms: 30_000.0,
            },
            runs,
        }
    }

    #[test]
    fn a_stop_tells_apart_what_was_lost_and_what_was_not() {
        let lossy = run(30_000.0, "SIGKILL", &[(Cause::Cut, 3), (Cause::Stale, 1)]);
        let text = stop(&report(vec![run(20.0, "exit 0", &[]), lossy]), false);
        insta::assert_snapshot!(text, @r"
        web: node server.js
        2 stops under load; below, requests lost by when they began

        to exit          min    median       p90       max
                       20 ms   60.5 ms      30 s      30 s

         run   to exit  ended          begun before       begun after   new connections
           1     20 ms  exit 0          0 of 12,345           8 of 16           5 of 25
           2      30 s  SIGKILL         4 of 12,349           8 of 16           5 of 25

        begun before the signal     24,690 answered
                                         3 cut in the middle of the answer
                                         1 kept connection closed before the answer
        begun after the signal          16 answered
                                        12 connection refused
                                         4 kept connection closed before the answer
        new connections                 40 answered
                                        10 connection refused

        1 of 2 did not end within the grace of 30 s and had to be killed

        4 requests were lost that were begun or taken on
        ");
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
    }

    #[test]
    fn what_a_client_sends_again_is_no_loss() {
        let clean = run(20.0, "exit 0", &[]);
        assert_eq!(clean.lost(), 0);
        let text = stop(&report(vec![clean]), false);
        assert!(
            text.ends_with("\nnothing was lost that was begun or taken on\n"),
            "{text}"
        );
        let mut taken = run(20.0, "exit 0", &[(Cause::Stale, 1)]);
        taken.new_connections = phase(1, &[(Cause::Closed, 1), (Cause::Refused, 9)]);
        assert_eq!(taken.lost(), 2);
    }
}

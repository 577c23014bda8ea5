//! What starts and stops came to, for a terminal.

use std::fmt::Write as _;

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
        "{} stops under load",
        numbers::count(report.runs.len() as u64)
    );
    let mut text = heading(&title, &how, color);
    text.push_str(&times("to exit", report.to_exit, color));
    let _ = writeln!(
        text,
        "\n{quiet}{:>4}{:>10}  {:<10}{:>17}{:>18}{:>18}{quiet:#}",
        "run", "to exit", "ended", "begun before", "begun after", "new connections"
    );
    for (number, run) in report.runs.iter().enumerate() {
        let _ = write!(
            text,
            "{:>4}{:>10}  {}{:<10}{}",
            number + 1,
            numbers::time(run.to_exit_ms * 1e3),
            if run.killed {
                bad.render().to_string()
            } else {
                String::new()
            },
            run.ended,
            if run.killed {
                bad.render_reset().to_string()
            } else {
                String::new()
            },
        );
        for (phase, width) in [
            (&run.begun_before, 17),
            (&run.begun_after, 18),
            (&run.new_connections, 18),
        ] {
            let counts = format!(
                "{} of {} lost",
                numbers::count(phase.lost),
                numbers::count(phase.requests)
            );
            let _ = write!(text, "{counts:>width$}");
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
        let mut said = vec![format!("{} answered", numbers::count(phase.answered))];
        for loss in phase.losses() {
            said.push(format!(
                "{} {}",
                numbers::count(loss.count),
                loss.cause.words()
            ));
        }
        let _ = writeln!(text, "{quiet}{name:<26}{quiet:#}{}", said.join(", "));
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

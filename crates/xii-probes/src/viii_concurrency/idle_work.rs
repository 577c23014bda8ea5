//! Leaves two instances alone and looks whether they work all the same.
//!
//! A timer in a web process runs once for each instance. The probe starts two instances, asks nothing of them, and
//! watches for some seconds: lines that they write, programs that they run, files that they write, bytes that they
//! send to resources. Work is what every instance does again and again and says in a line, together with one of the
//! others; or what repeats where the code has a schedule. A line alone may be a report of the process's own state,
//! and bytes alone may keep a pool's connections alive: neither is held against the app. What only one of the
//! instances does is not, since a lock may see to that. Nor is a line that says that a resource cannot be reached:
//! trying again is not work.
//!
//! A schedule longer than the window is not seen. Where the code has one that did not show, this cannot tell.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::time::sleep;
use xii_model::{Deed, Event, Mark, Purpose, Severity, What};

use crate::engine::{Need, Phase, Probe, Run, Setup, Stage, Steps};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "idle-work",
    criteria: &["VIII.4"],
    phase: Phase::Idle,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(120),
    alone: false,
    run,
};

/// How long is watched where the code shows no schedule, and where it does.
const SHORT: Duration = Duration::from_secs(4);
const LONG: Duration = Duration::from_secs(10);
/// What a start still has to say is not counted.
const SETTLE: Duration = Duration::from_millis(700);
/// Between two looks at the resources.
const STEP: Duration = Duration::from_millis(25);
/// A line and a deed so near to each other belong together.
const NEAR: Duration = Duration::from_millis(150);
/// So often must a line come back.
const AGAIN: usize = 2;
/// The port of name servers (RFC 1035, 4.2).
const DNS: u16 = 53;
/// What apps write while they try to reach a resource that is not there: no work was done.
const IN_VAIN: [&str; 14] = [
    "waiting for",
    "retry",
    "reconnect",
    "refused",
    "econn",
    "enotfound",
    "eai_again",
    "unavailable",
    "unreachable",
    "timed out",
    "timeout",
    "failed to connect",
    "not connect",
    "connection error",
];

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let jobs = stage.app().facts.scheduled_jobs.iter();
        let job = jobs
            .filter(|job| job.scope.is_deployed() && job.in_process && !job.guarded)
            .map(|job| format!("{} at {}", job.through, job.at))
            .next();
        let window = if job.is_some() { LONG } else { SHORT };
        let mut runs = Vec::new();
        for number in 1..=2 {
            runs.push(stage.serve(Setup::web().number(number).apart()).await?);
        }
        // Time itself is measured: nothing is to happen.
        sleep(SETTLE).await;
        stage.note(format!(
            "nothing is asked of 2 instances for {} s",
            window.as_secs()
        ));
        let watched = watch(&runs, window).await;
        for run in &runs {
            if let Some(end) = run.end().filter(|_| run.survivors().is_empty()) {
                stage.could_not_tell(
                    "VIII.4",
                    format!(
                        "{} {} while nothing was asked of it",
                        run.instance,
                        end.words()
                    ),
                );
                return Ok(());
            }
        }
        let seconds = window.as_secs();
        match judge(&watched, job.is_some()) {
            Seen::Work { line, times, beside } => {
                for one in &watched {
                    for event in one.events.iter().filter(|event| text(event).is_some_and(|text| shape(&text) == line)).take(2) {
                        stage.cite(event, Mark::Against);
                    }
                }
                stage.broken(
                    "VIII.4",
                    format!("each of 2 instances that were asked nothing did its own work: `{line}` {times} times in {seconds} s each, {beside}"),
                );
            }
            Seen::Programs(program) => stage.broken(
                "VIII.4",
                format!("each of 2 instances that were asked nothing ran {program} again and again"),
            ),
            Seen::Line(line) => stage.could_not_tell(
                "VIII.4",
                format!("each of 2 idle instances repeats `{line}`, which may be work, a report of its own state or another try to reach a resource"),
            ),
            Seen::Nothing => match job {
                Some(job) => stage.could_not_tell(
                    "VIII.4",
                    format!("the code schedules work in its own process ({job}), and none showed within {seconds} s"),
                ),
                None => stage.holds(
                    "VIII.4",
                    format!("2 instances that were asked nothing for {seconds} s did no work of their own"),
                ),
            },
        }
        for run in &runs {
            run.kill().await;
        }
        Ok(())
    })
}

/// What an instance did while nothing was asked of it.
struct Watched {
    events: Vec<Event>,
    /// When it sent bytes to a resource, and to which.
    sent: Vec<(Timestamp, String)>,
}

async fn watch(runs: &[Run], window: Duration) -> Vec<Watched> {
    let marks: Vec<usize> = runs.iter().map(|run| run.record.mark()).collect();
    let counts = |run: &Run| -> Vec<(String, u64)> {
        run.resources()
            .map(|(name, one)| (name.to_owned(), one.counts().to_resource))
            .collect()
    };
    let mut before: Vec<Vec<(String, u64)>> = runs.iter().map(counts).collect();
    let mut sent: Vec<Vec<(Timestamp, String)>> = vec![Vec::new(); runs.len()];
    let end = Instant::now() + window;
    while Instant::now() < end {
        sleep(STEP).await;
        for ((run, before), sent) in runs.iter().zip(&mut before).zip(&mut sent) {
            let now = counts(run);
            for ((name, now), (_, before)) in now.iter().zip(before.iter()) {
                if now > before {
                    sent.push((Timestamp::now(), name.clone()));
                }
            }
            *before = now;
        }
    }
    let watched = runs
        .iter()
        .zip(marks)
        .zip(sent)
        .map(|((run, mark), sent)| Watched {
            events: run.record.since(mark),
            sent,
        });
    watched.collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// A line that all repeat, with what happened beside it.
    Work {
        line: String,
        times: usize,
        beside: String,
    },
    /// A program that all ran again and again.
    Programs(String),
    /// A line that all repeat, and nothing else.
    Line(String),
    Nothing,
}

fn judge(watched: &[Watched], scheduled: bool) -> Seen {
    let mut found = Seen::Nothing;
    let lines: Vec<BTreeMap<String, Vec<Timestamp>>> = watched.iter().map(lines).collect();
    let Some(first) = lines.first() else {
        return found;
    };
    for (line, at) in first {
        let times = lines
            .iter()
            .map(|one| one.get(line).map_or(0, Vec::len))
            .min()
            .unwrap_or_default();
        if times < AGAIN {
            continue;
        }
        let lowered = line.to_ascii_lowercase();
        if IN_VAIN.iter().any(|words| lowered.contains(words)) {
            found = Seen::Line(line.clone());
            continue;
        }
        let beside: Vec<Option<String>> = watched
            .iter()
            .zip(&lines)
            .map(|(one, lines)| beside(one, lines.get(line).unwrap_or(at)))
            .collect();
        match beside
            .into_iter()
            .collect::<Option<Vec<String>>>()
            .and_then(|all| all.into_iter().next())
        {
            Some(beside) => {
                return Seen::Work {
                    line: line.clone(),
                    times,
                    beside,
                };
            }
            None if scheduled => {
                let beside = "and the code has a schedule".to_owned();
                return Seen::Work {
                    line: line.clone(),
                    times,
                    beside,
                };
            }
            None => found = Seen::Line(line.clone()),
        }
    }
    let programs: Vec<BTreeMap<String, usize>> = watched.iter().map(programs).collect();
    let repeated = programs.first().and_then(|first| {
        first.keys().find(|program| {
            programs
                .iter()
                .all(|one| one.get(*program).is_some_and(|times| *times >= AGAIN))
        })
    });
    match repeated {
        Some(program) => Seen::Programs(program.clone()),
        None => found,
    }
}

/// What the instance did to something else whenever the line came, in words.
fn beside(watched: &Watched, at: &[Timestamp]) -> Option<String> {
    let near = |one: &Timestamp, other: &Timestamp| {
        Duration::try_from(one.duration_since(*other).abs()).is_ok_and(|apart| apart <= NEAR)
    };
    let always = |moments: &[Timestamp]| {
        at.iter()
            .all(|line| moments.iter().any(|one| near(one, line)))
    };
    let mut by_resource: BTreeMap<&str, Vec<Timestamp>> = BTreeMap::new();
    for (moment, name) in &watched.sent {
        by_resource.entry(name).or_default().push(*moment);
    }
    if let Some((name, _)) = by_resource.iter().find(|(_, moments)| always(moments)) {
        return Some(format!("with traffic to {name} each time"));
    }
    let moments = |is_it: fn(&Deed) -> bool| -> Vec<Timestamp> {
        watched
            .events
            .iter()
            .filter(|event| matches!(&event.what, What::Act(act) if is_it(&act.deed)))
            .map(|event| event.at)
            .collect()
    };
    let ran = moments(|deed| matches!(deed, Deed::Executed { .. }));
    let wrote = moments(|deed| match deed {
        Deed::Opened { path, purpose } => {
            *purpose != Purpose::Read && !path.starts_with("/dev/") && !path.starts_with("/proc/")
        }
        _ => false,
    });
    // A question to a name server is not a call.
    let called = moments(|deed| match deed {
        Deed::Connected { address } => address.socket().is_none_or(|to| to.port() != DNS),
        _ => false,
    });
    [
        (ran, "with a program run"),
        (wrote, "with a file written"),
        (called, "with a connection made"),
    ]
    .into_iter()
    .find(|(moments, _)| always(moments))
    .map(|(_, what)| format!("{what} each time"))
}

/// The lines by their shape, with the times when they came.
fn lines(watched: &Watched) -> BTreeMap<String, Vec<Timestamp>> {
    let mut lines: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    for event in &watched.events {
        if let Some(text) = text(event) {
            let shape = shape(&text);
            if shape.chars().any(char::is_alphabetic) {
                lines.entry(shape).or_default().push(event.at);
            }
        }
    }
    lines
}

fn programs(watched: &Watched) -> BTreeMap<String, usize> {
    let mut programs = BTreeMap::new();
    for event in &watched.events {
        if let What::Act(act) = &event.what
            && let Deed::Executed { path, .. } = &act.deed
        {
            let name = path.rsplit('/').next().unwrap_or(path);
            *programs.entry(format!("`{name}`")).or_default() += 1;
        }
    }
    programs
}

fn text(event: &Event) -> Option<String> {
    crate::engine::text_of(event)
}

/// The longest shape of a line, in characters.
const LONGEST: usize = 120;

/// What is the same each time that a line comes: of a line in JSON its message, of any the words without digits and
/// ids.
fn shape(line: &str) -> String {
    let json: Option<serde_json::Value> = serde_json::from_str(line.trim()).ok();
    let message = json.as_ref().and_then(|json| {
        ["message", "msg", "event"]
            .iter()
            .find_map(|name| json.get(name)?.as_str())
    });
    let words = message.unwrap_or(line).split_whitespace().map(|word| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        // A word of letters and many digits is an id or a time.
        if digits * 3 > word.chars().count() || digits > 4 {
            "…".to_owned()
        } else {
            word.chars()
                .map(|one| if one.is_ascii_digit() { '…' } else { one })
                .collect()
        }
    });
    let shape: String = words.collect::<Vec<String>>().join(" ");
    shape.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use xii_model::{Act, Instance, Line, Source, Stream};

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000 + ms).expect("it is a time")
    }

    fn line(ms: i64, text: &str) -> Event {
        Event {
            at: at(ms),
            source: Source::Instance(Instance::new("web", 1)),
            release: None,
            what: What::Line(Line {
                stream: Stream::Stdout,
                bytes: text.as_bytes().to_vec(),
                continues: false,
                unterminated: false,
                level: None,
            }),
        }
    }

    fn ran(ms: i64, program: &str) -> Event {
        Event {
            what: What::Act(Act {
                pid: 7,
                deed: Deed::Executed {
                    path: program.to_owned(),
                    words: Vec::new(),
                },
            }),
            ..line(ms, "")
        }
    }

    fn watched(events: Vec<Event>, sent: &[i64]) -> Watched {
        Watched {
            events,
            sent: sent
                .iter()
                .map(|ms| (at(*ms), "REDIS_URL".to_owned()))
                .collect(),
        }
    }

    #[test]
    fn what_all_say_and_do_again_and_again_is_work() {
        let one = || {
            watched(
                vec![line(0, "tidied 1 orders"), line(1000, "tidied 2 orders")],
                &[10, 990, 1500],
            )
        };
        let Seen::Work {
            line,
            times,
            beside,
        } = judge(&[one(), one()], false)
        else {
            panic!("it is work");
        };
        assert_eq!((line.as_str(), times), ("tidied … orders", 2));
        assert!(beside.contains("REDIS_URL"));
    }

    #[test]
    fn another_try_to_reach_a_resource_is_no_work() {
        let tries = || {
            watched(
                vec![line(0, "Waiting for db"), line(1000, "Waiting for db")],
                &[10, 990],
            )
        };
        assert!(matches!(judge(&[tries(), tries()], false), Seen::Line(_)));
    }

    #[test]
    fn a_line_alone_may_be_a_report_and_bytes_alone_a_ping() {
        let report = || watched(vec![line(0, "heap 10 MB"), line(1000, "heap 11 MB")], &[]);
        assert!(matches!(judge(&[report(), report()], false), Seen::Line(_)));
        assert!(matches!(
            judge(&[report(), report()], true),
            Seen::Work { .. }
        ));
        let ping = || watched(Vec::new(), &[0, 500, 1000]);
        assert_eq!(judge(&[ping(), ping()], false), Seen::Nothing);
    }

    #[test]
    fn what_one_does_is_nobodys_fault() {
        let leader = watched(vec![line(0, "tidied"), line(1000, "tidied")], &[0, 1000]);
        assert_eq!(
            judge(&[leader, watched(Vec::new(), &[])], false),
            Seen::Nothing
        );
    }

    #[test]
    fn programs_count_without_a_line() {
        let one = || {
            watched(
                vec![ran(0, "/usr/bin/convert"), ran(900, "/usr/bin/convert")],
                &[],
            )
        };
        assert_eq!(
            judge(&[one(), one()], false),
            Seen::Programs("`convert`".to_owned())
        );
    }

    #[test]
    fn the_shape_of_a_line_is_what_stays() {
        assert_eq!(
            shape(r#"{"time":"2026-11-20T10:00:00Z","message":"tidied","times":3}"#),
            "tidied"
        );
        assert_eq!(
            shape("2026-11-20 10:00:00,123 INFO job 42 done in 3ms"),
            "… … INFO job … done in …ms"
        );
    }
}

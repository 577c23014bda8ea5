//! The open loop: due times, and what a stall costs.

use std::time::{Duration, Instant};

use xii_runtime::load::{CannotRun, Cause, Load, Pace, Span, Switch, run};

use crate::server::{HELLO, Server, Then, say};

#[test]
fn a_stall_counts_for_every_request_that_it_held_up() {
    const STALL: Duration = Duration::from_millis(300);
    let server = Server::that(|asked, stream| {
        if asked.turn == 1 {
            std::thread::sleep(STALL);
        }
        say(stream, HELLO, Then::Keep)
    });
    // Fifty requests are due within 50 ms; the only connection is free after 300.
    let load = Load {
        connections: 1,
        pace: Pace::Rate(1_000.0),
        ..server.load(50)
    };
    let report = run(&load, &Switch::default()).expect("the load runs");
    assert_eq!(report.measured.statuses, [(200, 50)].into());
    assert_eq!(report.target_rate, Some(1_000.0));
    assert!(report.latency.min >= 250_000.0, "{:?}", report.latency);
    assert!(report.latency.max >= 300_000.0, "{:?}", report.latency);
}

#[test]
fn requests_are_not_sent_before_they_are_due() {
    let server = Server::plain();
    let load = Load {
        pace: Pace::Rate(200.0),
        ..server.load(41)
    };
    let start = Instant::now();
    let report = run(&load, &Switch::default()).expect("the load runs");
    assert_eq!(report.measured.answered, 41);
    // The first is due at once, the last 40 intervals later.
    assert!(start.elapsed() >= Duration::from_millis(200));
    assert!(report.seconds >= 0.2, "{report:?}");
}

#[test]
fn what_cannot_be_sent_in_time_is_lost_and_said() {
    let server = Server::that(|_, _| Then::Hold);
    let load = Load {
        connections: 1,
        pace: Pace::Rate(100.0),
        timeout: Duration::from_millis(200),
        ..server.load(30)
    };
    let report = run(&load, &Switch::default()).expect("the load runs");
    let phase = report.measured;
    assert_eq!((phase.requests, phase.answered, phase.lost), (30, 0, 30));
    let count = |cause| phase.causes.get(&cause).copied().unwrap_or(0);
    assert_eq!(
        count(Cause::TimedOut) + count(Cause::NotSent),
        30,
        "{phase:?}"
    );
    assert_eq!(count(Cause::TimedOut), server.requests());
    assert!(count(Cause::NotSent) > 0, "{phase:?}");
}

#[test]
fn the_warm_up_is_counted_apart() {
    let server = Server::plain();
    let load = Load {
        pace: Pace::Rate(200.0),
        span: Span::For(Duration::from_millis(100)),
        warm_up: Duration::from_millis(100),
        ..server.load(1)
    };
    let report = run(&load, &Switch::default()).expect("the load runs");
    // Due at 0, 5, … 195 ms, however late they were sent.
    assert_eq!(report.measured.requests, 20);
    assert_eq!(report.warm_up.map(|phase| phase.requests), Some(20));
    assert_eq!(server.requests(), 40);
}

#[test]
fn a_load_that_makes_no_sense_is_refused() {
    let server = Server::plain();
    let good = server.load(1);
    let wrong = [
        Load {
            connections: 0,
            ..good.clone()
        },
        Load {
            threads: 0,
            ..good.clone()
        },
        Load {
            pace: Pace::Rate(0.0),
            ..good.clone()
        },
        Load {
            pace: Pace::Rate(f64::NAN),
            ..good.clone()
        },
        Load {
            span: Span::Requests(0),
            ..good.clone()
        },
        Load {
            timeout: Duration::ZERO,
            ..good.clone()
        },
        Load {
            span: Span::For(Duration::from_secs(90_000)),
            ..good
        },
    ];
    let said: Vec<_> = wrong
        .iter()
        .map(|load| match run(load, &Switch::default()) {
            Err(why @ CannotRun::Range { .. }) => why.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    the number of connections is 0: there are from 1 to 100,000
    the number of threads is 0: there are from 1 to 256
    the rate is 0: a rate is above 0 and at most 10,000,000 requests a second
    the rate is NaN: a rate is above 0 and at most 10,000,000 requests a second
    the number of requests is 0: it is at least 1
    the timeout is 0ns: it is above 0 and at most a day
    the time is 90000s: it is above 0 and at most a day
    ");
    assert_eq!(server.requests(), 0);
}

//! Much at once.

use std::time::Duration;

use xii_model::Stream;

use crate::kept::{PATIENCE, pump, start, start_after, texts, wait};

/// Prints so many numbered lines of about 60 bytes as fast as it can.
pub(crate) fn count(name: &str, lines: usize) -> String {
    format!(
        "awk 'BEGIN {{ for (i = 0; i < {lines}; i++) \
         printf \"{name} %07d the quick brown fox jumps over the lazy dog\\n\", i }}'"
    )
}

fn assert_counted(lines: &[String], name: &str, many: usize) {
    assert_eq!(lines.len(), many);
    for (at, line) in lines.iter().enumerate() {
        let whole = format!("{name} {at:07} the quick brown fox jumps over the lazy dog");
        assert_eq!(*line, whole);
    }
}

#[test]
fn four_that_write_at_once_lose_and_break_no_line() {
    let (pump, kept) = pump(&[]);
    let handle = pump.handle();
    let names = ["a.1", "b.1", "c.1", "d.1"];
    let running = names.map(|name| start(&handle, name, &count(name, 100_000)));
    for process in running {
        process.finish(&handle);
    }
    for name in names {
        assert_counted(&texts(&kept.lines(name, Stream::Stdout)), name, 100_000);
    }
    let counts = handle.counters().lines();
    assert!(counts.iter().all(|count| {
        let lines = if count.stream == Stream::Stdout {
            100_000
        } else {
            0
        };
        count.lines == lines
    }));
}

#[test]
fn what_is_written_just_before_the_end_is_kept() {
    let (pump, kept) = pump(&[]);
    let handle = pump.handle();
    let script = format!("{}; printf 'and this'; kill -9 $$", count("last", 200_000));
    start(&handle, "web.1", &script).finish(&handle);
    let mut lines = kept.lines("web.1", Stream::Stdout);
    assert!(
        lines
            .pop()
            .is_some_and(|line| line.unterminated && line.bytes == b"and this")
    );
    assert_counted(&texts(&lines), "last", 200_000);
}

#[test]
fn one_that_floods_keeps_nobody_else_from_being_heard() {
    let (pump, _kept) = pump(&[]);
    let handle = pump.handle();
    let loud = start(&handle, "loud.1", "exec yes");
    let mut heard = None;
    let quiet = start_after(&handle, "quiet.1", "echo hello", |streams| {
        let pattern = regex::bytes::Regex::new("^hello$").expect("a pattern");
        heard = Some(handle.watch(streams, pattern));
    });
    wait(heard.expect("a watch")).expect("heard");
    quiet.finish(&handle);
    loud.kill(&handle);
}

#[test]
fn finishing_reads_what_is_there() {
    let (pump, kept) = pump(&[]);
    let handle = pump.handle();
    let mut process = start(&handle, "web.1", &count("web", 500));
    process.child.wait().expect("its end");
    assert_eq!(pump.finish(PATIENCE), [("kept".to_owned(), 0)]);
    assert_counted(&texts(&kept.lines("web.1", Stream::Stdout)), "web", 500);
    // Who speaks to a pump that has ended is not left waiting.
    assert!(wait(handle.detach(&process.streams)).is_err());
    assert!(handle.subscribe(1).next_blocking().is_none());
}

#[test]
fn finishing_in_no_time_says_what_was_not_read() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    rustix::io::write(&writer, b"never read").expect("room in the pipe");
    let (pump, kept) = pump(&[]);
    let handle = pump.handle();
    // Both are asked before the thread can read: it sees them in one turn or the bytes first.
    handle.attach(
        reader.into(),
        "web.1".parse().expect("an instance"),
        Stream::Stdout,
        None,
    );
    pump.finish(Duration::ZERO);
    let events = kept.events();
    let json = serde_json::to_string(&events).expect("events are JSON");
    assert_eq!(events.len(), 1, "{json}");
    assert!(
        json.contains("never read") || json.contains("10 bytes of output were not read"),
        "{json}"
    );
}

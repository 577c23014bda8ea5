//! What comes before what.

use std::io::Write;
use std::sync::Arc;

use jiff::Timestamp;
use regex::bytes::Regex;
use xii_model::{Event, Level, Source, Stream, What};
use xii_runtime::log::record::Records;
use xii_runtime::log::sink::Sink;

use crate::kept::{pump, pump_to, start, start_after, texts, wait};

fn note(message: &str) -> Event {
    Event {
        at: Timestamp::now(),
        source: Source::Xii,
        release: None,
        what: What::Note {
            level: Level::Info,
            message: message.to_owned(),
        },
    }
}

#[test]
fn a_reaction_comes_after_the_event_that_it_answers() {
    let (pump, kept) = pump(&[]);
    let handle = pump.handle();
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    let instance: xii_model::Instance = "web.1".parse().expect("an instance");
    handle.attach(reader.into(), instance, Stream::Stdout, None);
    for number in 0..500 {
        handle.event(note(&number.to_string()));
        writeln!(writer, "{number}").expect("somebody reads");
    }
    drop(writer);
    pump.finish(crate::kept::PATIENCE);
    let mut said = None;
    let mut lines = 0;
    let mut before = Timestamp::MIN;
    for event in kept.events() {
        match event.what {
            What::Note { message, .. } => said = message.parse::<u64>().ok(),
            What::Line(line) => {
                assert!(event.at >= before, "lines do not go back in time");
                before = event.at;
                assert_eq!(String::from_utf8_lossy(&line.bytes), lines.to_string());
                assert!(said >= Some(lines), "{lines} came before its event");
                lines += 1;
            }
            other => panic!("unexpected: {other:?}"),
        }
    }
    assert_eq!((said, lines), (Some(499), 500));
}

#[test]
fn a_detached_instance_is_read_to_its_last_byte_though_a_grandchild_holds_the_pipe() {
    let (pump, kept) = pump(&[]);
    let handle = pump.handle();
    let mut process = start(&handle, "web.1", "sleep 1000 & echo $!; printf last");
    process.child.wait().expect("its end");
    wait(handle.detach(&process.streams)).expect("the pump runs");
    handle.event(note("it has ended"));
    pump.finish(crate::kept::PATIENCE);
    let lines = texts(&kept.lines("web.1", Stream::Stdout));
    assert_eq!(lines[1..], ["last"]);
    let events = kept.events();
    assert!(matches!(
        &events.last().expect("events").what,
        What::Note { .. }
    ));
    let sleeper: i32 = lines[0].parse().expect("a process id");
    let sleeper = rustix::process::Pid::from_raw(sleeper).expect("not 0");
    rustix::process::kill_process(sleeper, rustix::process::Signal::KILL).expect("it still runs");
}

#[test]
fn a_line_is_waited_for_and_its_absence_told() {
    let (pump, _kept) = pump(&[]);
    let handle = pump.handle();
    let pattern = |text| Regex::new(text).expect("a pattern");
    let mut watches = Vec::new();
    let process = start_after(
        &handle,
        "web.1",
        r"echo begin; printf 'ready on 5000\r\n' >&2",
        |streams| {
            watches.push(handle.watch(streams, pattern(r"^ready on \d+$")));
            watches.push(handle.watch(streams, pattern("never")));
            watches.push(handle.watch(&streams[..1], pattern("ready")));
        },
    );
    process.finish(&handle);
    let found: Vec<_> = watches
        .into_iter()
        .map(|watch| wait(watch).is_ok())
        .collect();
    assert_eq!(
        found,
        [true, false, false],
        "the third is of the other stream"
    );
}

#[test]
fn two_generations_of_an_instance_are_told_apart() {
    let (pump, kept) = pump(&[]);
    let handle = pump.handle();
    let old = start(&handle, "web.1", "read _ </dev/null; echo old; printf rest");
    let new = start(&handle, "web.1", "echo new");
    new.finish(&handle);
    old.finish(&handle);
    let mut lines = texts(&kept.lines("web.1", Stream::Stdout));
    lines.sort_unstable();
    assert_eq!(lines, ["new", "old", "rest"]);
    assert_eq!(handle.counters().lines()[0].lines, 3, "counted together");
}

#[test]
fn who_reads_along_sees_all_from_then_on_or_is_told_what_it_missed() {
    let (pump, kept) = pump(&[]);
    let handle = pump.handle();
    handle.event(note("before"));
    kept.wait_for_flush();
    // Blocks are offered in the order of the subscriptions, so what `quick` has seen, `slow` has not.
    let slow = handle.subscribe(1);
    let mut quick = handle.subscribe(1000);
    for number in 0..10 {
        handle.event(note(&number.to_string()));
        let block = quick.next_blocking().expect("the pump runs");
        assert_eq!(Records::of(&block).count(), 1);
    }
    assert_eq!((quick.lost(), slow.lost()), (0, 9));
}

#[test]
fn an_event_that_is_too_large_for_the_log_harms_no_other() {
    let (pump, kept) = pump(&[]);
    let handle = pump.handle();
    handle.event(note(&"x".repeat(2 << 20)));
    handle.event(note("after"));
    pump.finish(crate::kept::PATIENCE);
    let json = serde_json::to_string(&kept.events()).expect("events are JSON");
    assert!(
        json.contains("too large for the log") && json.contains("after"),
        "{json}"
    );
}

/// Takes nothing.
#[derive(Debug, Default)]
struct Full(u64);

impl Sink for Full {
    fn take(&mut self, _: &Arc<Vec<u8>>, records: u64) {
        self.0 += records;
    }

    fn flush(&mut self) {}

    fn dropped(&self) -> (String, u64) {
        ("drain tcp://192.0.2.1".to_owned(), self.0)
    }
}

#[test]
fn what_a_sink_drops_is_told_and_the_telling_is_not() {
    let (pump, kept) = pump_to(&[], vec![Box::new(Full::default())]);
    let handle = pump.handle();
    for number in 0..3 {
        handle.event(note(&number.to_string()));
    }
    let counters = handle.counters();
    let (name, dropped) = pump.finish(crate::kept::PATIENCE).remove(0);
    assert_eq!(name, "drain tcp://192.0.2.1");
    let told: Vec<_> = kept
        .events()
        .into_iter()
        .filter_map(|event| match event.what {
            What::Dropped { sink, lines } if sink == name => Some(lines),
            _ => None,
        })
        .collect();
    // The telling was dropped as well, and that is not told for its own sake.
    assert_eq!(dropped, 3 + told.len() as u64);
    assert!((3..dropped).contains(&told.iter().sum()), "{told:?}");
    assert!(counters.dropped()[&name] >= 3);
}

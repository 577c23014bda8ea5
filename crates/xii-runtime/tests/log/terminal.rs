//! A terminal that takes all, little, or nothing.

use std::io::{BufRead, BufReader, PipeReader, Read};
use std::os::fd::OwnedFd;

use xii_model::{Stream, What};
use xii_runtime::log::ndjson::Ndjson;
use xii_runtime::log::pump::{Pump, PumpHandle};
use xii_runtime::log::render::{Renderer, Settings};
use xii_runtime::log::terminal::{Terminal, View};

use crate::floods::count;
use crate::kept::{Kept, PATIENCE, pump_to, start};

fn pump_on_terminal(view: impl View + 'static) -> (Pump, Kept, PipeReader) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let terminal = Terminal::start(OwnedFd::from(writer), view).expect("a thread");
    let (pump, kept) = pump_to(&[], vec![Box::new(terminal)]);
    (pump, kept, reader)
}

fn plain() -> Renderer {
    Renderer::new(Settings::default())
}

fn run(handle: &PumpHandle, name: &str, lines: usize) {
    start(handle, name, &count(name, lines)).finish(handle);
}

/// The texts of all lines, after what stands before them.
fn texts(shown: &str) -> Vec<&str> {
    let text = |line: &str| line.find("| ").map(|at| at + 2);
    shown
        .lines()
        .map(|line| &line[text(line).unwrap_or(0)..])
        .collect()
}

#[test]
fn all_is_shown_to_one_who_reads() {
    let (pump, _kept, mut reader) = pump_on_terminal(plain());
    let handle = pump.handle();
    let reading = std::thread::spawn(move || {
        let mut shown = String::new();
        reader.read_to_string(&mut shown).map(|_| shown)
    });
    run(&handle, "web.1", 50_000);
    assert_eq!(pump.finish(PATIENCE)[0], ("terminal".to_owned(), 0));
    let shown = reading.join().expect("a reader").expect("text");
    let texts = texts(&shown);
    assert_eq!(texts.len(), 50_000);
    for (at, text) in texts.iter().enumerate() {
        assert!(text.starts_with(&format!("web.1 {at:07} the")), "{text}");
    }
}

#[test]
fn a_terminal_that_takes_nothing_holds_nobody_up_and_is_told_what_it_missed() {
    let (pump, kept, reader) = pump_on_terminal(plain());
    let handle = pump.handle();
    // Nobody reads until the process has ended: far more than is held for the terminal.
    run(&handle, "web.1", 200_000);
    assert_eq!(kept.lines("web.1", Stream::Stdout).len(), 200_000);
    let mut missed = 0;
    let mut seen = 0;
    let mut lines = BufReader::new(reader).lines();
    while seen + missed != 200_000 {
        let line = lines.next().expect("the rest is said").expect("text");
        if let Some(number) = line.strip_prefix("xii: ") {
            let (number, rest) = number.split_once(' ').expect("a number");
            assert_eq!(
                rest,
                "lines were not shown here: the terminal did not take them; `xii logs` has them"
            );
            let number: usize = number.replace(',', "").parse().expect("a number");
            missed += number;
        } else {
            let expected = format!(
                "web.1 {:07} the quick brown fox jumps over the lazy dog",
                seen + missed
            );
            assert_eq!(texts(&line), [expected]);
            seen += 1;
        }
    }
    assert!(missed > 0);
    run(&handle, "web.2", 1);
    let line = lines.next().expect("it flows again").expect("text");
    assert!(line.contains("web.2 0000000"), "{line}");
    assert_eq!(
        pump.finish(PATIENCE)[0],
        ("terminal".to_owned(), missed as u64)
    );
    let told: u64 = kept
        .events()
        .iter()
        .filter_map(|event| match &event.what {
            What::Dropped { sink, lines } if sink == "terminal" => Some(*lines),
            _ => None,
        })
        .sum();
    assert_eq!(told, missed as u64, "the stream tells it too");
    assert!(lines.next().is_none(), "and the terminal is not told twice");
}

#[test]
fn an_end_comes_though_the_terminal_takes_nothing() {
    let (pump, kept, mut reader) = pump_on_terminal(plain());
    let handle = pump.handle();
    run(&handle, "web.1", 5_000);
    let (_, dropped) = pump.finish(PATIENCE).remove(0);
    assert_eq!(kept.lines("web.1", Stream::Stdout).len(), 5_000);
    // No line is missing that is not counted. What the pipe took of a write that did not end is in both.
    let mut shown = Vec::new();
    rustix::io::ioctl_fionbio(&reader, true).expect("a pipe");
    // The end is EAGAIN: the thread still holds the other side.
    let _ = reader.read_to_end(&mut shown);
    let lines = memchr::memchr_iter(b'\n', &shown).count() as u64;
    assert!(
        lines > 0 && (5_000 - lines..=5_000).contains(&dropped),
        "{lines} and {dropped}"
    );
}

#[test]
fn the_app_runs_on_when_nobody_reads_any_more() {
    let (pump, kept, reader) = pump_on_terminal(plain());
    let handle = pump.handle();
    drop(reader);
    run(&handle, "web.1", 100_000);
    assert_eq!(kept.lines("web.1", Stream::Stdout).len(), 100_000);
    assert_eq!(pump.finish(PATIENCE)[0], ("terminal".to_owned(), 0));
}

#[test]
fn a_terminal_that_was_made_non_blocking_is_waited_for() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let writer = OwnedFd::from(writer);
    let flags = rustix::fs::fcntl_getfl(&writer).expect("flags");
    rustix::fs::fcntl_setfl(&writer, flags | rustix::fs::OFlags::NONBLOCK).expect("set");
    let terminal = Terminal::start(writer, plain()).expect("a thread");
    let (pump, _kept) = pump_to(&[], vec![Box::new(terminal)]);
    let handle = pump.handle();
    let reading = std::thread::spawn(move || BufReader::new(reader).lines().count());
    run(&handle, "web.1", 20_000);
    pump.finish(PATIENCE);
    assert_eq!(reading.join().expect("a reader"), 20_000);
}

#[test]
fn json_is_one_object_a_line() {
    let (pump, kept, mut reader) = pump_on_terminal(Ndjson::default());
    let handle = pump.handle();
    start(
        &handle,
        "web.1",
        r#"echo '{"level":"warn"}'; printf '\377' >&2"#,
    )
    .finish(&handle);
    pump.finish(PATIENCE);
    let mut shown = String::new();
    reader.read_to_string(&mut shown).expect("text");
    let events: Vec<xii_model::Event> = shown
        .lines()
        .map(|line| serde_json::from_str(line).expect("an event"))
        .collect();
    assert_eq!(events, kept.events());
    assert_eq!(events.len(), 2);
}

#[test]
fn what_a_full_disk_does_not_take_is_counted() {
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("a device");
    let terminal = Terminal::start(full.into(), plain()).expect("a thread");
    let (pump, kept) = pump_to(&[], vec![Box::new(terminal)]);
    let handle = pump.handle();
    run(&handle, "web.1", 10_000);
    let (_, dropped) = pump.finish(PATIENCE).remove(0);
    assert_eq!(kept.lines("web.1", Stream::Stdout).len(), 10_000);
    // What tells of the loss may be lost as well.
    assert!(dropped >= 10_000, "{dropped}");
}

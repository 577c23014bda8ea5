//! What becomes of bytes.

use std::fs::File;
use std::io::Write;

use xii_model::{Instance, Level, Stream, What};
use xii_runtime::log::pump::CAP;

use crate::kept::{pump, start, texts, wait};

#[test]
fn both_streams_are_kept_with_who_wrote_and_what_ran() {
    let (pump, kept) = pump(&[]);
    let handle = pump.handle();
    start(&handle, "web.2", "echo out; echo err >&2").finish(&handle);
    assert_eq!(texts(&kept.lines("web.2", Stream::Stdout)), ["out"]);
    assert_eq!(texts(&kept.lines("web.2", Stream::Stderr)), ["err"]);
    assert!(
        kept.events()
            .iter()
            .all(|event| event.release.as_deref() == Some("v7"))
    );
    let counts = handle.counters().lines();
    assert_eq!(counts.len(), 2);
    assert_eq!((counts[0].lines, counts[0].bytes), (1, 4));
    assert_eq!((counts[1].stream, counts[1].lines), (Stream::Stderr, 1));
}

#[test]
fn bytes_that_are_no_text_are_kept() {
    let (pump, kept) = pump(&[]);
    let handle = pump.handle();
    start(&handle, "web.1", r"printf '\377\376\000ok\r\n\nrest\303'").finish(&handle);
    let lines = kept.lines("web.1", Stream::Stdout);
    let bytes: Vec<_> = lines.iter().map(|line| line.bytes.as_slice()).collect();
    assert_eq!(bytes, [&b"\xff\xfe\0ok\r"[..], b"", b"rest\xc3"]);
    let unterminated: Vec<_> = lines.iter().map(|line| line.unterminated).collect();
    assert_eq!(unterminated, [false, false, true]);
}

#[test]
fn ten_megabytes_without_a_line_end_are_kept_in_pieces() {
    let (pump, kept) = pump(&[]);
    let handle = pump.handle();
    let script = "head -c 10485760 /dev/zero | tr '\\0' x; echo; echo after";
    start(&handle, "web.1", script).finish(&handle);
    let lines = kept.lines("web.1", Stream::Stdout);
    let (after, pieces) = lines.split_last().expect("lines");
    assert_eq!(after.bytes, b"after");
    let (last, before) = pieces.split_last().expect("pieces");
    assert!(before.iter().all(|line| line.continues) && !last.continues);
    assert!(pieces.iter().all(|line| line.bytes.len() <= CAP));
    let length: usize = pieces.iter().map(|line| line.bytes.len()).sum();
    assert_eq!(length, 10 << 20);
    assert_eq!(handle.counters().lines()[0].lines, 2);
}

#[test]
fn a_process_that_closes_its_stdout_runs_on() {
    let (pump, kept) = pump(&[]);
    let handle = pump.handle();
    start(&handle, "web.1", "echo one; exec >&-; echo two >&2").finish(&handle);
    assert_eq!(texts(&kept.lines("web.1", Stream::Stdout)), ["one"]);
    assert_eq!(texts(&kept.lines("web.1", Stream::Stderr)), ["two"]);
}

#[test]
fn secrets_are_hidden_also_where_a_long_line_is_cut() {
    let secret = "s3cr3t-s3cr3t-s3cr3t";
    let (pump, kept) = pump(&[secret]);
    let handle = pump.handle();
    let script = format!(
        "echo a {secret} b; head -c {} /dev/zero | tr '\\0' x; echo {secret}",
        CAP - 5
    );
    start(&handle, "web.1", &script).finish(&handle);
    let lines = texts(&kept.lines("web.1", Stream::Stdout));
    assert_eq!(lines[0], "a [hidden] b");
    assert_eq!(lines[1].len(), CAP - 5);
    assert_eq!(lines[2], "[hidden]");
}

#[test]
fn secrets_are_hidden_also_where_a_read_ends() {
    let (pump, kept) = pump(&["s3cr3t-s3cr3t"]);
    let handle = pump.handle();
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    let instance = Instance::new("web", 1);
    let id = handle.attach(reader.into(), instance, Stream::Stdout, None);
    let text = "clean\na s3cr3t-s3cr3t b\nclean s3cr3t-s3cr3t";
    for part in text.as_bytes().chunks(7) {
        let before = handle
            .counters()
            .lines()
            .first()
            .map_or(0, |count| count.bytes);
        writer.write_all(part).expect("somebody reads");
        // The next part is a read of its own.
        while handle
            .counters()
            .lines()
            .first()
            .is_none_or(|count| count.bytes == before)
        {
            std::thread::yield_now();
        }
    }
    drop(writer);
    wait(handle.detach(&[id])).expect("the pump runs");
    assert_eq!(
        texts(&kept.lines("web.1", Stream::Stdout)),
        ["clean", "a [hidden] b", "clean [hidden]"]
    );
}

#[test]
fn what_cannot_be_waited_for_is_said() {
    let (pump, kept) = pump(&[]);
    let handle = pump.handle();
    let file = tempfile::tempfile().expect("a file");
    let stream = handle.attach(
        File::into(file),
        Instance::new("web", 1),
        Stream::Stdout,
        None,
    );
    wait(handle.detach(&[stream])).expect("the pump runs");
    let [event] = &kept.events()[..] else {
        panic!("one event");
    };
    let What::Note { level, message } = &event.what else {
        panic!("a note");
    };
    assert_eq!(*level, Level::Error);
    assert!(
        message.starts_with("its output cannot be read: "),
        "{message}"
    );
}

//! What was appended to the log store comes back, whole, once, and in order.

mod made;
mod model;

use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant, SystemTime};

use made::{Made, SMALL, append, ask, block, folder, read, segments};
use regex::bytes::Regex;
use xii_model::Level;
use xii_runtime::log::sink::Sink;
use xii_runtime::store::{Filter, Kinds, Query, Settings, Store, Watch};

#[test]
fn files_are_for_the_user_alone_and_made_when_needed() {
    let (_made, log) = folder();
    let mut store = Store::open(&log, SMALL).expect("a store");
    assert!(segments(&log).is_empty());
    append(&mut store, &[Made::new(1, "web.1", "a")]);
    let files = segments(&log);
    assert_eq!(files.len(), 1);
    let mode = |path: &Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
    };
    assert_eq!(mode(&files[0]) & 0o777, 0o600);
    assert_eq!(mode(&log) & 0o777, 0o700);
    assert_eq!(store.dropped(), ("store".to_owned(), 0));
}

#[test]
fn the_oldest_segments_make_room() {
    let (_made, log) = folder();
    let settings = Settings {
        segment_bytes: 1000,
        total_bytes: 5000,
    };
    let all: Vec<_> = (0..500)
        .map(|n| Made::new(n, "web.1", format!("line {n}")))
        .collect();
    // Several starts, each with segments of its own.
    for records in all.chunks(100) {
        let mut store = Store::open(&log, settings).expect("a store");
        for records in records.chunks(3) {
            append(&mut store, records);
            let bytes = segments(&log).into_iter().map(|path| {
                let found = fs::metadata(path).expect("it is there");
                found.len()
            });
            assert!(bytes.sum::<u64>() <= 5000);
        }
    }
    let kept = ask(&log, Filter::default(), None);
    assert!(kept.len() > 50, "{}", kept.len());
    assert_eq!(kept, all[all.len() - kept.len()..]);
}

#[test]
fn small_segments_of_many_starts_are_kept() {
    let (_made, log) = folder();
    for n in 0..50 {
        let mut store = Store::open(&log, Settings::default()).expect("a store");
        append(&mut store, &[Made::new(n, "web.1", "a")]);
    }
    assert_eq!(segments(&log).len(), 50);
    assert_eq!(ask(&log, Filter::default(), None).len(), 50);
    assert_eq!(ask(&log, Filter::default(), Some(7)).len(), 7);
}

#[test]
fn a_folder_that_was_deleted_is_made_again() {
    let (_made, log) = folder();
    let mut store = Store::open(&log, SMALL).expect("a store");
    append(&mut store, &[Made::new(1, "web.1", "gone")]);
    fs::remove_dir_all(&log).expect("it can be removed");
    append(&mut store, &[Made::new(2, "web.1", "kept")]);
    assert_eq!(store.dropped().1, 0);
    assert_eq!(
        ask(&log, Filter::default(), None),
        [Made::new(2, "web.1", "kept")]
    );
}

#[test]
fn what_cannot_be_written_is_counted_and_then_tried_again() {
    let (_made, log) = folder();
    let mut store = Store::open(&log, SMALL).expect("a store");
    fs::remove_dir(&log).expect("it can be removed");
    // Nobody, not even root, makes files below a file.
    fs::write(&log, b"").expect("a file");
    append(
        &mut store,
        &[Made::new(1, "web.1", "a"), Made::new(1, "web.1", "b")],
    );
    assert_eq!(store.dropped().1, 2);
    fs::remove_file(&log).expect("it can be removed");
    append(&mut store, &[Made::new(2, "web.1", "kept")]);
    assert_eq!(store.dropped().1, 2);
    assert_eq!(
        ask(&log, Filter::default(), None),
        [Made::new(2, "web.1", "kept")]
    );
}

#[test]
fn a_torn_end_hides_nothing_else() {
    let (_made, log) = folder();
    let first = [Made::new(1, "web.1", "a"), Made::new(2, "web.1", "torn")];
    append(&mut Store::open(&log, SMALL).expect("a store"), &first);
    let path = segments(&log).remove(0);
    let length = fs::metadata(&path).expect("it is there").len();
    let file = fs::OpenOptions::new().write(true).open(&path);
    file.and_then(|file| file.set_len(length - 1))
        .expect("it can be cut");
    let second = Made::new(3, "web.1", "b");
    let mut store = Store::open(&log, SMALL).expect("a store");
    append(&mut store, std::slice::from_ref(&second));
    let expected = [first[0].clone(), second];
    for last in [None, Some(2), Some(9)] {
        assert_eq!(ask(&log, Filter::default(), last), expected, "{last:?}");
    }
    assert_eq!(ask(&log, Filter::default(), Some(1)), expected[1..]);
}

#[test]
fn damage_is_told_and_what_stands_before_it_is_read() {
    let (_made, log) = folder();
    let first = Made::new(1, "web.1", "a");
    append(
        &mut Store::open(&log, SMALL).expect("a store"),
        std::slice::from_ref(&first),
    );
    let path = segments(&log).remove(0);
    let mut bytes = fs::read(&path).expect("it can be read");
    bytes.extend([0; 5000]);
    fs::write(&path, bytes).expect("it can be written");
    let mut query = Query::new(&log, Filter::default(), None).expect("it can be asked");
    assert_eq!(read(&mut query), std::slice::from_ref(&first));
    assert_eq!(query.damaged(), [path]);
    assert_eq!(ask(&log, Filter::default(), Some(5)), [first]);
}

#[test]
fn segments_that_are_too_old_or_too_new_are_not_opened() {
    let (_made, log) = folder();
    let hour = 3600 * 1_000_000_000_i64;
    let now = 500_000 * hour;
    for (ago, text) in [(9, "old"), (5, "asked for"), (0, "new")] {
        let mut store = Store::open(&log, SMALL).expect("a store");
        append(&mut store, &[Made::new(now - ago * hour, "web.1", text)]);
        let path = segments(&log).pop().expect("a segment");
        let modified = Duration::from_nanos((now - ago * hour) as u64);
        let file = fs::OpenOptions::new()
            .write(true)
            .open(&path)
            .expect("it is there");
        file.set_modified(SystemTime::UNIX_EPOCH + modified)
            .expect("it can be set");
    }
    // What would be found if it were opened.
    let old = segments(&log).remove(0);
    fs::write(
        &old,
        block(&[Made::new(now - 5 * hour, "web.1", "passed over")]).as_slice(),
    )
    .expect("it can be written");
    let file = fs::OpenOptions::new()
        .write(true)
        .open(&old)
        .expect("it is there");
    let modified = Duration::from_nanos((now - 9 * hour) as u64);
    file.set_modified(SystemTime::UNIX_EPOCH + modified)
        .expect("it can be set");
    let filter = Filter {
        since_ns: Some(now - 6 * hour),
        until_ns: Some(now - 2 * hour),
        ..Filter::default()
    };
    let expected = [Made::new(now - 5 * hour, "web.1", "asked for")];
    assert_eq!(ask(&log, filter.clone(), None), expected);
    assert_eq!(ask(&log, filter, Some(10)), expected);
}

#[test]
fn a_large_segment_is_read_from_its_end() {
    let (_made, log) = folder();
    // A record that is larger than what is read at once, among many small ones.
    let all: Vec<_> = (0..30_000)
        .map(|n| match n % 10_000 {
            5_000 => Made::new(n, "web.1", "long ".repeat(120_000)),
            _ => Made::new(n, "web.1", format!("line {n}")),
        })
        .collect();
    let mut store = Store::open(&log, Settings::default()).expect("a store");
    for records in all.chunks(1000) {
        append(&mut store, records);
    }
    assert_eq!(segments(&log).len(), 1);
    assert!(ask(&log, Filter::default(), None) == all);
    for last in [1, 999, 4_999, 5_000, 17_000, 29_999, 40_000] {
        let from = all.len().saturating_sub(last);
        let read = ask(&log, Filter::default(), Some(last as u64));
        assert!(read == all[from..], "the last {last}");
    }
    let long = Filter {
        grep: Some(Regex::new("^long").expect("a pattern")),
        ..Filter::default()
    };
    assert!(ask(&log, long, Some(2)) == [all[15_000].clone(), all[25_000].clone()]);
}

#[test]
fn events_are_apart_from_lines() {
    use xii_model::{Event, Source, What};
    let (_made, log) = folder();
    let mut block = Vec::new();
    Made::new(1, "web.1", "a line").push(&mut block);
    for (n, code) in [(2, 0), (3, 1)] {
        let event = Event {
            at: jiff::Timestamp::from_nanosecond(n).expect("a time"),
            source: Source::Xii,
            release: None,
            what: What::Exited {
                code: Some(code),
                signal: None,
                after_ms: 5,
            },
        };
        xii_runtime::log::record::push_event(&mut block, &event);
    }
    let mut store = Store::open(&log, SMALL).expect("a store");
    store.take(&Arc::new(block), 3);
    let times = |filter: Filter| {
        let mut times = Vec::new();
        let mut query = Query::new(&log, filter, None).expect("it can be asked");
        let _ = query
            .read(|record| {
                times.push(record.at_ns);
                ControlFlow::<()>::Continue(())
            })
            .expect("it can be read");
        times
    };
    let kinds = |kinds| Filter {
        kinds,
        ..Filter::default()
    };
    assert_eq!(times(kinds(Kinds::Lines)), [1]);
    assert_eq!(times(kinds(Kinds::Events)), [2, 3]);
    let failed = Filter {
        level: Some(Level::Error),
        ..Filter::default()
    };
    assert_eq!(times(failed), [3]);
}

#[test]
fn a_follower_sees_every_record_once_while_segments_come_and_go() {
    let (_made, log) = folder();
    let all = 20_000;
    let mut before = Store::open(&log, Settings::default()).expect("a store");
    append(
        &mut before,
        &[
            Made::new(0, "xii", "before"),
            Made::new(0, "xii", "asked for"),
        ],
    );
    let mut watch = Watch::new(&log);
    let mut query = Query::new(&log, Filter::default(), Some(1)).expect("it can be asked");
    assert_eq!(read(&mut query), [Made::new(0, "xii", "asked for")]);

    let (begun, begin) = channel();
    let writers: Vec<_> = ["web.1", "worker.1"]
        .into_iter()
        .map(|source| {
            let (log, begun) = (log.clone(), begun.clone());
            std::thread::spawn(move || {
                let settings = Settings {
                    segment_bytes: 20_000,
                    total_bytes: 1 << 30,
                };
                let mut store = Store::open(&log, settings).expect("a store");
                let records: Vec<_> = (0..all)
                    .map(|n| Made::new(n, source, format!("{source} {n}")))
                    .collect();
                begun.send(()).expect("the test waits");
                for records in records.chunks(7) {
                    append(&mut store, records);
                }
                assert_eq!(store.dropped().1, 0);
            })
        })
        .collect();
    begin.recv().expect("they begin");
    let mut seen = Vec::new();
    let patience = Instant::now() + Duration::from_secs(120);
    while seen.len() < 2 * all as usize {
        assert!(Instant::now() < patience, "only {} came", seen.len());
        watch.wait();
        query.look_again().expect("it is listed");
        seen.extend(read(&mut query));
    }
    for writer in writers {
        writer.join().expect("it wrote all");
    }
    query.look_again().expect("it is listed");
    assert!(read(&mut query).is_empty());
    assert!(segments(&log).len() > 20);
    for source in ["web.1", "worker.1"] {
        let own = seen.iter().filter(|made| made.source == source);
        assert!(own.map(|made| made.at_ns).eq(0..all), "{source}");
    }
}

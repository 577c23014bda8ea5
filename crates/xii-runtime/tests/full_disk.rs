//! A log store whose disk is full, and one whose files may not grow: the app goes on, and the loss is
//! counted to the line.
//!
//! Both are states of a process, so each test runs itself again in a process of its own.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use rustix::process::{Resource, Rlimit, setrlimit};
use xii_model::Stream;
use xii_runtime::log::record::{LineHead, push_line};
use xii_runtime::log::sink::Sink;
use xii_runtime::store::{Filter, Query, Settings, Store};

/// Where the inner run of a test keeps its log.
const FOLDER: &str = "XII_TEST_FOLDER";
const EACH: u64 = 10;
const WIDTH: usize = 1000;

fn block(from: u64) -> Arc<Vec<u8>> {
    let mut block = Vec::new();
    for n in from..from + EACH {
        let head = LineHead {
            source: "web.1",
            release: "",
            stream: Stream::Stdout,
            continues: false,
            unterminated: false,
            level: None,
        };
        push_line(&mut block, n as i64, head, &[b'x'; WIDTH]);
    }
    Arc::new(block)
}

fn kept(log: &Path) -> Vec<i64> {
    let mut times = Vec::new();
    let mut query = Query::new(log, Filter::default(), None).expect("it can be asked");
    let all = query.read(|record| {
        times.push(record.at_ns);
        ControlFlow::<()>::Continue(())
    });
    assert!(all.expect("it can be read").is_continue());
    assert!(query.damaged().is_empty());
    times
}

/// Appends so many blocks; the records that were counted as dropped.
fn append(store: &mut Store, blocks: std::ops::Range<u64>) -> u64 {
    for n in blocks {
        store.take(&block(n * EACH), EACH);
    }
    store.dropped().1
}

/// The log of the inner run, when this is one.
fn inner() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(|folder| Path::new(&folder).join("log"))
}

/// Runs a test of this program again, by a shell that does this first.
fn again(shell: &str, words: &[&str], first: &str, test: &str, folder: &Path) -> Output {
    Command::new(shell)
        .args(words)
        .arg(format!("{first} && exec \"$0\" \"$@\""))
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", "--nocapture", test])
        .env(FOLDER, folder)
        .output()
        .expect("a shell")
}

#[test]
fn a_file_that_may_not_grow_is_followed_by_another() {
    let Some(log) = inner() else {
        let folder = tempfile::tempdir().expect("a folder");
        // The signal that comes with the refusal would end the process.
        let test = "a_file_that_may_not_grow_is_followed_by_another";
        let done = again("sh", &["-c"], "trap '' XFSZ", test, folder.path());
        assert!(done.status.success(), "{done:?}");
        return;
    };
    let limit = Some(64_000);
    let rule = Rlimit {
        current: limit,
        maximum: limit,
    };
    setrlimit(Resource::Fsize, rule).expect("a limit");
    let settings = Settings::default();
    let mut store = Store::open(&log, settings).expect("a store");
    assert_eq!(append(&mut store, 0..50), 0);
    assert!(kept(&log).into_iter().eq(0..500));
    // A block that no file has room for is divided among several.
    let big: Vec<u8> = (50..70).flat_map(|n| block(n * EACH).to_vec()).collect();
    store.take(&Arc::new(big), 20 * EACH);
    assert_eq!(store.dropped().1, 0);
    assert!(kept(&log).into_iter().eq(0..700));
    // And a record that no file has room for is lost alone.
    let mut huge = Vec::new();
    let head = LineHead {
        source: "web.1",
        release: "",
        stream: Stream::Stdout,
        continues: false,
        unterminated: false,
        level: None,
    };
    push_line(&mut huge, 0, head, &[b'x'; 70_000]);
    store.take(&Arc::new(huge), 1);
    assert_eq!(store.dropped().1, 1);
    assert_eq!(append(&mut store, 70..71), 1);
    assert!(kept(&log).into_iter().eq(0..710));
}

#[test]
fn a_full_disk_loses_only_what_it_has_no_room_for() {
    let Some(log) = inner() else {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().display();
        let test = "a_full_disk_loses_only_what_it_has_no_room_for";
        // In a name space of its own, so that nothing is left mounted however it ends.
        let mount = format!("mount -t tmpfs -o size=1m,mode=700 xii '{path}'");
        let words = ["--user", "--map-root-user", "--mount", "sh", "-c"];
        let may = Command::new("unshare").args(words).arg(&mount).output();
        if !may.is_ok_and(|may| may.status.success()) {
            let why = "this system lets nobody mount a small disk";
            println!("skipped: {test}: {why}");
            if let Some(list) = std::env::var_os("XII_SKIPPED") {
                let file = std::fs::OpenOptions::new().append(true).open(list);
                let mut file = file.expect("the list of skipped tests");
                writeln!(file, "{test}: {why}").expect("it can be written");
            }
            return;
        }
        let done = again("unshare", &words, &mount, test, folder.path());
        assert!(done.status.success(), "{done:?}");
        return;
    };
    let ballast = log.with_file_name("ballast");
    std::fs::write(&ballast, vec![0; 700 << 10]).expect("there is room");
    let mut store = Store::open(&log, Settings::default()).expect("a store");
    let lost = append(&mut store, 0..100);
    assert!(lost > 0, "the disk is full");
    let before = kept(&log);
    assert_eq!(before.len() as u64 + lost, 1000);
    assert!(before.iter().copied().eq(0..before.len() as i64));
    // What is full now may have room a moment later.
    std::fs::remove_file(&ballast).expect("it is there");
    assert_eq!(append(&mut store, 100..120), lost);
    let after = kept(&log);
    assert_eq!(after[..before.len()], before);
    assert!(after[before.len()..].iter().copied().eq(1000..1200));
    let segments = std::fs::read_dir(&log).expect("a folder").count();
    assert_eq!(
        segments, 1,
        "a full disk is no reason to begin another file"
    );
}

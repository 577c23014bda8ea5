//! What the log store costs: appending, and answering the usual questions of a full one.

use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use xii_model::{Level, Stream};
use xii_runtime::log::record::{LineHead, push_line};
use xii_runtime::log::sink::Sink;
use xii_runtime::store::{Filter, Query, Settings, Store, pattern};

/// As the pump hands them on.
const BLOCK: usize = 128 << 10;

/// Lines of 100 bytes, one every microsecond; every thousandth is an error.
fn block(at_ns: &mut i64) -> (Arc<Vec<u8>>, u64) {
    let mut block = Vec::with_capacity(BLOCK + 200);
    let mut records = 0;
    while block.len() < BLOCK {
        let number = *at_ns / 1000;
        let head = LineHead {
            source: "web.1",
            release: "",
            stream: Stream::Stdout,
            continues: false,
            unterminated: false,
            level: (number % 1000 == 0).then_some(Level::Error),
        };
        let line = format!("{number:012} GET /orders/{:076}", number % 97);
        push_line(&mut block, *at_ns, head, line.as_bytes());
        *at_ns += 1000;
        records += 1;
    }
    (Arc::new(block), records)
}

fn now_ns() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_nanos() as i64)
}

fn ask(folder: &Path, filter: Filter, last: Option<u64>) -> u64 {
    let mut count = 0;
    let mut query = Query::new(folder, filter, last).expect("it can be asked");
    let read = query.read(|record| {
        black_box(record);
        count += 1;
        ControlFlow::<()>::Continue(())
    });
    assert!(read.expect("it can be read").is_continue());
    count
}

fn store(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path();
    let mut store = Store::open(log, Settings::default()).expect("a store");
    let mut at_ns = now_ns() - Duration::from_secs(60).as_nanos() as i64;
    let (one, records) = block(&mut at_ns);

    let mut group = criterion.benchmark_group("store");
    group.throughput(Throughput::Bytes(one.len() as u64));
    group.bench_function("append", |bencher| {
        bencher.iter(|| store.take(&one, records))
    });
    assert_eq!(store.dropped().1, 0);
    drop(store);

    // Full, of lines that differ.
    let mut store = Store::open(log, Settings::default()).expect("a store");
    let mut last = at_ns;
    for _ in 0..(140 << 20) / BLOCK {
        let (block, records) = block(&mut at_ns);
        store.take(&block, records);
        last = at_ns;
    }
    group.throughput(Throughput::Elements(1));
    group.sample_size(10);
    for count in [100, 100_000] {
        group.bench_function(format!("the last {count}"), |bencher| {
            bencher.iter(|| assert_eq!(ask(log, Filter::default(), Some(count)), count));
        });
    }
    let errors = Filter {
        level: Some(Level::Error),
        ..Filter::default()
    };
    group.bench_function("the last 100 errors", |bencher| {
        bencher.iter(|| assert_eq!(ask(log, errors.clone(), Some(100)), 100));
    });
    let since = Filter {
        since_ns: Some(last - 1_000_000),
        ..Filter::default()
    };
    group.bench_function("since a millisecond before the end", |bencher| {
        bencher.iter(|| ask(log, since.clone(), None));
    });
    group.bench_function("all of 128 MiB", |bencher| {
        bencher.iter(|| ask(log, Filter::default(), None));
    });
    let grep = Filter {
        grep: Some(pattern("orders/0*42").expect("a pattern")),
        ..Filter::default()
    };
    group.bench_function("all of 128 MiB by a pattern", |bencher| {
        bencher.iter(|| ask(log, grep.clone(), None));
    });
    group.finish();
}

criterion_group!(benches, store);
criterion_main!(benches);

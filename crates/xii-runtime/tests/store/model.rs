//! Whatever is written and asked for, the answer is that of a list.

use proptest::prelude::*;
use regex::bytes::Regex;
use xii_model::{Level, Stream};
use xii_runtime::store::{Filter, Store};

use crate::made::{Made, SMALL, append, ask, folder};

fn level() -> impl Strategy<Value = Option<Level>> {
    use Level::{Debug, Error, Fatal, Info, Trace, Warn};
    proptest::option::of(proptest::sample::select(vec![
        Trace, Debug, Info, Warn, Error, Fatal,
    ]))
}

fn made() -> impl Strategy<Value = Made> {
    let sources = vec!["web.1", "web.2", "webhook.1", "router"];
    let text = "[ab]{0,3}(needle)?[ab]{0,40}";
    let stream = prop_oneof![Just(Stream::Stdout), Just(Stream::Stderr)];
    (
        0..50_i64,
        proptest::sample::select(sources),
        level(),
        stream,
        text,
    )
        .prop_map(|(at_ns, source, level, stream, text)| Made {
            at_ns,
            source: source.to_owned(),
            level,
            stream,
            text,
        })
}

/// What a filter asks for, said once more in other words.
fn wanted(filter: &Filter, process: Option<&str>, made: &Made) -> bool {
    let level = match (made.level, made.stream) {
        (Some(level), _) => level,
        (None, Stream::Stdout) => Level::Info,
        (None, Stream::Stderr) => Level::Warn,
    };
    let process = process.is_none_or(|process| {
        made.source == process
            || made
                .source
                .rsplit_once('.')
                .is_some_and(|(name, _)| name == process)
    });
    process
        && filter.level.is_none_or(|least| level >= least)
        && made.at_ns >= filter.since_ns.unwrap_or(i64::MIN)
        && made.at_ns <= filter.until_ns.unwrap_or(i64::MAX)
        && (filter.grep.is_none() || made.text.contains("needle"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_question_is_answered_as_by_a_list(
        // One list for each writer; numbered in the order of their times.
        mut writers in proptest::collection::vec(proptest::collection::vec(made(), 0..60), 1..4),
        chunk in 1..9_usize,
        process in proptest::option::of(proptest::sample::select(vec!["web", "web.1", "router", "none"])),
        level in level(),
        since_ns in proptest::option::of(0..50_i64),
        until_ns in proptest::option::of(0..50_i64),
        grep in any::<bool>(),
        last in proptest::option::of(0..70_u64),
    ) {
        let (_made, log) = folder();
        let mut all = Vec::new();
        for (number, records) in writers.iter_mut().enumerate() {
            records.sort_by_key(|made| made.at_ns);
            // No two writers share a time: which of them comes first would be chance.
            for made in records.iter_mut() {
                made.at_ns = made.at_ns * 4 + number as i64;
            }
            let mut store = Store::open(&log, SMALL).expect("a store");
            for records in records.chunks(chunk) {
                append(&mut store, records);
            }
            all.extend(records.iter().cloned());
        }
        all.sort_by_key(|made| made.at_ns);
        let filter = Filter {
            processes: process.iter().map(|name| name.parse().expect("a name")).collect(),
            level,
            since_ns: since_ns.map(|at| at * 4),
            until_ns: until_ns.map(|at| at * 4),
            grep: grep.then(|| Regex::new("ne+dle").expect("a pattern")),
            ..Filter::default()
        };
        all.retain(|made| wanted(&filter, process, made));
        let from = last.map_or(0, |last| all.len().saturating_sub(last as usize));
        prop_assert_eq!(ask(&log, filter, last), &all[from..]);
    }
}

//! Where the last records begin that a filter asks for: the segments of all writers, read from their
//! ends.
//!
//! Only places are kept, two for each writer and those of one stretch of a segment, so that any number
//! of records costs no memory.

use std::collections::{BTreeMap, BinaryHeap};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::cursor::Start;
use super::filter::{Filter, SLACK};
use super::folder::{Entry, Id};
use super::merge::Chains;
use super::segment::{Found, Segment};
use crate::log::record::Records;

/// For each writer of whose records some are among the last `count` that match, where to begin. Fewer
/// match: where the first of them stands.
pub(crate) fn last(
    folder: &Path,
    chains: &Chains,
    filter: &Filter,
    count: u64,
) -> io::Result<BTreeMap<u32, Start>> {
    let mut starts = BTreeMap::new();
    let mut tails: BTreeMap<u32, Tail> = BTreeMap::new();
    // By time and writer, largest first. A writer's last record is looked for when nothing is left that
    // was certainly written after it.
    let mut heads = BinaryHeap::new();
    for (writer, segments) in chains {
        let latest = segments.last().map_or(UNIX_EPOCH, |last| last.modified);
        let latest = latest.checked_add(SLACK).unwrap_or(latest);
        heads.push((nanoseconds(latest), *writer, false));
        tails.insert(*writer, Tail::new(segments));
    }
    let mut left = count;
    while left > 0
        && let Some((_, writer, known)) = heads.pop()
    {
        let Some(tail) = tails.get_mut(&writer) else {
            continue;
        };
        if known && let Some((id, offset)) = tail.pop() {
            starts.insert(writer, Start::At(id, offset));
            left -= 1;
        }
        if let Some(at) = tail.head(folder, filter)? {
            heads.push((at, writer, true));
        }
    }
    Ok(starts)
}

fn nanoseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

/// The segments of one writer, read from their ends.
struct Tail<'a> {
    /// Those that were not looked at yet, and the one that is read.
    before: &'a [Entry],
    newest: Option<Id>,
    reading: Option<Reading>,
}

struct Reading {
    id: Id,
    segment: Segment,
    /// Where the stretches begin that were not looked at yet, and the last of them ends.
    marks: Vec<u64>,
    /// Times and places of the matches in the last stretch that was looked at.
    matches: Vec<(i64, u64)>,
}

impl<'a> Tail<'a> {
    fn new(segments: &'a [Entry]) -> Self {
        Tail {
            before: segments,
            newest: segments.last().map(|last| last.id),
            reading: None,
        }
    }

    /// The time of the last match that was not taken.
    fn head(&mut self, folder: &Path, filter: &Filter) -> io::Result<Option<i64>> {
        loop {
            if let Some(reading) = &mut self.reading {
                if let Some((at, _)) = reading.matches.last() {
                    return Ok(Some(*at));
                }
                if reading.look(filter)? {
                    continue;
                }
                self.reading = None;
            }
            let Some((entry, before)) = self.before.split_last() else {
                return Ok(None);
            };
            self.before = before;
            let Some(file) = entry.id.open(folder)? else {
                continue;
            };
            let limit = if Some(entry.id) == self.newest {
                entry.length
            } else {
                u64::MAX
            };
            let mut segment = Segment::new(file, 0, limit);
            let first = segment.find()? == Found::Record;
            let first = first.then(|| segment.record()).flatten();
            if first.is_some_and(|first| !filter.is_after(first.at_ns)) {
                self.reading = Some(Reading {
                    id: entry.id,
                    marks: segment.marks()?,
                    segment,
                    matches: Vec::new(),
                });
            }
        }
    }

    /// Takes the last match, whose time was asked for.
    fn pop(&mut self) -> Option<(Id, u64)> {
        let reading = self.reading.as_mut()?;
        let (_, offset) = reading.matches.pop()?;
        Some((reading.id, offset))
    }
}

impl Reading {
    /// Looks through the stretch before the last one; whether there was one.
    fn look(&mut self, filter: &Filter) -> io::Result<bool> {
        let Some(end) = self.marks.pop() else {
            return Ok(false);
        };
        let Some(begin) = self.marks.last().copied() else {
            return Ok(false);
        };
        let bytes = self.segment.between(begin, end)?;
        let mut records = Records::of(&bytes);
        loop {
            let offset = begin + (bytes.len() - records.rest().len()) as u64;
            let Some(record) = records.next() else { break };
            if filter.matches(&record) {
                self.matches.push((record.at_ns, offset));
            }
        }
        Ok(true)
    }
}

//! How far the segments of one writer were read.

use std::collections::VecDeque;
use std::io;
use std::path::Path;

use super::folder::{Entry, Id};
use super::segment::{Found, Segment};
use crate::log::record::Record;

/// Where reading begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start {
    /// With this record of this segment.
    At(Id, u64),
    /// After all that is there now.
    End,
}

/// How far the segments of one writer were read.
#[derive(Debug)]
pub(crate) struct Cursor {
    /// The segment that is read, and those after it.
    ahead: VecDeque<Entry>,
    /// Where the next record begins in the first of them.
    offset: u64,
    /// Records that end here, or before it, are passed over.
    skip: u64,
    open: Option<Segment>,
    /// A segment with bytes that are no record, and how long it was when they were met.
    damaged: Option<(Id, u64)>,
}

impl Cursor {
    /// Begins with the first of these segments.
    pub(crate) fn new(segments: &[Entry], start: Option<Start>) -> Self {
        let (from, offset, skip) = match start {
            None => (0, 0, 0),
            Some(Start::At(id, offset)) => {
                let from = segments.partition_point(|entry| entry.id < id);
                (from, offset, 0)
            }
            Some(Start::End) => {
                let skip = segments.last().map_or(0, |last| last.length);
                (segments.len().saturating_sub(1), 0, skip)
            }
        };
        Cursor {
            ahead: segments[from..].iter().copied().collect(),
            offset,
            skip,
            open: None,
            damaged: None,
        }
    }

    /// Takes what a new listing says of the writer's segments.
    pub(crate) fn update(&mut self, segments: &[Entry]) {
        for entry in segments {
            let newer = self.ahead.back().is_none_or(|last| last.id < entry.id);
            if newer {
                self.ahead.push_back(*entry);
            } else if let Some(known) = self.ahead.iter_mut().find(|known| known.id == entry.id) {
                known.length = entry.length;
            }
        }
    }

    /// The time of the next record; `None` when all that was listed is read.
    pub(crate) fn head(&mut self, folder: &Path) -> io::Result<Option<i64>> {
        loop {
            let Some(entry) = self.ahead.front() else {
                return Ok(None);
            };
            // Another segment was begun after the writer was done with this one.
            let last = self.ahead.len() == 1;
            let mut segment = match self.open.take() {
                Some(segment) => segment,
                None => {
                    let stuck = self.damaged == Some((entry.id, entry.length));
                    if last && (stuck || entry.length <= self.offset.max(self.skip)) {
                        return Ok(None);
                    }
                    let limit = if last { entry.length } else { u64::MAX };
                    match entry.id.open(folder)? {
                        Some(file) => Segment::new(file, self.offset, limit),
                        None if last => return Ok(None),
                        None => {
                            self.go_on();
                            continue;
                        }
                    }
                }
            };
            match segment.find()? {
                Found::Record if segment.record_end() <= self.skip => {
                    segment.pass();
                    self.open = Some(segment);
                }
                Found::Record => {
                    let at = segment.record().map(|record| record.at_ns);
                    self.open = Some(segment);
                    return Ok(at);
                }
                found => {
                    if found == Found::Damage {
                        self.damaged = Some((entry.id, entry.length));
                    }
                    if last {
                        self.offset = segment.offset();
                        return Ok(None);
                    }
                    self.go_on();
                }
            }
        }
    }

    /// The next record, after its time was asked for.
    pub(crate) fn record(&self) -> Option<Record<'_>> {
        self.open.as_ref()?.record()
    }

    /// Goes past the next record, after its time was asked for.
    pub(crate) fn pass(&mut self) {
        if let Some(segment) = &mut self.open {
            segment.pass();
        }
    }

    /// Gives back its file and its memory until it is asked again.
    pub(crate) fn rest(&mut self) {
        if let Some(segment) = self.open.take() {
            self.offset = segment.offset();
        }
    }

    /// The segment that could not be read to its end, if the last such one is known.
    pub(crate) fn damaged(&self) -> Option<Id> {
        self.damaged.map(|(id, _)| id)
    }

    fn go_on(&mut self) {
        self.ahead.pop_front();
        (self.offset, self.skip) = (0, 0);
    }
}

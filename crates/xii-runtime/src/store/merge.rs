//! Reading the segments of all writers as one stream, in order of time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::cursor::{Cursor, Start};
use super::filter::Filter;
use super::folder::{self, Entry, Id};
use crate::log::record::Record;

/// Cursors that keep their files open while others are read.
const OPEN: usize = 8;

/// The segments of each writer, in order.
pub(crate) type Chains = BTreeMap<u32, Vec<Entry>>;

/// What is there of what a filter can ask for.
pub(crate) fn chains(folder: &Path, filter: &Filter) -> io::Result<Chains> {
    let mut chains = Chains::new();
    for entry in folder::list(folder)? {
        if !filter.is_before(entry.modified) {
            chains.entry(entry.id.writer).or_default().push(entry);
        }
    }
    Ok(chains)
}

/// Reads the segments of all writers: the records of each in the order in which they were written, and
/// those of several by their times.
#[derive(Debug)]
pub(crate) struct Merge {
    folder: PathBuf,
    cursors: BTreeMap<u32, Cursor>,
}

impl Merge {
    /// Reads these segments, from where it is said of each writer, or else from the beginning.
    pub(crate) fn new(
        folder: &Path,
        chains: &Chains,
        start: impl Fn(u32) -> Option<Start>,
    ) -> Self {
        let cursor = |(writer, segments): (&u32, &Vec<Entry>)| {
            (*writer, Cursor::new(segments, start(*writer)))
        };
        Merge {
            folder: folder.to_owned(),
            cursors: chains.iter().map(cursor).collect(),
        }
    }

    /// Takes what was written since.
    pub(crate) fn update(&mut self, chains: &Chains) {
        self.cursors.retain(|writer, _| chains.contains_key(writer));
        for (writer, segments) in chains {
            match self.cursors.get_mut(writer) {
                Some(cursor) => cursor.update(segments),
                None => {
                    self.cursors.insert(*writer, Cursor::new(segments, None));
                }
            }
        }
    }

    /// Reads all that was listed and was not read before.
    pub(crate) fn read<B>(
        &mut self,
        filter: &Filter,
        mut each: impl FnMut(&Record<'_>) -> ControlFlow<B>,
    ) -> io::Result<ControlFlow<B>> {
        let mut heads = BinaryHeap::new();
        for (writer, cursor) in &mut self.cursors {
            if let Some(at) = cursor.head(&self.folder)? {
                heads.push(Reverse((at, *writer)));
                if heads.len() > OPEN {
                    cursor.rest();
                }
            }
        }
        while let Some(Reverse((_, writer))) = heads.pop() {
            let Some(cursor) = self.cursors.get_mut(&writer) else {
                continue;
            };
            let next = heads.peek().map(|Reverse(next)| *next);
            while let Some(at) = cursor.head(&self.folder)? {
                if next.is_some_and(|next| (at, writer) > next) {
                    heads.push(Reverse((at, writer)));
                    if heads.len() > OPEN {
                        cursor.rest();
                    }
                    break;
                }
                if filter.is_after(at) {
                    break;
                }
                if let Some(record) = cursor.record()
                    && filter.matches(&record)
                    && let ControlFlow::Break(why) = each(&record)
                {
                    return Ok(ControlFlow::Break(why));
                }
                cursor.pass();
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The segments that could not be read to their ends.
    pub(crate) fn damaged(&self) -> impl Iterator<Item = PathBuf> {
        let ids = self.cursors.values().filter_map(Cursor::damaged);
        ids.map(|id: Id| id.path(&self.folder))
    }
}

//! Asking the store.

use std::collections::BTreeSet;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::backward;
use super::cursor::Start;
use super::filter::Filter;
use super::merge::{Merge, chains};
use crate::log::record::Record;

/// Names of sources that are told at most.
const SOURCES: usize = 64;

/// What is read of a log folder: first what is there, then, as often as it is asked, what has come since.
///
/// Each record that the filter asks for comes exactly once, whichever segments are begun and deleted
/// meanwhile, unless its segment is deleted before it was read. Memory is bounded: no file and no list of
/// records is ever held whole.
#[derive(Debug)]
pub struct Query {
    folder: PathBuf,
    filter: Filter,
    merge: Merge,
}

impl Query {
    /// Looks at what is there. With `last`: only so many of the records that match, the newest.
    ///
    /// # Errors
    /// The folder or one of its segments cannot be read. That there is no folder is no error: there may
    /// be one later.
    pub fn new(folder: &Path, filter: Filter, last: Option<u64>) -> io::Result<Self> {
        let chains = chains(folder, &filter)?;
        let merge = match last {
            None => Merge::new(folder, &chains, |_| None),
            Some(count) => {
                let starts = backward::last(folder, &chains, &filter, count)?;
                Merge::new(folder, &chains, |writer| {
                    Some(starts.get(&writer).copied().unwrap_or(Start::End))
                })
            }
        };
        Ok(Query {
            folder: folder.to_owned(),
            filter,
            merge,
        })
    }

    /// Hands over what was there when it was looked at last and was not handed over before, until told
    /// to stop: after that, nothing more is to be asked.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub fn read<B>(
        &mut self,
        each: impl FnMut(&Record<'_>) -> ControlFlow<B>,
    ) -> io::Result<ControlFlow<B>> {
        self.merge.read(&self.filter, each)
    }

    /// Looks again at what is there.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn look_again(&mut self) -> io::Result<()> {
        self.merge.update(&chains(&self.folder, &self.filter)?);
        Ok(())
    }

    /// Segments that hold bytes which are no records. What follows these in the segment was left out.
    pub fn damaged(&self) -> Vec<PathBuf> {
        self.merge.damaged().collect()
    }

    /// Whether anything was ever written to this folder and is kept.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn has_anything(folder: &Path) -> io::Result<bool> {
        let entries = super::folder::list(folder)?;
        Ok(entries.iter().any(|entry| entry.length > 0))
    }

    /// Who wrote what is there, by name; the first 64 of them. All of it is read for that.
    ///
    /// # Errors
    /// The folder or one of its segments cannot be read.
    pub fn sources(folder: &Path) -> io::Result<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        let mut query = Query::new(folder, Filter::default(), None)?;
        let _ = query.read(|record| {
            let name = String::from_utf8_lossy(record.source);
            if !names.contains(name.as_ref()) {
                names.insert(name.into_owned());
            }
            if names.len() < SOURCES {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        Ok(names)
    }
}

//! Appending blocks to segments.

use std::collections::hash_map::RandomState;
use std::fs::{self, DirBuilder, File};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::folder::{self, Id};
use crate::log::record::Records;
use crate::log::sink::Sink;

/// Segments that are kept however small they are: each start of `up` begins one.
const MOST_SEGMENTS: usize = 1024;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of a segment; a block is never divided, so that one may have a block's size more.
    pub segment_bytes: u64,
    /// Bytes of all segments of the folder.
    pub total_bytes: u64,
}

impl Default for Settings {
    /// 16 segments of 8 MiB.
    fn default() -> Self {
        Settings {
            segment_bytes: 8 << 20,
            total_bytes: 128 << 20,
        }
    }
}

impl Settings {
    /// Room for this many bytes of log in all: in sixteen segments, of 64 KiB at least.
    pub fn of_total(bytes: u64) -> Self {
        let segment_bytes = (bytes / 16).max(64 << 10);
        Settings {
            segment_bytes,
            total_bytes: bytes.max(2 * segment_bytes),
        }
    }
}

/// Writes the stream to a log folder, one `write` for each block.
///
/// Nothing is held back, and nothing is synchronised to the disk: what was taken outlives the process
/// however it ends, but not a power cut. What cannot be written is counted as dropped, and every later
/// block is tried again: a disk that is full now may have room a moment later.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    settings: Settings,
    writer: u32,
    segment: Option<Segment>,
    dropped: u64,
}

#[derive(Debug)]
struct Segment {
    id: Id,
    file: File,
    length: u64,
}

impl Store {
    /// A writer to this folder, which is made where it is missing. Its first segment is begun with the
    /// first block.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(folder: &Path, settings: Settings) -> io::Result<Self> {
        make(folder)?;
        folder::list(folder)?;
        // Keys of a hasher are the only random numbers of the standard library.
        let random = RandomState::new().build_hasher().finish();
        Ok(Store {
            folder: folder.to_owned(),
            settings,
            writer: (random ^ u64::from(std::process::id())) as u32,
            segment: None,
            dropped: 0,
        })
    }

    /// Appends a block. On an error: the bytes at its beginning, all of whole records, that were kept.
    fn append(&mut self, block: &[u8]) -> Result<(), usize> {
        let mut kept = 0;
        loop {
            let rest = &block[kept..];
            let segment = self.segment_for(rest.len()).map_err(|_| kept)?;
            let (written, error) = write(&mut segment.file, rest);
            let Some(error) = error else {
                segment.length += written as u64;
                return Ok(());
            };
            let whole = whole(&rest[..written]);
            let before = segment.length;
            segment.length += whole as u64;
            kept += whole;
            let progress = segment.length > 0 && (before > 0 || whole > 0);
            if segment.file.set_len(segment.length).is_err() {
                // Its end is torn, and readers stop there.
                self.segment = None;
            }
            // A file that may not grow, unlike a disk that is full, leaves room for another file.
            if error.kind() != ErrorKind::FileTooLarge || !progress {
                return Err(kept);
            }
            self.segment = None;
        }
    }

    /// The segment that these many bytes go to.
    fn segment_for(&mut self, bytes: usize) -> io::Result<&mut Segment> {
        let fits = |segment: &Segment| {
            segment.length == 0 || segment.length + bytes as u64 <= self.settings.segment_bytes
        };
        // Another writer, or somebody who tidies up, may have deleted the file.
        let there = |segment: &Segment| {
            rustix::fs::fstat(&segment.file).is_ok_and(|found| found.st_nlink > 0)
        };
        match self.segment.take() {
            Some(segment) if fits(&segment) && there(&segment) => Ok(self.segment.insert(segment)),
            _ => {
                let segment = self.begin()?;
                Ok(self.segment.insert(segment))
            }
        }
    }

    /// Makes room, then a segment.
    fn begin(&self) -> io::Result<Segment> {
        make(&self.folder)?;
        let entries = folder::list(&self.folder)?;
        let number = entries.last().map_or(0, |last| last.id.number);
        let mut total: u64 = entries.iter().map(|entry| entry.length).sum();
        let mut count = entries.len();
        for entry in &entries {
            let room = self.settings.total_bytes.saturating_sub(total);
            if room >= self.settings.segment_bytes && count < MOST_SEGMENTS {
                break;
            }
            // What cannot be removed now is tried again with the next segment.
            if fs::remove_file(entry.id.path(&self.folder)).is_ok() {
                total -= entry.length;
                count -= 1;
            }
        }
        let id = Id {
            number: number.saturating_add(1),
            writer: self.writer,
        };
        Ok(Segment {
            id,
            file: id.create(&self.folder)?,
            length: 0,
        })
    }
}

impl Sink for Store {
    fn take(&mut self, block: &Arc<Vec<u8>>, records: u64) {
        if block.is_empty() {
            return;
        }
        if let Err(kept) = self.append(block) {
            let kept = Records::of(&block[..kept]).count() as u64;
            self.dropped += records.saturating_sub(kept);
        }
    }

    fn flush(&mut self) {}

    fn dropped(&self) -> (String, u64) {
        ("store".to_owned(), self.dropped)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // One that could be made but never written to.
        if let Some(segment) = &self.segment
            && segment.length == 0
        {
            let _ = fs::remove_file(segment.id.path(&self.folder));
        }
    }
}

/// The bytes of the whole records at the beginning.
fn whole(bytes: &[u8]) -> usize {
    let mut records = Records::of(bytes);
    records.by_ref().for_each(drop);
    bytes.len() - records.rest().len()
}

/// Makes the folder, for the user alone.
fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Writes all, in one call where the system takes it in one; how much was written, and why not more.
fn write(file: &mut File, bytes: &[u8]) -> (usize, Option<io::Error>) {
    let mut written = 0;
    while written < bytes.len() {
        match file.write(&bytes[written..]) {
            Ok(0) => return (written, Some(ErrorKind::WriteZero.into())),
            Ok(count) => written += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (written, Some(error)),
        }
    }
    (written, None)
}

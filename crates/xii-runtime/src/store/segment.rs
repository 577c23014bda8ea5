//! Reading one segment, from any record on.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;

use crate::log::record::{LARGEST, Record, Records};

/// Bytes that are read at once, unless a record needs more.
const READ: usize = 256 << 10;
/// Bytes that are read at first.
const FIRST: usize = 4 << 10;
/// Bytes of a record's length.
const LENGTH: usize = 4;

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A whole record.
    Record,
    /// Nothing, or the beginning of a record whose rest may be written yet.
    End,
    /// Bytes that are no record.
    Damage,
}

/// A segment that is read.
#[derive(Debug)]
pub(crate) struct Segment {
    file: File,
    /// Bytes of the file that are read; those after it are not looked at.
    limit: u64,
    buffer: Vec<u8>,
    /// Where the next record begins: in the buffer, and in the file.
    start: usize,
    offset: u64,
    /// Where what was read into the buffer ends.
    end: usize,
    /// Bytes of the next record, once it was found.
    next: usize,
    /// Bytes that are read at once: few at first, since often only the first record is asked for.
    step: usize,
}

impl Segment {
    /// Begins at this byte of the file, which a record must begin at.
    pub(crate) fn new(file: File, offset: u64, limit: u64) -> Self {
        Segment {
            file,
            limit,
            buffer: Vec::new(),
            start: 0,
            offset,
            end: 0,
            next: 0,
            step: FIRST,
        }
    }

    /// Where the next record begins in the file.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Where the next record ends in the file, after it was found.
    pub(crate) fn record_end(&self) -> u64 {
        self.offset + self.next as u64
    }

    /// Looks at the next record.
    pub(crate) fn find(&mut self) -> io::Result<Found> {
        if self.next > 0 {
            return Ok(Found::Record);
        }
        loop {
            let read = &self.buffer[self.start..self.end];
            let wanted = match whole(read) {
                Whole::Record(length) => {
                    self.next = length;
                    return Ok(Found::Record);
                }
                Whole::No => return Ok(Found::Damage),
                Whole::Needs(wanted) => wanted,
            };
            if self.read_on(wanted)? == 0 {
                // A writer may take back what is not whole: it is read again when there is more.
                self.end = self.start;
                return Ok(Found::End);
            }
        }
    }

    /// The next record, after it was found.
    pub(crate) fn record(&self) -> Option<Record<'_>> {
        Records::of(&self.buffer[self.start..self.start + self.next]).next()
    }

    /// Goes past the next record, after it was found.
    pub(crate) fn pass(&mut self) {
        self.start += self.next;
        self.offset += self.next as u64;
        self.next = 0;
    }

    /// Places where records begin, about a read apart, and where the last whole one ends. What is left
    /// is read through once for them.
    pub(crate) fn marks(&mut self) -> io::Result<Vec<u64>> {
        let mut marks = vec![self.offset];
        let mut last = self.offset;
        while self.find()? == Found::Record {
            if self.offset - last >= READ as u64 {
                last = self.offset;
                marks.push(last);
            }
            self.pass();
        }
        if self.offset > last {
            marks.push(self.offset);
        }
        self.buffer = Vec::new();
        (self.start, self.end) = (0, 0);
        Ok(marks)
    }

    /// Reads the bytes between two marks: a read and a record at most; fewer where the file was cut.
    pub(crate) fn between(&self, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(to - from).unwrap_or(READ)];
        let mut held = 0;
        while held < bytes.len() {
            match read_at(&self.file, &mut bytes[held..], from + held as u64)? {
                0 => break,
                count => held += count,
            }
        }
        bytes.truncate(held);
        Ok(bytes)
    }

    /// Reads more into the buffer, which is to hold this many bytes from the next record on.
    fn read_on(&mut self, wanted: usize) -> io::Result<usize> {
        let held = self.end - self.start;
        let position = self.offset + held as u64;
        let left = self.limit.saturating_sub(position);
        if left == 0 {
            return Ok(0);
        }
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, held);
        let size = wanted.max(self.step);
        self.step = READ.min(self.step * 4);
        if self.buffer.len() < size {
            self.buffer.resize(size, 0);
        }
        let room = self.buffer.len() - held;
        let room = usize::try_from(left).map_or(room, |left| room.min(left));
        let count = read_at(&self.file, &mut self.buffer[held..held + room], position)?;
        self.end += count;
        Ok(count)
    }
}

fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    loop {
        match file.read_at(buffer, position) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

enum Whole {
    /// A record of this many bytes.
    Record(usize),
    /// This many bytes are needed to tell.
    Needs(usize),
    /// No record begins so.
    No,
}

fn whole(bytes: &[u8]) -> Whole {
    let Some((length, _)) = bytes.split_first_chunk::<LENGTH>() else {
        return Whole::Needs(LENGTH);
    };
    let length = u32::from_le_bytes(*length) as usize;
    if length > LARGEST {
        return Whole::No;
    }
    match bytes.get(..LENGTH + length) {
        None => Whole::Needs(LENGTH + length),
        Some(record) if Records::of(record).next().is_some() => Whole::Record(LENGTH + length),
        Some(_) => Whole::No,
    }
}

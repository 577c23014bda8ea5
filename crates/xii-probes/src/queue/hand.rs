//! A worker that is watched.

use jiff::Timestamp;

use super::marks::{is_count, line_shape};
use crate::engine::Run;
use crate::interposer::Watched;

/// A worker, with what it says of jobs to its resources and in its lines.
#[derive(Debug)]
pub struct Hand {
    /// The worker.
    pub run: Run,
    /// For each job what looks for it on the way to each resource.
    pub(super) watched: Vec<(String, Vec<Watched>)>,
}

impl Hand {
    /// Whether it had anything to do with a job.
    pub fn knows(&self, id: &str) -> bool {
        self.named(id) > 0 || !self.shapes(id).is_empty()
    }

    /// How many times it named a job to its resources.
    pub fn named(&self, id: &str) -> u64 {
        let of_job = self.watched.iter().filter(|(known, _)| known == id);
        of_job.flat_map(|(_, all)| all).map(Watched::seen).sum()
    }

    /// What it wrote of a job, without what is another each time, and when. A number in a line may count anything.
    pub fn shapes(&self, id: &str) -> Vec<(Timestamp, String)> {
        if is_count(id) {
            return Vec::new();
        }
        let lines = self.run.record.lines(None);
        let texts = lines
            .iter()
            .map(|(at, line)| (*at, String::from_utf8_lossy(&line.bytes).into_owned()));
        texts
            .filter(|(_, text)| text.contains(id))
            .map(|(at, text)| (at, line_shape(&text)))
            .collect()
    }
}

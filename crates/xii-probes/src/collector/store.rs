//! What a collector has received.

use std::collections::BTreeSet;

use super::export::{Export, Signal};
use super::span::Span;

/// How many spans are kept; what comes later is counted.
const MOST_SPANS: usize = 20_000;

/// How many names of metrics are kept.
const MOST_METRICS: usize = 1000;

/// How many refusals are kept with their reason.
const MOST_REFUSALS: usize = 20;

/// What was received since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests of exporters that were accepted.
    pub exports: u64,
    /// Spans.
    pub spans: u64,
    /// Metrics, each time that they came.
    pub metrics: u64,
    /// Log records.
    pub logs: u64,
    /// Spans that are counted and not kept: there were too many, or their ids were not valid.
    pub not_kept: u64,
    /// Requests that were refused: another path, or nothing that can be read.
    pub refused: u64,
}

/// What is kept of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    pub(super) spans: Vec<Span>,
    pub(super) metrics: BTreeSet<String>,
    pub(super) refusals: Vec<String>,
    pub(super) counts: Counts,
}

impl Store {
    pub(super) fn add(&mut self, signal: Signal, export: Export) {
        self.counts.exports += 1;
        match signal {
            Signal::Traces => {
                let room = MOST_SPANS - self.spans.len();
                let kept = export.spans.len().min(room);
                self.counts.spans += export.items;
                self.counts.not_kept += export.items - kept as u64;
                self.spans.extend(export.spans.into_iter().take(room));
            }
            Signal::Metrics => {
                self.counts.metrics += export.items;
                for name in export.metrics {
                    if self.metrics.len() < MOST_METRICS {
                        self.metrics.insert(name);
                    }
                }
            }
            Signal::Logs => self.counts.logs += export.items,
        }
    }

    pub(super) fn refuse(&mut self, why: String) {
        self.counts.refused += 1;
        if self.refusals.len() < MOST_REFUSALS {
            self.refusals.push(why);
        }
    }
}

//! What the stream looks like.

use crate::log::ndjson::Ndjson;
use crate::log::record::Record;
use crate::log::render::Renderer;

/// Makes bytes of records.
pub trait View: Send {
    /// Appends a record.
    fn record(&mut self, record: &Record<'_>, to: &mut Vec<u8>);
    /// Appends that lines were dropped here.
    fn not_shown(&mut self, lines: u64, to: &mut Vec<u8>);
    /// Completes what was begun: nothing follows for now.
    fn finish(&mut self, to: &mut Vec<u8>);
}

impl View for Renderer {
    fn record(&mut self, record: &Record<'_>, to: &mut Vec<u8>) {
        Renderer::record(self, record, to);
    }

    fn not_shown(&mut self, lines: u64, to: &mut Vec<u8>) {
        Renderer::not_shown(self, lines, to);
    }

    fn finish(&mut self, to: &mut Vec<u8>) {
        Renderer::finish(self, to);
    }
}

impl View for Ndjson {
    fn record(&mut self, record: &Record<'_>, to: &mut Vec<u8>) {
        Ndjson::record(self, record, to);
    }

    fn not_shown(&mut self, lines: u64, to: &mut Vec<u8>) {
        Ndjson::not_shown(self, lines, to);
    }

    fn finish(&mut self, _: &mut Vec<u8>) {}
}

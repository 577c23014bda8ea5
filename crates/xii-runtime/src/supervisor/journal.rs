//! What the supervisor writes into the stream of events.

use jiff::Timestamp;
use xii_model::{Event, Instance, Level, Source, What};

use crate::log::{PumpHandle, StreamId};

/// The stream of events, and the release that runs.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    pump: PumpHandle,
    release: Option<String>,
}

impl Journal {
    pub(crate) fn new(pump: PumpHandle, release: Option<String>) -> Self {
        Journal { pump, release }
    }

    pub(crate) fn pump(&self) -> &PumpHandle {
        &self.pump
    }

    pub(crate) fn release(&self) -> Option<String> {
        self.release.clone()
    }

    pub(crate) fn instance(&self, instance: &Instance, what: What) {
        self.write(Source::Instance(instance.clone()), what);
    }

    /// One lower-case sentence of xii's own.
    pub(crate) fn note(&self, level: Level, message: impl Into<String>) {
        let message = message.into();
        self.write(Source::Xii, What::Note { level, message });
    }

    fn write(&self, source: Source, what: What) {
        self.pump.event(Event {
            at: Timestamp::now(),
            source,
            release: self.release.clone(),
            what,
        });
    }

    /// Resolves when what is in these pipes was handed on.
    pub(crate) async fn read_out(&self, streams: Vec<StreamId>) {
        // An error says that the pump is gone, and then there is nobody to wait for.
        let _ = self.pump.detach(&streams).await;
    }
}

//! What `up` itself has to say, in the stream of events.

use jiff::Timestamp;
use xii_model::{Event, Level, Source, What};
use xii_runtime::log::PumpHandle;

/// Writes one lower-case sentence into the stream.
pub(super) fn note(pump: &PumpHandle, level: Level, message: String) {
    pump.event(Event {
        at: Timestamp::now(),
        source: Source::Xii,
        release: None,
        what: What::Note { level, message },
    });
}

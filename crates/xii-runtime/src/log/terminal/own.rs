//! What the stream tells of the terminal itself.

use xii_model::What;

use super::NAME;
use crate::log::record::{Body, Record, Records};

/// Whether the stream tells of what was dropped here: it was said here already, in its place.
pub(super) fn is_own(record: &Record<'_>) -> bool {
    match record.body {
        Body::Other(json) if json.starts_with(br#"{"event":"dropped""#) => matches!(
            serde_json::from_slice(json),
            Ok(What::Dropped { sink, .. }) if sink == NAME
        ),
        _ => false,
    }
}

/// The lines of a block and its other events, but for those that the terminal would not show.
pub(super) fn count(block: &[u8]) -> u64 {
    let shown = |record: &Record<'_>| match record.body {
        Body::Line { continues, .. } => !continues,
        Body::Other(_) => !is_own(record),
    };
    Records::of(block).filter(shown).count() as u64
}

//! Looking for bytes on their way to a resource, however they are cut into pieces.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use memchr::memmem::Finder;

/// Bytes that are looked for until this is dropped.
#[derive(Debug)]
pub struct Watched {
    needle: Arc<Needle>,
}

impl Watched {
    /// How many times the bytes went to the resource since they are looked for. Occurrences that overlap
    /// count each; bytes that are cut apart by TCP are found, and bytes of two connections are not mixed.
    pub fn seen(&self) -> u64 {
        self.needle.seen.load(Ordering::Relaxed)
    }
}

/// What is looked for.
#[derive(Debug)]
pub(super) struct Needle {
    finder: Finder<'static>,
    seen: AtomicU64,
}

/// A new needle, for who asks and for who looks.
pub(super) fn watch(needle: &[u8]) -> (Watched, Weak<Needle>) {
    let needle = Arc::new(Needle {
        finder: Finder::new(needle).into_owned(),
        seen: AtomicU64::new(0),
    });
    let weak = Arc::downgrade(&needle);
    (Watched { needle }, weak)
}

/// What one connection has sent lately: as much as may be the beginning of a needle.
#[derive(Debug, Default)]
pub(super) struct Scan {
    tail: Vec<u8>,
}

impl Scan {
    /// Looks through the next bytes of the connection. Needles that nobody asks for any more are left out.
    pub(super) fn look(&mut self, needles: &mut Vec<Weak<Needle>>, bytes: &[u8]) {
        let mut keep = 0;
        needles.retain(|needle| {
            let Some(needle) = needle.upgrade() else {
                return false;
            };
            let length = needle.finder.needle().len();
            if length > 0 {
                let seen = self.across(&needle, bytes) + count(&needle.finder, bytes);
                needle.seen.fetch_add(seen, Ordering::Relaxed);
                keep = keep.max(length - 1);
            }
            true
        });
        self.remember(keep, bytes);
    }

    /// Occurrences that begin in what was sent before and end in these bytes.
    fn across(&self, needle: &Needle, bytes: &[u8]) -> u64 {
        let most = needle.finder.needle().len() - 1;
        let before = &self.tail[self.tail.len().saturating_sub(most)..];
        if before.is_empty() {
            return 0;
        }
        let border = [before, &bytes[..bytes.len().min(most)]].concat();
        // Each side alone is shorter than the needle, so what is found lies across the border.
        count(&needle.finder, &border)
    }

    fn remember(&mut self, keep: usize, bytes: &[u8]) {
        if bytes.len() >= keep {
            self.tail.clear();
            self.tail.extend_from_slice(&bytes[bytes.len() - keep..]);
        } else {
            let old = self.tail.len().saturating_sub(keep - bytes.len());
            self.tail.drain(..old);
            self.tail.extend_from_slice(bytes);
        }
    }
}

fn count(finder: &Finder<'_>, bytes: &[u8]) -> u64 {
    let mut seen = 0;
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|rest| finder.find(rest)) {
        seen += 1;
        from += at + 1;
    }
    seen
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_needle_is_seen_however_the_bytes_are_cut(
            pieces in prop::collection::vec(prop::collection::vec(prop::sample::select(b"ab".to_vec()), 0..7), 0..40),
            needles in prop::collection::vec(prop::collection::vec(prop::sample::select(b"ab".to_vec()), 1..9), 1..4),
        ) {
            let (watched, mut looking): (Vec<_>, Vec<_>) = needles.iter().map(|needle| watch(needle)).unzip();
            let mut scan = Scan::default();
            for piece in &pieces {
                scan.look(&mut looking, piece);
            }
            let whole = pieces.concat();
            for (needle, watched) in needles.iter().zip(&watched) {
                let there = whole.windows(needle.len()).filter(|window| window == needle).count();
                prop_assert_eq!(watched.seen(), there as u64);
            }
        }
    }

    #[test]
    fn nothing_is_kept_for_who_no_longer_asks() {
        let (watched, needle) = watch(b"trace");
        let mut looking = vec![needle];
        let mut scan = Scan::default();
        scan.look(&mut looking, b"a trace, a tra");
        assert_eq!(watched.seen(), 1);
        assert_eq!(scan.tail, b" tra");
        drop(watched);
        scan.look(&mut looking, b"ce");
        assert!(looking.is_empty());
        assert!(scan.tail.is_empty());
    }

    #[test]
    fn an_empty_needle_is_never_seen() {
        let (watched, needle) = watch(b"");
        Scan::default().look(&mut vec![needle], b"anything");
        assert_eq!(watched.seen(), 0);
    }
}

//! Bits that nobody else has: for ids and canaries, and for nothing that must not be guessed.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// Sixty-four bits, others at every call.
pub(crate) fn bits() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The same as sixteen hexadecimal digits.
pub(crate) fn digits() -> String {
    format!("{:016x}", bits())
}

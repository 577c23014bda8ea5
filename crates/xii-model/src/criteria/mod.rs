//! The catalogue, a file a factor.

mod i_codebase;

use crate::criterion::Criterion;

/// Every edition.
const EVERY: &[crate::Profile] = &[
    crate::Profile::Twelve,
    crate::Profile::Fifteen,
    crate::Profile::Next,
];

/// All criteria, in the order of their factors and numbers.
pub(crate) fn all() -> impl Iterator<Item = &'static Criterion> {
    [i_codebase::CRITERIA].into_iter().flatten()
}

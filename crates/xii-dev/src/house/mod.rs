//! House checks: what reviews should not have to look for.

mod arrows;
mod check;
mod names;
pub(crate) mod rules;
mod sizes;

pub(crate) use check::{formatting, run};

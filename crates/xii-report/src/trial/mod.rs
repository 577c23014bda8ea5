//! What a run showed, as words and as a choice of moments: what all formats share.

mod fold;
mod run;
mod words;

pub(crate) use fold::{Part, fold};
pub(crate) use run::{ran, remarks, title};
pub(crate) use words::{
    basis, deciding, difference, is_drawn, lines, milliseconds, moment, of_finding, seconds,
};

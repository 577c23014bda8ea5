//! `--format sarif`: SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

mod log;
mod place;
mod results;
mod rules;

pub(crate) use log::render;
pub(crate) use place::percent_encoded;

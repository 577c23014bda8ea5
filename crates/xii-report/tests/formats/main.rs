//! Every format over the same hand-made reports.

#![allow(clippy::unwrap_used)]

mod bounds;
mod hostile;
mod human;
mod others;
mod sample;
mod sample_apps;
mod sample_proved;
mod schema;

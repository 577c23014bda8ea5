//! Every format over the same hand-made reports.

mod hostile;
mod human;
mod others;
mod sample;
mod sample_apps;
mod schema;

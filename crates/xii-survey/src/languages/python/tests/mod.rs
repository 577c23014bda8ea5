//! What is read from Python, kind by kind.

mod config;
mod imports;
mod literals;
mod reading;

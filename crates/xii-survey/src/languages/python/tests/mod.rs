//! What is read from Python, kind by kind.

mod config;
mod imports;
mod libraries;
mod literals;
mod reading;
mod routing;

//! What is read from Python, kind by kind.

mod imports;
mod reading;

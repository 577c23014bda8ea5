//! Tests that need what is not installed here.

use std::fs;
use std::io::Write;

/// Says that a test cannot run here, to who counts tests and to who reads along.
pub fn skipped(test: &str, why: &str) {
    eprintln!("skipped: {test}: {why}");
    if let Some(list) = std::env::var_os("XII_SKIPPED") {
        let file = fs::OpenOptions::new().append(true).open(list);
        let mut file = file.expect("the list of skipped tests");
        writeln!(file, "{test}: {why}").expect("it can be written");
    }
}

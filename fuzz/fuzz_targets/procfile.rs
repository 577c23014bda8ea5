#![no_main]

use libfuzzer_sys::fuzz_target;
use xii_model::grammar::procfile;

fuzz_target!(|text: &str| {
    let read = procfile(text);
    for entry in &read.entries {
        assert!(text[entry.span.clone()].starts_with(&entry.name));
    }
    for fault in &read.faults {
        assert!(text.is_char_boundary(fault.offset));
    }
});

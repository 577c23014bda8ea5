#![no_main]

use libfuzzer_sys::fuzz_target;
use xii_fuzz::assert_sound_error;
use xii_survey::document::ini;

fuzz_target!(|text: &str| {
    let read = ini(text);
    for section in &read.sections {
        assert!(text.get(section.span.clone()).is_some());
        for entry in &section.entries {
            assert_eq!(text.get(entry.key_span.clone()), Some(entry.key.as_str()));
            assert!(text.get(entry.value_span.clone()).is_some());
            for line in &entry.lines {
                assert!(text.get(line.clone()).is_some());
            }
        }
    }
    for error in &read.errors {
        assert_sound_error(text, error);
    }
});

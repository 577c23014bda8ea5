#![no_main]

use libfuzzer_sys::fuzz_target;
use xii_fuzz::assert_sound_error;
use xii_survey::document::dotenv;

fuzz_target!(|text: &str| {
    let read = dotenv(text);
    for entry in &read.entries {
        assert_eq!(text.get(entry.key_span.clone()), Some(entry.key.as_str()));
        assert!(text.get(entry.value_span.clone()).is_some());
    }
    for error in &read.errors {
        assert_sound_error(text, error);
    }
});

#![no_main]

use libfuzzer_sys::fuzz_target;
use xii_fuzz::assert_sound_error;
use xii_model::grammar::{dotenv, variables};

fuzz_target!(|text: &str| {
    let read = dotenv(text);
    for entry in &read.entries {
        assert_eq!(text.get(entry.key_span.clone()), Some(entry.key.as_str()));
        assert!(text.get(entry.value_span.clone()).is_some());
    }
    for error in &read.errors {
        assert_sound_error(text, error);
    }
    if let Err(errors) = variables(text, &|name| (name == "HOME").then(|| "/root".to_owned())) {
        for error in &errors {
            assert_sound_error(text, error);
        }
    }
});

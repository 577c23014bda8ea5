#![no_main]

use libfuzzer_sys::fuzz_target;
use xii_fuzz::{assert_sound, assert_sound_error};
use xii_survey::document::yaml;

fuzz_target!(|text: &str| {
    let (documents, error) = yaml(text);
    for document in &documents {
        assert_sound(text, document);
    }
    if let Some(error) = &error {
        assert_sound_error(text, error);
    }
});

#![no_main]

use libfuzzer_sys::fuzz_target;
use xii_fuzz::{assert_sound, assert_sound_error};
use xii_survey::document::json;

fuzz_target!(|text: &str| {
    match json(text) {
        Ok(node) => assert_sound(text, &node),
        Err(error) => assert_sound_error(text, &error),
    }
});

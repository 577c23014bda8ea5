#![no_main]

use libfuzzer_sys::fuzz_target;
use xii_survey::document::without_templates;

fuzz_target!(|text: &str| {
    let blanked = without_templates(text);
    assert_eq!(blanked.len(), text.len());
    let line_ends = |text: &str| text.bytes().map(|byte| byte == b'\n').collect::<Vec<_>>();
    assert_eq!(line_ends(&blanked), line_ends(text));
});

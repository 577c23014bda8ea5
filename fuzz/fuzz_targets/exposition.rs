#![no_main]

use libfuzzer_sys::fuzz_target;
use xii_probes::exposition::{Page, grown, requests};

fuzz_target!(|text: &str| {
    match Page::parse(text) {
        Ok(page) => {
            // A page has not grown since itself, and what is told of it is in it.
            let all = requests(&page);
            assert!(grown(&page, &page).is_empty());
            for family in all.rate.iter().chain(&all.errors).chain(&all.durations) {
                assert!(page.family(family).is_some());
            }
        }
        Err(error) => assert!((1..=text.split('\n').count()).contains(&error.line)),
    }
});

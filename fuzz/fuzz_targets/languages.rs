#![no_main]

use libfuzzer_sys::fuzz_target;

const PATHS: &[&str] = &["server.js", "server.ts", "page.tsx", "app.py"];

fuzz_target!(|input: (u8, &str)| {
    let facts = xii_survey::facts_of(PATHS[usize::from(input.0) % PATHS.len()], input.1);
    assert_eq!(facts.lines().len(), facts.count());
});

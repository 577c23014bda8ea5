#![no_main]

use libfuzzer_sys::fuzz_target;
use xii_probes::scenario::hurl;

fuzz_target!(|text: &str| match hurl::read("f.hurl", text) {
    Ok(scenario) => {
        let lines = text.split('\n').count();
        for step in &scenario.steps {
            assert!((1..=lines).contains(&step.line));
            assert!(!step.ask.method.is_empty() && !step.name().is_empty());
        }
    }
    Err(unreadable) => {
        assert!(!unreadable.0.is_empty());
        for line in &unreadable.0 {
            assert!(line.starts_with("f.hurl:"), "{line}");
        }
    }
});

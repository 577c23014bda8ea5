#![no_main]

use libfuzzer_sys::fuzz_target;
use xii_probes::collector::{Encoding, Export, Signal};

fuzz_target!(|bytes: &[u8]| {
    for signal in Signal::ALL {
        for encoding in [Encoding::Protobuf, Encoding::Json] {
            if let Ok(export) = Export::read(signal, encoding, bytes) {
                assert!(export.spans.len() as u64 <= export.items);
                for span in &export.spans {
                    assert_eq!((span.trace_id.len(), span.span_id.len()), (32, 16));
                }
            }
        }
    }
});

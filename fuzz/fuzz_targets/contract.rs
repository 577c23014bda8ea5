#![no_main]

use libfuzzer_sys::fuzz_target;
use xii_probes::contract::Contract;

fuzz_target!(|text: &str| {
    let Ok(contract) = Contract::read(text) else {
        return;
    };
    for operation in contract.operations() {
        // Whatever is asked for, no parameter is left open.
        if let Some(request) = operation.request() {
            assert!(!request.path.contains('{'), "{}", request.path);
        }
        let found = contract.operation(&operation.method, &operation.path);
        assert!(found.is_some(), "{}", operation.name());
    }
});

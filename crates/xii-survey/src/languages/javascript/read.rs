//! Reading a file: every family of facts in turn.

use xii_model::Facts;

use super::seen::Seen;
use super::{env, exports, imports, literals};
use crate::languages::language::{Exports, File};

/// Reads the facts of a file.
pub(super) fn read(file: &File<'_>, facts: &mut Facts) {
    let seen = Seen::of(file);
    // Secrets first: what they mask is masked in all evidence after them.
    let bindings = literals::bindings(&seen);
    literals::read_secrets(&seen, &bindings, facts);
    literals::read_locators(&seen, &bindings, facts);
    imports::read(&seen, facts);
    env::read(&seen, facts);
}

/// What the file exports.
pub(super) fn exported(file: &File<'_>) -> Exports {
    let text = file.source.text;
    if !text.contains("export") {
        return Exports::new();
    }
    exports::exports(&Seen::of(file))
}

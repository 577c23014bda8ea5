//! What every target checks of what it read.

use xii_survey::document::{Malformed, Node};

/// Every span in the tree can be cut out of the text.
pub fn assert_sound(text: &str, node: &Node) {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        assert!(text.get(node.span.clone()).is_some(), "{:?}", node.span);
        open.extend(node.items());
        for entry in node.entries() {
            assert!(
                text.get(entry.key_span.clone()).is_some(),
                "{:?}",
                entry.key_span
            );
            open.push(&entry.value);
        }
    }
}

/// The error points into the text.
pub fn assert_sound_error(text: &str, error: &Malformed) {
    assert!(text.is_char_boundary(error.offset), "{error:?}");
}

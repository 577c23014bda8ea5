//! For tests: a tree as lines, with the text its spans point at.

use super::{Node, Value};

/// One line for each value: its path, kind and text, then the source text at its
/// span. Keys appear in the path as the source text at their span.
pub(super) fn outline(text: &str, node: &Node) -> String {
    let mut lines = String::new();
    push(text, "$", node, &mut lines);
    lines
}

fn push(text: &str, path: &str, node: &Node, lines: &mut String) {
    let value = match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("bool {value}"),
        Value::Number(value) => format!("number {value}"),
        Value::String(value) => format!("string {value:?}"),
        Value::List(items) => format!("list of {}", items.len()),
        Value::Map(map) => format!("map of {}", map.entries().len()),
    };
    lines.push_str(&format!(
        "{path}: {value} at {:?}\n",
        &text[node.span.clone()]
    ));
    for (index, item) in node.items().iter().enumerate() {
        push(text, &format!("{path}[{index}]"), item, lines);
    }
    for entry in node.entries() {
        let key = &text[entry.key_span.clone()];
        push(text, &format!("{path} {key}"), &entry.value, lines);
    }
}

/// Every span is in bounds and on character boundaries.
pub(super) fn assert_sound(text: &str, node: &Node) {
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

/// An error's place is in bounds and on a character boundary.
pub(super) fn assert_sound_error(text: &str, error: &super::Malformed) {
    assert!(text.is_char_boundary(error.offset), "{error:?}");
    assert!(!error.message.is_empty());
}

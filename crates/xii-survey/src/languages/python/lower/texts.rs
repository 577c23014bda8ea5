//! Literals of text.

use tree_sitter::Node;

use super::lowering::{Lowering, named};
use crate::languages::syntax::{Kind, NodeId};

impl Lowering<'_> {
    /// A text, with its pieces joined when the language joins them.
    pub(super) fn string(&mut self, node: Node<'_>) -> NodeId {
        let pieces = match node.kind() {
            "concatenated_string" => named(node),
            _ => vec![node],
        };
        let mut fixed = String::new();
        let mut start = node.start_byte();
        let mut parts = Vec::new();
        for piece in pieces {
            let raw = self.is_raw(piece);
            for part in named(piece) {
                match part.kind() {
                    "string_content" => self.content(part, raw, &mut fixed),
                    "interpolation" => {
                        if !fixed.is_empty() {
                            let text = std::mem::take(&mut fixed);
                            parts.push(self.add_at(Kind::Text(text), start..part.start_byte()));
                        }
                        parts.push(self.interpolation(part));
                        start = part.end_byte();
                    }
                    _ => {}
                }
            }
        }
        if parts.is_empty() {
            return self.add(Kind::Text(fixed), node);
        }
        if !fixed.is_empty() {
            parts.push(self.add_at(Kind::Text(fixed), start..node.end_byte()));
        }
        self.add(Kind::Template(parts), node)
    }

    fn interpolation(&mut self, node: Node<'_>) -> NodeId {
        match node.child_by_field_name("format_specifier") {
            Some(_) => self.block(node),
            None => self.field(node, "expression"),
        }
    }

    fn is_raw(&self, piece: Node<'_>) -> bool {
        named(piece)
            .first()
            .filter(|start| start.kind() == "string_start")
            .is_some_and(|start| self.text_of(*start).contains(['r', 'R']))
    }

    /// The text of a piece, its escapes undone.
    fn content(&self, node: Node<'_>, raw: bool, out: &mut String) {
        let text = self.text_of(node);
        if raw || !text.contains(['\\', '{', '}']) {
            out.push_str(text);
            return;
        }
        let mut at = node.start_byte();
        for escape in named(node) {
            out.push_str(self.text.get(at..escape.start_byte()).unwrap_or_default());
            at = escape.end_byte();
            unescape(self.text_of(escape), out);
        }
        out.push_str(self.text.get(at..node.end_byte()).unwrap_or_default());
    }
}

/// Undoes one escape. What no value here depends on stays as it is written.
fn unescape(escape: &str, out: &mut String) {
    match escape {
        "{{" => out.push('{'),
        "}}" => out.push('}'),
        "\\n" => out.push('\n'),
        "\\t" => out.push('\t'),
        "\\r" => out.push('\r'),
        "\\\\" => out.push('\\'),
        "\\'" => out.push('\''),
        "\\\"" => out.push('"'),
        "\\\n" | "\\\r\n" => {}
        other => out.push_str(other),
    }
}

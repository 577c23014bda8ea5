//! Object and list literals, enumerations.

use tree_sitter::Node;

use super::walk::{Lowering, named};
use crate::languages::syntax::{Binding, Kind, NodeId, Pair};

impl Lowering<'_> {
    pub(super) fn list(&mut self, node: Node<'_>) -> NodeId {
        let items = self.all(&named(node));
        self.tree.add(Kind::List(items), node.byte_range())
    }

    pub(super) fn object(&mut self, node: Node<'_>) -> NodeId {
        let mut pairs = Vec::new();
        for child in named(node) {
            let pair = match child.kind() {
                "pair" => self.pair(child),
                "method_definition" => {
                    let name = child.child_by_field_name("name");
                    Pair {
                        key: name.map(|name| self.key(name)),
                        value: self.node(child),
                    }
                }
                "shorthand_property_identifier" => Pair {
                    key: Some(self.text_of(child).to_owned()),
                    value: self.node(child),
                },
                _ => Pair {
                    key: None,
                    value: self.node(child),
                },
            };
            pairs.push(pair);
        }
        self.tree.add(Kind::Map(pairs), node.byte_range())
    }

    fn pair(&mut self, node: Node<'_>) -> Pair {
        let key = node.child_by_field_name("key");
        let name = key
            .filter(|key| key.kind() != "computed_property_name")
            .map(|key| self.key(key));
        let value = match node.child_by_field_name("value") {
            Some(value) => self.named_value(value, name.as_deref()),
            None => self.tree.add(Kind::Null, node.byte_range()),
        };
        Pair { key: name, value }
    }

    /// A property's name.
    pub(super) fn key(&self, key: Node<'_>) -> String {
        match key.kind() {
            "string" => self.string(key),
            _ => self.text_of(key).to_owned(),
        }
    }

    /// A value that takes the name it is bound to, if it is a function or class without its own.
    pub(super) fn named_value(&mut self, value: Node<'_>, name: Option<&str>) -> NodeId {
        match value.kind() {
            "function_expression" | "generator_function" | "arrow_function" | "function" => {
                self.function(value, name)
            }
            "class" => self.class(value, name),
            _ => self.node(value),
        }
    }

    /// `enum Name { A = 'a' }` is an object literal that is bound to the name.
    pub(super) fn enumeration(&mut self, node: Node<'_>) -> NodeId {
        let span = node.byte_range();
        let mut pairs = Vec::new();
        for child in node
            .child_by_field_name("body")
            .map(named)
            .unwrap_or_default()
        {
            let name = child.child_by_field_name("name").unwrap_or(child);
            let value = match child.child_by_field_name("value") {
                Some(value) => self.node(value),
                None => self.tree.add(Kind::Null, child.byte_range()),
            };
            pairs.push(Pair {
                key: Some(self.key(name)),
                value,
            });
        }
        let value = self.tree.add(Kind::Map(pairs), span.clone());
        let name = node
            .child_by_field_name("name")
            .map_or("", |name| self.text_of(name));
        self.binder.declare(name, Some(Binding::Value(value)));
        let target = self.name(name, span.clone());
        self.tree.add(
            Kind::Assign {
                target,
                value,
                augmented: false,
            },
            span,
        )
    }
}

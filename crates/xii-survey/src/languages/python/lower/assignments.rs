//! Assignments, and what they bind.

use tree_sitter::Node;

use super::lowering::{Lowering, named};
use crate::languages::syntax::{Binding, Kind, NodeId};

impl Lowering<'_> {
    pub(super) fn assignment(&mut self, node: Node<'_>) -> NodeId {
        if node.kind() == "named_expression" {
            let (Some(name), Some(value)) = (
                node.child_by_field_name("name"),
                node.child_by_field_name("value"),
            ) else {
                return self.block(node);
            };
            let value = self.node(value);
            return self.one(node, name, value, false);
        }
        let augmented = node.kind() == "augmented_assignment";
        // `a = b = c`: the value stands last, and each target gets it.
        let mut targets = Vec::new();
        let mut at = node;
        let value = loop {
            match at.child_by_field_name("left") {
                Some(left) => targets.push((left, at.child_by_field_name("type"))),
                None => return self.block(node),
            }
            match at.child_by_field_name("right") {
                Some(right) if right.kind() == "assignment" => at = right,
                right => break right,
            }
        };
        let Some(value) = value else {
            // `name: type`, a declaration alone.
            let annotation = node.child_by_field_name("type");
            return match annotation {
                Some(annotation) => self.node(annotation),
                None => self.add(Kind::Block(Vec::new()), node),
            };
        };
        let mut items = Vec::new();
        let mut first = None;
        for (left, annotation) in targets.into_iter().rev() {
            if matches!(
                left.kind(),
                "pattern_list" | "tuple_pattern" | "list_pattern"
            ) {
                items.push(self.several(node, left, value));
                continue;
            }
            let value = match first {
                None => self.node(value),
                Some(before) => self.node(before),
            };
            first.get_or_insert(left);
            items.push(self.one(node, left, value, augmented));
            if let Some(annotation) = annotation
                && self.text_of(annotation).contains('(')
            {
                items.push(self.node(annotation));
            }
        }
        match items.as_slice() {
            [one] => *one,
            _ => self.add(Kind::Block(items), node),
        }
    }

    fn one(&mut self, node: Node<'_>, left: Node<'_>, value: NodeId, augmented: bool) -> NodeId {
        let target = self.node(left);
        if left.kind() == "identifier" {
            let name = self.text_of(left).to_owned();
            let binding = if augmented {
                Binding::Unknown
            } else {
                Binding::Value(value)
            };
            self.bind(&name, binding);
        }
        self.add(
            Kind::Assign {
                target,
                value,
                augmented,
            },
            node,
        )
    }

    /// `a, b = x, y` is two assignments; the names of `a, b = f()` are not followed.
    fn several(&mut self, node: Node<'_>, left: Node<'_>, value: Node<'_>) -> NodeId {
        let targets = named(left);
        let values = match value.kind() {
            "expression_list" | "tuple" | "list" | "pattern_list" => named(value),
            _ => Vec::new(),
        };
        let starred = |node: &Node<'_>| node.kind().contains("splat");
        if values.len() == targets.len()
            && !targets.iter().any(starred)
            && !values.iter().any(starred)
        {
            let mut items = Vec::new();
            for (target, value) in targets.into_iter().zip(values) {
                let value = self.node(value);
                items.push(self.one(target, target, value, false));
            }
            return self.add(Kind::Block(items), node);
        }
        self.bind_names(left);
        let mut items = vec![self.node(value)];
        for target in targets {
            items.push(self.node(target));
        }
        self.add(Kind::Block(items), node)
    }
}

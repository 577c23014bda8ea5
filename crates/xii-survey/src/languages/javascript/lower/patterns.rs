//! Declarations, assignments and destructuring.

use std::ops::Range;

use tree_sitter::Node;

use super::walk::{Lowering, named};
use crate::languages::syntax::{Binding, Kind, NodeId, Operator};

impl Lowering<'_> {
    /// `name = value` of a declaration.
    pub(super) fn declarator(&mut self, node: Node<'_>) -> NodeId {
        let span = node.byte_range();
        let Some(target) = node.child_by_field_name("name") else {
            return self.block(node);
        };
        let name = self.text_of(target);
        let is_name = target.kind() == "identifier";
        let Some(value) = node.child_by_field_name("value") else {
            if is_name {
                self.binder.declare(name, None);
            }
            return self.tree.add(Kind::Block(Vec::new()), span);
        };
        let value = self.named_value(value, is_name.then_some(name));
        if is_name {
            self.binder.declare(name, Some(Binding::Value(value)));
            let target = self.name(name, target.byte_range());
            return self.assign(target, value, span);
        }
        self.destructured(target, value, true, span)
    }

    fn assign(&mut self, target: NodeId, value: NodeId, span: Range<usize>) -> NodeId {
        self.tree.add(
            Kind::Assign {
                target,
                value,
                augmented: false,
            },
            span,
        )
    }

    pub(super) fn assignment(&mut self, node: Node<'_>) -> NodeId {
        let span = node.byte_range();
        let (Some(left), Some(right)) = (
            node.child_by_field_name("left"),
            node.child_by_field_name("right"),
        ) else {
            return self.block(node);
        };
        let augmented = node.kind() == "augmented_assignment_expression";
        if matches!(left.kind(), "object_pattern" | "array_pattern") {
            let value = self.node(right);
            return self.destructured(left, value, false, span);
        }
        let target = self.node(left);
        let name = match self.tree.kind(target) {
            Kind::Name(name) => Some(name.clone()),
            Kind::Member { property, .. } => Some(property.clone()),
            _ => None,
        };
        let mut value = self.named_value(right, name.as_deref());
        let operator = self.operator(node);
        let defaults = matches!(operator, Operator::Or | Operator::Coalesce);
        if augmented && defaults {
            let left = self.node(left);
            value = self.tree.add(
                Kind::Binary {
                    operator,
                    left,
                    right: value,
                },
                span.clone(),
            );
        }
        if let Kind::Name(name) = self.tree.kind(target) {
            let name = name.clone();
            let binding = if augmented {
                Binding::Unknown
            } else {
                Binding::Value(value)
            };
            self.binder.assign(&name, binding);
        }
        self.tree.add(
            Kind::Assign {
                target,
                value,
                augmented: augmented && !defaults,
            },
            span,
        )
    }

    /// Destructuring: the whole gets a name that no program can write, and each part is assigned a
    /// member of it.
    pub(super) fn destructured(
        &mut self,
        pattern: Node<'_>,
        value: NodeId,
        declares: bool,
        span: Range<usize>,
    ) -> NodeId {
        let whole = format!("{{{}", pattern.start_byte());
        self.binder.declare(&whole, Some(Binding::Value(value)));
        let target = self.name(&whole, pattern.start_byte()..pattern.start_byte());
        let mut items = vec![self.assign(target, value, span.clone())];
        self.parts(pattern, &whole, declares, &mut items, 0);
        self.tree.add(Kind::Block(items), span)
    }

    fn parts(
        &mut self,
        pattern: Node<'_>,
        whole: &str,
        declares: bool,
        items: &mut Vec<NodeId>,
        depth: usize,
    ) {
        if depth > 8 {
            return;
        }
        let in_list = pattern.kind() == "array_pattern";
        for (number, part) in named(pattern).into_iter().enumerate() {
            let (key, inner) = match part.kind() {
                "pair_pattern" => (
                    part.child_by_field_name("key"),
                    part.child_by_field_name("value"),
                ),
                "object_assignment_pattern" => (part.child_by_field_name("left"), Some(part)),
                "rest_pattern" => {
                    if let Some(rest) = named(part).first()
                        && declares
                    {
                        let rest = self.text_of(*rest);
                        self.binder.declare(rest, Some(Binding::Unknown));
                    }
                    continue;
                }
                _ => (Some(part), Some(part)),
            };
            let (Some(key), Some(inner)) = (key, inner) else {
                continue;
            };
            let span = key.byte_range();
            let object = self.name(whole, span.clone());
            let taken = if in_list {
                let index = self
                    .tree
                    .add(Kind::Number(number.to_string()), span.start..span.start);
                self.tree.add(Kind::Index { object, index }, span)
            } else {
                let key = self.key(key);
                self.member_of(object, key, span)
            };
            self.part(inner, taken, declares, items, depth);
        }
    }

    /// One part: a name, a name with a default, or a pattern of its own.
    fn part(
        &mut self,
        part: Node<'_>,
        taken: NodeId,
        declares: bool,
        items: &mut Vec<NodeId>,
        depth: usize,
    ) {
        let span = part.byte_range();
        let (target, value) = match part.kind() {
            "assignment_pattern" | "object_assignment_pattern" => {
                let Some(target) = part.child_by_field_name("left") else {
                    return;
                };
                let default = self.field(part, "right");
                let value = self.tree.add(
                    Kind::Binary {
                        operator: Operator::Coalesce,
                        left: taken,
                        right: default,
                    },
                    span.clone(),
                );
                (target, value)
            }
            _ => (part, taken),
        };
        if matches!(target.kind(), "object_pattern" | "array_pattern") {
            let whole = format!("{{{}", target.start_byte());
            self.binder.declare(&whole, Some(Binding::Value(value)));
            let name = self.name(&whole, target.start_byte()..target.start_byte());
            items.push(self.assign(name, value, span));
            self.parts(target, &whole, declares, items, depth + 1);
            return;
        }
        let lowered = self.node(target);
        let lowered = match (target.kind(), self.tree.kind(lowered)) {
            ("shorthand_property_identifier_pattern", _) | (_, Kind::Block(_)) => {
                let name = self.text_of(target);
                self.name(name, target.byte_range())
            }
            _ => lowered,
        };
        if let Kind::Name(name) = self.tree.kind(lowered) {
            let name = name.clone();
            if declares {
                self.binder.declare(&name, Some(Binding::Value(value)));
            } else {
                self.binder.assign(&name, Binding::Value(value));
            }
        }
        items.push(self.assign(lowered, value, span));
    }

    /// Declares every name of a parameter's pattern, whose value is not known.
    pub(super) fn unknown_names(&mut self, pattern: Node<'_>) {
        let mut open = vec![(pattern, 0)];
        while let Some((node, depth)) = open.pop() {
            match node.kind() {
                "identifier" | "shorthand_property_identifier_pattern" => {
                    let name = self.text_of(node);
                    self.binder.declare(name, Some(Binding::Unknown));
                }
                "pair_pattern" => {
                    open.extend(node.child_by_field_name("value").map(|v| (v, depth + 1)))
                }
                "assignment_pattern" | "object_assignment_pattern" => {
                    open.extend(node.child_by_field_name("left").map(|v| (v, depth + 1)));
                }
                "object_pattern" | "array_pattern" | "rest_pattern" if depth < 16 => {
                    open.extend(named(node).into_iter().map(|one| (one, depth + 1)));
                }
                _ => {}
            }
        }
    }
}

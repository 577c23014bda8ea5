//! Branches, loops and what ends a function.

use tree_sitter::Node;

use super::walk::{Lowering, named};
use crate::languages::syntax::{Binding, Kind, NodeId, Operator};

/// A switch's subject is repeated for each case, if it is no longer than this, in bytes.
const SUBJECT: usize = 200;

impl Lowering<'_> {
    pub(super) fn statement(&mut self, node: Node<'_>) -> NodeId {
        let span = node.byte_range();
        let kind = match node.kind() {
            "if_statement" => Kind::If {
                test: self.field(node, "condition"),
                then: self.field(node, "consequence"),
                otherwise: self.otherwise(node),
            },
            "switch_statement" => return self.switch(node),
            "try_statement" => return self.attempt(node),
            "return_statement" => Kind::Return(self.value(node)),
            "throw_statement" => Kind::Throw(self.value(node)),
            "for_in_statement" => {
                let right = self.field(node, "right");
                if let Some(left) = node.child_by_field_name("left") {
                    self.unknown_names(left);
                }
                Kind::Loop {
                    head: vec![right],
                    body: self.field(node, "body"),
                }
            }
            _ => {
                let body = node.child_by_field_name("body");
                let head: Vec<_> = named(node)
                    .into_iter()
                    .filter(|child| Some(child.id()) != body.map(|body| body.id()))
                    .collect();
                Kind::Loop {
                    head: self.all(&head),
                    body: self.field(node, "body"),
                }
            }
        };
        self.tree.add(kind, span)
    }

    fn otherwise(&mut self, node: Node<'_>) -> Option<NodeId> {
        let clause = node.child_by_field_name("alternative")?;
        let inner = *named(clause).first()?;
        Some(self.node(inner))
    }

    fn value(&mut self, node: Node<'_>) -> Option<NodeId> {
        let inner = *named(node).first()?;
        Some(self.node(inner))
    }

    fn attempt(&mut self, node: Node<'_>) -> NodeId {
        self.trying += 1;
        let body = self.field(node, "body");
        self.trying -= 1;
        let mut handlers = Vec::new();
        if let Some(handler) = node.child_by_field_name("handler") {
            if let Some(parameter) = handler.child_by_field_name("parameter") {
                self.unknown_names(parameter);
            }
            handlers.push(self.field(handler, "body"));
        }
        let finally = node
            .child_by_field_name("finalizer")
            .map(|clause| self.block(clause));
        self.tree.add(
            Kind::Try {
                body,
                handles: Vec::new(),
                handlers,
                finally,
            },
            node.byte_range(),
        )
    }

    /// Each case is a branch that compares the subject.
    fn switch(&mut self, node: Node<'_>) -> NodeId {
        let subject = node.child_by_field_name("value");
        let short = subject.filter(|one| one.byte_range().len() <= SUBJECT);
        let mut items = Vec::new();
        if short.is_none() {
            items.extend(subject.map(|subject| self.node(subject)));
        }
        let cases = node
            .child_by_field_name("body")
            .map(named)
            .unwrap_or_default();
        for case in cases {
            let value = case.child_by_field_name("value");
            let rest: Vec<_> = named(case)
                .into_iter()
                .filter(|one| Some(one.id()) != value.map(|value| value.id()))
                .collect();
            let body = self.all(&rest);
            let body = self.tree.add(Kind::Block(body), case.byte_range());
            let (Some(value), Some(subject)) = (value, short) else {
                items.push(body);
                continue;
            };
            let left = self.node(subject);
            let right = self.node(value);
            let test = self.tree.add(
                Kind::Binary {
                    operator: Operator::Equal,
                    left,
                    right,
                },
                value.byte_range(),
            );
            items.push(self.tree.add(
                Kind::If {
                    test,
                    then: body,
                    otherwise: None,
                },
                case.byte_range(),
            ));
        }
        self.tree.add(Kind::Block(items), node.byte_range())
    }

    /// A name that nothing is known of.
    pub(super) fn declare_unknown(&mut self, name: &str) {
        self.binder.declare(name, Some(Binding::Unknown));
    }
}

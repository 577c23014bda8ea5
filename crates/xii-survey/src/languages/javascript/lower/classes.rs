//! Classes: bases, fields, methods and their decorators.

use tree_sitter::Node;

use super::walk::{Lowering, named};
use crate::languages::syntax::{Binding, Class, Kind, NodeId};

impl Lowering<'_> {
    /// A class; `bound` is the name of what it is assigned to.
    pub(super) fn class(&mut self, node: Node<'_>, bound: Option<&str>) -> NodeId {
        self.class_with(node, bound, Vec::new())
    }

    /// A class whose decorators stand before an `export`.
    pub(super) fn class_with(
        &mut self,
        node: Node<'_>,
        bound: Option<&str>,
        mut decorators: Vec<NodeId>,
    ) -> NodeId {
        let span = node.byte_range();
        let own = node
            .child_by_field_name("name")
            .map(|name| self.text_of(name).to_owned());
        decorators.extend(self.decorators(node));
        let mut bases = Vec::new();
        for child in named(node) {
            if child.kind() == "class_heritage" {
                for base in named(child) {
                    match base.kind() {
                        "implements_clause" => {}
                        "extends_clause" => bases.push(self.field(base, "value")),
                        _ => bases.push(self.node(base)),
                    }
                }
            }
        }
        self.classes += 1;
        let outer = std::mem::replace(&mut self.class, self.classes);
        let body = node.child_by_field_name("body");
        let items = body.map(|body| self.members(body)).unwrap_or_default();
        self.class = outer;
        let body_span = body.map_or(span.clone(), |body| body.byte_range());
        let body = self.tree.add(Kind::Block(items), body_span);
        let name = own.clone().or_else(|| bound.map(str::to_owned));
        let declared = node.kind() != "class";
        let id = self.tree.add(
            Kind::Class(Class {
                name,
                bases,
                body,
                decorators,
            }),
            span,
        );
        if let (true, Some(own)) = (declared, own) {
            self.binder.declare(&own, Some(Binding::Declared(id)));
        }
        id
    }

    fn members(&mut self, body: Node<'_>) -> Vec<NodeId> {
        let mut items = Vec::new();
        // In TypeScript a method's decorators are its elder siblings.
        let mut waiting = Vec::new();
        for child in named(body) {
            match child.kind() {
                "decorator" => waiting.push(self.node(child)),
                "field_definition" | "public_field_definition" => {
                    let decorators = std::mem::take(&mut waiting);
                    items.push(self.class_field(child, decorators));
                }
                "method_definition" => {
                    let decorators = std::mem::take(&mut waiting);
                    items.push(self.function_with(child, None, decorators));
                }
                _ => items.push(self.node(child)),
            }
        }
        items
    }

    fn class_field(&mut self, node: Node<'_>, mut decorators: Vec<NodeId>) -> NodeId {
        let name = node
            .child_by_field_name("name")
            .or_else(|| node.child_by_field_name("property"))
            .map(|name| self.key(name))
            .unwrap_or_default();
        decorators.extend(self.decorators(node));
        let annotation = node
            .child_by_field_name("type")
            .and_then(|annotation| named(annotation).first().copied());
        let field = format!("{}.{name}", self.this());
        let value = node
            .child_by_field_name("value")
            .map(|value| self.named_value(value, Some(&name)));
        if let Some(value) = value {
            self.binder.declare_in_file(&field, Binding::Value(value));
        }
        self.tree.add(
            Kind::Field {
                name,
                annotation: annotation.map(|one| self.text_of(one).to_owned()),
                value,
                decorators,
            },
            node.byte_range(),
        )
    }
}

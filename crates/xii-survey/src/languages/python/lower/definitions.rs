//! Functions and classes.

use tree_sitter::Node;

use super::lowering::{Lowering, named};
use crate::languages::syntax::{Binding, Class, Function, Kind, NodeId, Parameter};

impl Lowering<'_> {
    pub(super) fn decorated(&mut self, node: Node<'_>) -> NodeId {
        let mut decorators = Vec::new();
        for child in named(node) {
            if child.kind() == "decorator"
                && let Some(expression) = named(child).first()
            {
                decorators.push(self.node(*expression));
            }
        }
        match node.child_by_field_name("definition") {
            Some(definition) if definition.kind() == "class_definition" => {
                self.class(definition, decorators)
            }
            Some(definition) => self.function(definition, decorators),
            None => self.add(Kind::Block(decorators), node),
        }
    }

    pub(super) fn function(&mut self, node: Node<'_>, decorators: Vec<NodeId>) -> NodeId {
        let name = node
            .child_by_field_name("name")
            .map(|name| self.text_of(name).to_owned());
        self.enter(false);
        let parameters = match node.child_by_field_name("parameters") {
            Some(list) => named(list)
                .into_iter()
                .filter_map(|one| self.parameter(one))
                .collect(),
            None => Vec::new(),
        };
        let body = self.field(node, "body");
        let id = self.add(
            Kind::Function(Function {
                name: name.clone(),
                parameters,
                body,
                decorators,
            }),
            node,
        );
        self.leave(id);
        if let Some(name) = name {
            self.bind(&name, Binding::Declared(id));
        }
        id
    }

    fn parameter(&mut self, node: Node<'_>) -> Option<Parameter> {
        let named_part = match node.kind() {
            "identifier" => node,
            "default_parameter" | "typed_default_parameter" => node.child_by_field_name("name")?,
            "typed_parameter" | "list_splat_pattern" | "dictionary_splat_pattern" => {
                named(node).first().copied()?
            }
            _ => return None,
        };
        let name = self.text_of(named_part).trim_start_matches('*').to_owned();
        self.bind(&name, Binding::Unknown);
        let annotation = node.child_by_field_name("type");
        let default = node
            .child_by_field_name("value")
            .map(|value| self.node(value));
        Some(Parameter {
            name,
            annotation: annotation.map(|one| self.text_of(one).to_owned()),
            default,
            decorators: self.annotation(annotation),
        })
    }

    /// What an annotation calls: `Annotated[User, Depends(current_user)]`.
    pub(super) fn annotation(&mut self, annotation: Option<Node<'_>>) -> Vec<NodeId> {
        match annotation {
            Some(annotation) if self.text_of(annotation).contains('(') => {
                vec![self.node(annotation)]
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn class(&mut self, node: Node<'_>, decorators: Vec<NodeId>) -> NodeId {
        let name = node
            .child_by_field_name("name")
            .map(|name| self.text_of(name).to_owned());
        let bases = match node.child_by_field_name("superclasses") {
            Some(list) => self.children(list),
            None => Vec::new(),
        };
        self.enter(true);
        let body = match node.child_by_field_name("body") {
            Some(body) => self.class_body(body),
            None => self.add(Kind::Block(Vec::new()), node),
        };
        let id = self.add(
            Kind::Class(Class {
                name: name.clone(),
                bases,
                body,
                decorators,
            }),
            node,
        );
        self.leave(id);
        if let Some(name) = name {
            self.bind(&name, Binding::Declared(id));
        }
        id
    }

    fn class_body(&mut self, body: Node<'_>) -> NodeId {
        let mut items = Vec::new();
        for statement in named(body) {
            items.push(match annotated(statement) {
                Some(assignment) => self.declared_field(assignment),
                None => self.node(statement),
            });
        }
        self.add(Kind::Block(items), body)
    }

    fn declared_field(&mut self, node: Node<'_>) -> NodeId {
        let name = node
            .child_by_field_name("left")
            .map_or("", |name| self.text_of(name))
            .to_owned();
        let annotation = node.child_by_field_name("type");
        let value = node
            .child_by_field_name("right")
            .map(|value| self.node(value));
        let decorators = self.annotation(annotation);
        self.add(
            Kind::Field {
                name,
                annotation: annotation.map(|one| self.text_of(one).to_owned()),
                value,
                decorators,
            },
            node,
        )
    }
}

/// The assignment of a statement `name: type` or `name: type = value`.
fn annotated(statement: Node<'_>) -> Option<Node<'_>> {
    let assignment = match statement.kind() {
        "expression_statement" => named(statement).first().copied()?,
        _ => statement,
    };
    let plain = assignment.kind() == "assignment"
        && assignment.child_by_field_name("type").is_some()
        && assignment.child_by_field_name("left")?.kind() == "identifier";
    plain.then_some(assignment)
}

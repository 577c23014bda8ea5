//! Functions and their parameters.

use tree_sitter::Node;

use super::walk::{Lowering, named};
use crate::languages::syntax::{Binding, Function, Kind, NodeId, Pair, Parameter};

/// Types whose parameters are followed as if the function had made the value itself.
const FOLLOWED: [&str; 12] = [
    "ConfigService",
    "FastifyInstance",
    "INestApplication",
    "NestExpressApplication",
    "NestFastifyApplication",
    "Express",
    "Application",
    "Koa",
    "Hapi.Server",
    "ConsumerConfig",
    "express.Application",
    "express.Express",
];

impl Lowering<'_> {
    /// A function; `bound` is the name of what it is assigned to.
    pub(super) fn function(&mut self, node: Node<'_>, bound: Option<&str>) -> NodeId {
        self.function_with(node, bound, Vec::new())
    }

    /// A function whose decorators stand before it.
    pub(super) fn function_with(
        &mut self,
        node: Node<'_>,
        bound: Option<&str>,
        mut decorators: Vec<NodeId>,
    ) -> NodeId {
        let span = node.byte_range();
        let own = node.child_by_field_name("name").map(|name| self.key(name));
        let declared = matches!(
            node.kind(),
            "function_declaration" | "generator_function_declaration"
        );
        let name = own.clone().or_else(|| bound.map(str::to_owned));
        self.binder.enter();
        let parameters = self.parameters(node);
        decorators.extend(self.decorators(node));
        let body = match node.child_by_field_name("body") {
            Some(body) if body.kind() == "statement_block" => self.node(body),
            // An arrow's expression is what it returns.
            Some(body) => {
                let value = self.node(body);
                self.tree.add(Kind::Return(Some(value)), body.byte_range())
            }
            None => self.tree.add(Kind::Block(Vec::new()), span.clone()),
        };
        let id = self.tree.add(
            Kind::Function(Function {
                name,
                parameters,
                body,
                decorators,
            }),
            span,
        );
        self.binder.leave(id);
        if let (true, Some(own)) = (declared, own) {
            self.binder.declare(&own, Some(Binding::Declared(id)));
        }
        id
    }

    /// Decorators that are children of the node itself.
    pub(super) fn decorators(&mut self, node: Node<'_>) -> Vec<NodeId> {
        let found: Vec<_> = named(node)
            .into_iter()
            .filter(|child| child.kind() == "decorator")
            .collect();
        self.all(&found)
    }

    fn parameters(&mut self, node: Node<'_>) -> Vec<Parameter> {
        if let Some(single) = node.child_by_field_name("parameter") {
            self.unknown_names(single);
            return vec![Parameter {
                name: self.text_of(single).to_owned(),
                annotation: None,
                default: None,
                decorators: Vec::new(),
            }];
        }
        let list = node
            .child_by_field_name("parameters")
            .map(named)
            .unwrap_or_default();
        list.into_iter().map(|one| self.parameter(one)).collect()
    }

    fn parameter(&mut self, node: Node<'_>) -> Parameter {
        let pattern = match node.kind() {
            "required_parameter" | "optional_parameter" => node.child_by_field_name("pattern"),
            "assignment_pattern" => node.child_by_field_name("left"),
            _ => Some(node),
        };
        let pattern = pattern.unwrap_or(node);
        let default = match node.kind() {
            "assignment_pattern" => node.child_by_field_name("right"),
            _ => node.child_by_field_name("value"),
        };
        let mut defaults: Vec<NodeId> = default.map(|one| self.node(one)).into_iter().collect();
        self.inner_defaults(pattern, &mut defaults);
        let default = match defaults.as_slice() {
            [] => None,
            [one] => Some(*one),
            _ => Some(self.tree.add(Kind::Block(defaults), pattern.byte_range())),
        };
        let annotation = node
            .child_by_field_name("type")
            .and_then(|annotation| named(annotation).first().copied());
        let decorators = self.decorators(node);
        let name = match pattern.kind() {
            "identifier" => self.text_of(pattern).to_owned(),
            _ => String::new(),
        };
        let followed = annotation.filter(|one| {
            let text = self.text_of(*one);
            is_class(text) && FOLLOWED.contains(&text.split('<').next().unwrap_or(text))
        });
        let kept = named(node)
            .iter()
            .any(|child| child.kind() == "accessibility_modifier")
            || self.text_of(node).starts_with("readonly ");
        if let Some(annotation) = annotation.filter(|one| kept && is_class(self.text_of(*one))) {
            let made = self.made(annotation);
            let field = format!("{}.{name}", self.this());
            self.binder.declare_in_file(&field, Binding::Value(made));
        }
        match followed {
            Some(annotation) => {
                let made = self.made(annotation);
                self.binder.declare(&name, Some(Binding::Value(made)));
            }
            None => self.unknown_names(pattern),
        }
        Parameter {
            name,
            annotation: annotation.map(|one| self.text_of(one).to_owned()),
            default,
            decorators,
        }
    }

    /// The defaults inside a parameter's pattern.
    fn inner_defaults(&mut self, pattern: Node<'_>, defaults: &mut Vec<NodeId>) {
        if pattern.kind() != "object_pattern" {
            return;
        }
        for part in named(pattern) {
            if matches!(
                part.kind(),
                "object_assignment_pattern" | "assignment_pattern"
            ) && let Some(default) = part.child_by_field_name("right")
            {
                let value = self.node(default);
                let left = part.child_by_field_name("left").unwrap_or(part);
                let pair = Pair {
                    key: Some(self.text_of(left).to_owned()),
                    value,
                };
                let map = self.tree.add(Kind::Map(vec![pair]), part.byte_range());
                defaults.push(map);
            }
        }
    }

    /// A value of a class, as if it were made here. It hangs on no parent, so that it is no call of
    /// the program.
    pub(super) fn made(&mut self, class: Node<'_>) -> NodeId {
        let span = class.byte_range();
        let text = self.text_of(class);
        let text = text.split('<').next().unwrap_or(text);
        let mut parts = text.split('.');
        let mut callee = self.name(parts.next().unwrap_or_default(), span.clone());
        for part in parts {
            let kind = Kind::Member {
                object: callee,
                property: part.to_owned(),
            };
            callee = self.tree.add(kind, span.clone());
        }
        self.tree.add(
            Kind::Call {
                callee,
                args: Vec::new(),
                new: true,
            },
            span,
        )
    }
}

/// Whether a type is the plain name of a class.
fn is_class(annotation: &str) -> bool {
    annotation.starts_with(|c: char| c.is_ascii_alphabetic())
        && !annotation.contains(['|', '&', '[', '{', '('])
}

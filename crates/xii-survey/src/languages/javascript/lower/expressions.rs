//! Names, literals, members, calls and operators.

use tree_sitter::Node;

use super::text::unescape;
use super::walk::{Lowering, named};
use crate::languages::syntax::{Argument, Kind, NodeId, Operator};

impl Lowering<'_> {
    /// A node without expressions inside, templates aside.
    pub(super) fn atom(&mut self, node: Node<'_>) -> NodeId {
        let text = self.text_of(node);
        let kind = match node.kind() {
            "undefined" | "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            "number" => Kind::Number(text.replace('_', "")),
            "string" => Kind::Text(self.string(node)),
            "template_string" => return self.template(node),
            "regex" => Kind::Block(Vec::new()),
            "this" => Kind::Name(self.this()),
            "meta_property" => Kind::Name(text.split_whitespace().collect()),
            _ => Kind::Name(text.to_owned()),
        };
        self.tree.add(kind, node.byte_range())
    }

    /// The name of `this`: the classes of a file are told apart.
    pub(super) fn this(&self) -> String {
        match self.class {
            0 | 1 => "this".to_owned(),
            number => format!("this{number}"),
        }
    }

    /// The text of a string literal.
    pub(super) fn string(&self, node: Node<'_>) -> String {
        let range = node.byte_range();
        unescape(self.slice(range.start + 1..range.end.saturating_sub(1)))
    }

    fn template(&mut self, node: Node<'_>) -> NodeId {
        let range = node.byte_range();
        let mut parts = Vec::new();
        let mut from = range.start + 1;
        for child in named(node) {
            if child.kind() != "template_substitution" {
                continue;
            }
            self.fixed(from..child.start_byte(), &mut parts);
            match named(child).first() {
                Some(inner) => parts.push(self.node(*inner)),
                None => parts.push(self.tree.add(Kind::Block(Vec::new()), child.byte_range())),
            }
            from = child.end_byte();
        }
        if parts.is_empty() {
            let text = unescape(self.slice(from..range.end.saturating_sub(1)));
            return self.tree.add(Kind::Text(text), range);
        }
        self.fixed(from..range.end.saturating_sub(1), &mut parts);
        self.tree.add(Kind::Template(parts), range)
    }

    /// A fixed part of a template, if it holds anything.
    fn fixed(&mut self, range: std::ops::Range<usize>, parts: &mut Vec<NodeId>) {
        let text = self.slice(range.clone());
        if !text.is_empty() {
            let text = unescape(text);
            parts.push(self.tree.add(Kind::Text(text), range));
        }
    }

    pub(super) fn member(&mut self, node: Node<'_>) -> NodeId {
        let span = node.byte_range();
        let object = self.field(node, "object");
        let property = match node.child_by_field_name("property") {
            Some(property) => self.text_of(property).to_owned(),
            None => {
                let index = self.field(node, "index");
                match self.tree.as_text(index) {
                    Some(text) => text.to_owned(),
                    None => return self.tree.add(Kind::Index { object, index }, span),
                }
            }
        };
        self.member_of(object, property, span)
    }

    /// `object.property`. The default export of a module is the module itself, and a field of `this`
    /// is a name of its own, so that it can be followed.
    pub(super) fn member_of(
        &mut self,
        object: NodeId,
        property: String,
        span: std::ops::Range<usize>,
    ) -> NodeId {
        let inner = match self.tree.kind(object) {
            Kind::Await(inner) => *inner,
            _ => object,
        };
        let kind = match self.tree.kind(inner) {
            Kind::Name(name) if property == "default" && name.starts_with("require:") => {
                Kind::Name(name.clone())
            }
            Kind::Name(name) if name.starts_with("this") && *name == self.this() => {
                Kind::Name(format!("{name}.{property}"))
            }
            _ => Kind::Member { object, property },
        };
        self.tree.add(kind, span)
    }

    pub(super) fn call(&mut self, node: Node<'_>) -> NodeId {
        let span = node.byte_range();
        let new = node.kind() == "new_expression";
        let arguments = node.child_by_field_name("arguments");
        if !new && let Some(module) = self.required_module(node, arguments) {
            return self.required(&module, span);
        }
        let callee = self.field(node, if new { "constructor" } else { "function" });
        let values = match arguments {
            Some(template) if template.kind() == "template_string" => vec![self.node(template)],
            Some(arguments) => self.all(&named(arguments)),
            None => Vec::new(),
        };
        let args = values
            .into_iter()
            .map(|value| Argument { name: None, value })
            .collect();
        self.tree.add(Kind::Call { callee, args, new }, span)
    }

    /// The module of `require('x')` and `import('x')`.
    fn required_module(&self, call: Node<'_>, arguments: Option<Node<'_>>) -> Option<String> {
        let function = call.child_by_field_name("function")?;
        let loads = match function.kind() {
            "import" => true,
            "identifier" => self.text_of(function) == "require",
            _ => false,
        };
        let first = *named(arguments.filter(|_| loads)?).first()?;
        let plain = match first.kind() {
            "string" => true,
            "template_string" => !self.text_of(first).contains("${"),
            _ => false,
        };
        plain.then(|| self.string(first))
    }

    pub(super) fn operation(&mut self, node: Node<'_>) -> NodeId {
        let span = node.byte_range();
        let kind = match node.kind() {
            "binary_expression" => {
                let operator = self.operator(node);
                let left = self.field(node, "left");
                let right = self.field(node, "right");
                Kind::Binary {
                    operator,
                    left,
                    right,
                }
            }
            "ternary_expression" => Kind::Choice {
                test: self.field(node, "condition"),
                then: self.field(node, "consequence"),
                otherwise: self.field(node, "alternative"),
            },
            "update_expression" => {
                let target = self.field(node, "argument");
                if let Kind::Name(name) = self.tree.kind(target) {
                    let name = name.clone();
                    self.binder
                        .assign(&name, crate::languages::syntax::Binding::Unknown);
                }
                Kind::Update(target)
            }
            "unary_expression" => return self.unary(node),
            "spread_element" => Kind::Spread(self.only(node)),
            _ => Kind::Await(self.only(node)),
        };
        self.tree.add(kind, span)
    }

    fn only(&mut self, node: Node<'_>) -> NodeId {
        match named(node).first() {
            Some(inner) => self.node(*inner),
            None => self.tree.add(Kind::Null, node.byte_range()),
        }
    }

    fn unary(&mut self, node: Node<'_>) -> NodeId {
        let span = node.byte_range();
        let operator = node
            .child_by_field_name("operator")
            .map_or("", |operator| self.text_of(operator));
        let inner = self.field(node, "argument");
        let kind = match (operator, self.tree.kind(inner)) {
            ("+", _) => return inner,
            ("!", Kind::Not(twice)) => return *twice,
            ("!", _) => Kind::Not(inner),
            ("-", Kind::Number(number)) => Kind::Number(format!("-{number}")),
            ("delete", _) => Kind::Delete(inner),
            ("void", Kind::Number(_)) => Kind::Null,
            _ => Kind::Block(vec![inner]),
        };
        self.tree.add(kind, span)
    }

    pub(super) fn operator(&self, node: Node<'_>) -> Operator {
        let text = node
            .child_by_field_name("operator")
            .map_or("", |operator| self.text_of(operator));
        match text {
            "||" | "||=" => Operator::Or,
            "??" | "??=" => Operator::Coalesce,
            "&&" => Operator::And,
            "==" | "===" => Operator::Equal,
            "!=" | "!==" => Operator::NotEqual,
            "in" => Operator::In,
            "+" => Operator::Add,
            _ => Operator::Other,
        }
    }
}

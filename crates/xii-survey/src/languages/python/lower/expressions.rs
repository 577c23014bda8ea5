//! Expressions.

use tree_sitter::Node;

use super::lowering::{Lowering, named};
use crate::languages::syntax::{Argument, Kind, NodeId, Operator, Pair};

impl Lowering<'_> {
    /// Lowers an expression; every other construct becomes the sequence of its children.
    pub(super) fn expression(&mut self, node: Node<'_>) -> NodeId {
        match node.kind() {
            "identifier" => {
                let name = self.text_of(node).to_owned();
                self.add(Kind::Name(name), node)
            }
            "attribute" => self.attribute(node),
            "subscript" => self.subscript(node),
            "call" => self.call(node),
            "string" | "concatenated_string" => self.string(node),
            "integer" | "float" => {
                let text = self.text_of(node).replace('_', "");
                self.add(Kind::Number(text), node)
            }
            "true" => self.add(Kind::Bool(true), node),
            "false" => self.add(Kind::Bool(false), node),
            "none" => self.add(Kind::Null, node),
            "list" | "tuple" | "set" | "expression_list" => {
                let items = self.children(node);
                self.add(Kind::List(items), node)
            }
            "dictionary" => self.dictionary(node),
            "parenthesized_expression" | "expression_statement" | "type" | "else_clause" => {
                self.transparent(node)
            }
            "boolean_operator" | "binary_operator" => self.binary(node),
            "comparison_operator" => self.comparison(node),
            "not_operator" => {
                let inner = self.field(node, "argument");
                self.add(Kind::Not(inner), node)
            }
            "unary_operator" => self.unary(node),
            "conditional_expression" => self.choice(node),
            "await" => {
                let inner = self.first(node);
                self.add(Kind::Await(inner), node)
            }
            "list_splat"
            | "dictionary_splat"
            | "list_splat_pattern"
            | "dictionary_splat_pattern" => {
                let inner = self.first(node);
                self.add(Kind::Spread(inner), node)
            }
            "for_in_clause" => {
                if let Some(left) = node.child_by_field_name("left") {
                    self.bind_names(left);
                }
                self.block(node)
            }
            _ => self.block(node),
        }
    }

    /// What stands for the one thing that it holds.
    fn transparent(&mut self, node: Node<'_>) -> NodeId {
        match named(node).as_slice() {
            [one] => self.node(*one),
            _ => self.block(node),
        }
    }

    fn first(&mut self, node: Node<'_>) -> NodeId {
        match named(node).first() {
            Some(one) => self.node(*one),
            None => self.add(Kind::Block(Vec::new()), node),
        }
    }

    fn attribute(&mut self, node: Node<'_>) -> NodeId {
        let object = self.field(node, "object");
        let property = node
            .child_by_field_name("attribute")
            .map_or("", |name| self.text_of(name))
            .to_owned();
        self.add(Kind::Member { object, property }, node)
    }

    fn subscript(&mut self, node: Node<'_>) -> NodeId {
        let object = self.field(node, "value");
        let mut cursor = node.walk();
        let mut indices: Vec<_> = node
            .children_by_field_name("subscript", &mut cursor)
            .collect();
        let index = match (indices.pop(), indices.is_empty()) {
            (Some(one), true) => self.node(one),
            (Some(last), false) => {
                indices.push(last);
                let items = indices.into_iter().map(|one| self.node(one)).collect();
                self.add(Kind::List(items), node)
            }
            (None, _) => self.add(Kind::Block(Vec::new()), node),
        };
        let kind = match self.tree.as_text(index) {
            Some(property) => Kind::Member {
                object,
                property: property.to_owned(),
            },
            None => Kind::Index { object, index },
        };
        self.add(kind, node)
    }

    fn call(&mut self, node: Node<'_>) -> NodeId {
        // The grammar reads `*f()` as a call of `*f`.
        let spread = node
            .child_by_field_name("function")
            .filter(|function| matches!(function.kind(), "list_splat" | "dictionary_splat"));
        let callee = match spread {
            Some(spread) => self.first(spread),
            None => self.field(node, "function"),
        };
        let mut args = Vec::new();
        match node.child_by_field_name("arguments") {
            Some(list) if list.kind() == "argument_list" => {
                for one in named(list) {
                    args.push(self.argument(one));
                }
            }
            Some(one) => args.push(Argument {
                name: None,
                value: self.node(one),
            }),
            None => {}
        }
        let call = Kind::Call {
            callee,
            args,
            new: false,
        };
        let call = self.add(call, node);
        match spread {
            Some(_) => self.add(Kind::Spread(call), node),
            None => call,
        }
    }

    fn argument(&mut self, node: Node<'_>) -> Argument {
        if node.kind() != "keyword_argument" {
            return Argument {
                name: None,
                value: self.node(node),
            };
        }
        let name = node
            .child_by_field_name("name")
            .map(|name| self.text_of(name).to_owned());
        Argument {
            name,
            value: self.field(node, "value"),
        }
    }

    fn dictionary(&mut self, node: Node<'_>) -> NodeId {
        let mut pairs = Vec::new();
        for child in named(node) {
            if child.kind() != "pair" {
                let value = self.node(child);
                pairs.push(Pair { key: None, value });
                continue;
            }
            let key = child.child_by_field_name("key");
            let lowered = key.map(|key| self.node(key));
            let text = lowered.and_then(|key| self.tree.as_text(key).map(str::to_owned));
            let mut value = self.field(child, "value");
            if text.is_none()
                && let Some(key) = lowered
            {
                // A computed key may call something, so it is kept beside its value.
                value = self.add(Kind::Block(vec![key, value]), child);
            }
            pairs.push(Pair { key: text, value });
        }
        self.add(Kind::Map(pairs), node)
    }

    fn binary(&mut self, node: Node<'_>) -> NodeId {
        let operator = node
            .child_by_field_name("operator")
            .map_or("", |operator| self.text_of(operator));
        let operator = match operator {
            "or" => Operator::Or,
            "and" => Operator::And,
            "+" => Operator::Add,
            _ => Operator::Other,
        };
        let left = self.field(node, "left");
        let right = self.field(node, "right");
        self.add(
            Kind::Binary {
                operator,
                left,
                right,
            },
            node,
        )
    }

    fn comparison(&mut self, node: Node<'_>) -> NodeId {
        let mut cursor = node.walk();
        let operators: Vec<_> = node
            .children_by_field_name("operators", &mut cursor)
            .map(|operator| self.text_of(operator).to_owned())
            .collect();
        let parts = self.children(node);
        let ([left, right], [operator, ..]) = (parts.as_slice(), operators.as_slice()) else {
            return self.add(Kind::Block(parts), node);
        };
        let operator = match operator.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["=="] | ["is"] => Operator::Equal,
            ["!="] | ["<>"] | ["is", "not"] => Operator::NotEqual,
            ["in"] => Operator::In,
            ["not", "in"] => Operator::NotIn,
            _ => Operator::Other,
        };
        let (left, right) = (*left, *right);
        self.add(
            Kind::Binary {
                operator,
                left,
                right,
            },
            node,
        )
    }

    fn unary(&mut self, node: Node<'_>) -> NodeId {
        let argument = node.child_by_field_name("argument");
        let number = argument.is_some_and(|one| matches!(one.kind(), "integer" | "float"));
        if number {
            let text = self.text_of(node).replace(['_', ' '], "");
            return self.add(Kind::Number(text), node);
        }
        self.block(node)
    }

    fn choice(&mut self, node: Node<'_>) -> NodeId {
        let parts = self.children(node);
        let [then, test, otherwise] = parts.as_slice() else {
            return self.add(Kind::Block(parts), node);
        };
        let (then, test, otherwise) = (*then, *test, *otherwise);
        self.add(
            Kind::Choice {
                test,
                then,
                otherwise,
            },
            node,
        )
    }
}

//! Statements: branches, loops, handlers of errors.

use tree_sitter::Node;

use super::lowering::{Lowering, named};
use crate::languages::syntax::{Binding, Kind, NodeId};

/// How many `elif` are kept as branches of their own. The rest of a longer chain is kept as code.
const BRANCHES: usize = 64;

impl Lowering<'_> {
    /// Lowers a statement, and hands what is none to the expressions.
    pub(super) fn statement(&mut self, node: Node<'_>) -> NodeId {
        match node.kind() {
            "assignment" | "augmented_assignment" | "named_expression" => self.assignment(node),
            "import_statement" | "import_from_statement" | "future_import_statement" => {
                self.import(node)
            }
            "function_definition" | "lambda" => self.function(node, Vec::new()),
            "class_definition" => self.class(node, Vec::new()),
            "decorated_definition" => self.decorated(node),
            "if_statement" => self.branch(node),
            "for_statement" | "while_statement" => self.repetition(node),
            "try_statement" => self.attempt(node),
            "with_statement" => self.with(node),
            "return_statement" => {
                let value = named(node).first().map(|value| self.node(*value));
                self.add(Kind::Return(value), node)
            }
            "raise_statement" => {
                let value = named(node).first().map(|value| self.node(*value));
                self.add(Kind::Throw(value), node)
            }
            "delete_statement" => self.delete(node),
            "assert_statement" => self.assertion(node),
            "global_statement" => self.outer_names(node, false),
            "nonlocal_statement" => self.outer_names(node, true),
            _ => self.expression(node),
        }
    }

    fn branch(&mut self, node: Node<'_>) -> NodeId {
        let type_only = node
            .child_by_field_name("condition")
            .map(|test| self.text_of(test))
            .is_some_and(|test| test == "TYPE_CHECKING" || test.ends_with(".TYPE_CHECKING"));
        // An import that only some versions of the language need is optional in all of them.
        let optional = node
            .child_by_field_name("condition")
            .map(|test| self.text_of(test))
            .is_some_and(|test| test.contains("sys.version_info"));
        let test = self.field(node, "condition");
        self.type_only += usize::from(type_only);
        self.optional += usize::from(optional);
        let then = self.field(node, "consequence");
        self.type_only -= usize::from(type_only);
        let mut parts = Vec::new();
        let mut otherwise = None;
        let mut rest = Vec::new();
        let mut cursor = node.walk();
        let alternatives: Vec<_> = node
            .children_by_field_name("alternative", &mut cursor)
            .collect();
        for alternative in alternatives {
            if alternative.kind() == "else_clause" {
                otherwise = Some(self.field(alternative, "body"));
            } else if parts.len() < BRANCHES {
                let test = self.field(alternative, "condition");
                let then = self.field(alternative, "consequence");
                parts.push((test, then, alternative));
            } else {
                rest.push(self.block(alternative));
            }
        }
        self.optional -= usize::from(optional);
        if !rest.is_empty() {
            rest.extend(otherwise);
            otherwise = Some(self.add(Kind::Block(rest), node));
        }
        for (test, then, at) in parts.into_iter().rev() {
            otherwise = Some(self.add(
                Kind::If {
                    test,
                    then,
                    otherwise,
                },
                at,
            ));
        }
        self.add(
            Kind::If {
                test,
                then,
                otherwise,
            },
            node,
        )
    }

    fn repetition(&mut self, node: Node<'_>) -> NodeId {
        let mut head = Vec::new();
        if let Some(left) = node.child_by_field_name("left") {
            self.bind_names(left);
            head.push(self.node(left));
        }
        for name in ["right", "condition"] {
            if let Some(part) = node.child_by_field_name(name) {
                head.push(self.node(part));
            }
        }
        let mut body = self.field(node, "body");
        if let Some(alternative) = node.child_by_field_name("alternative") {
            let after = self.node(alternative);
            body = self.add(Kind::Block(vec![body, after]), node);
        }
        self.add(Kind::Loop { head, body }, node)
    }

    fn attempt(&mut self, node: Node<'_>) -> NodeId {
        let clauses = named(node);
        let optional = clauses
            .iter()
            .any(|clause| clause.kind() == "except_clause" && self.forgives_import(*clause));
        self.optional += usize::from(optional);
        let mut body = self.field(node, "body");
        let mut handles = Vec::new();
        let mut catches_all = false;
        let mut handlers = Vec::new();
        let mut finally = None;
        for clause in clauses {
            match clause.kind() {
                "except_clause" => {
                    let names = self.caught(clause);
                    catches_all |= names.is_empty();
                    handles.extend(names);
                    handlers.push(self.handler(clause));
                }
                "finally_clause" => finally = Some(self.block(clause)),
                "else_clause" => {
                    let after = self.node(clause);
                    body = self.add(Kind::Block(vec![body, after]), node);
                }
                _ => {}
            }
        }
        self.optional -= usize::from(optional);
        if catches_all {
            handles.clear();
        }
        self.add(
            Kind::Try {
                body,
                handles,
                handlers,
                finally,
            },
            node,
        )
    }

    fn handler(&mut self, clause: Node<'_>) -> NodeId {
        if let Some(alias) = clause.child_by_field_name("alias") {
            self.bind_names(alias);
        }
        self.block(clause)
    }

    /// The names of the errors that a clause catches; none when it catches all.
    fn caught(&self, clause: Node<'_>) -> Vec<String> {
        let Some(value) = clause.child_by_field_name("value") else {
            return Vec::new();
        };
        let text = self.text_of(value);
        let text = text.split(" as ").next().unwrap_or(text);
        text.trim_matches(['(', ')'])
            .split(',')
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect()
    }

    /// Whether a clause lets the program go on without a module.
    fn forgives_import(&self, clause: Node<'_>) -> bool {
        let names = self.caught(clause);
        let catches = names.is_empty()
            || names.iter().any(|name| {
                matches!(
                    name.as_str(),
                    "ImportError" | "ModuleNotFoundError" | "Exception" | "BaseException"
                )
            });
        let body = named(clause)
            .into_iter()
            .rfind(|part| part.kind() == "block");
        catches && body.is_some_and(|body| !self.gives_up(body))
    }

    /// Whether one of the block's own statements ends the program or raises.
    fn gives_up(&self, block: Node<'_>) -> bool {
        named(block).into_iter().any(|statement| {
            let text = self.text_of(statement);
            statement.kind() == "raise_statement"
                || text.starts_with("sys.exit")
                || text.starts_with("exit(")
                || text.starts_with("quit(")
        })
    }

    fn with(&mut self, node: Node<'_>) -> NodeId {
        let mut contexts = Vec::new();
        for clause in named(node) {
            if clause.kind() != "with_clause" {
                continue;
            }
            for item in named(clause) {
                contexts.push(self.context(item));
            }
        }
        let body = self.field(node, "body");
        self.add(Kind::With { contexts, body }, node)
    }

    fn context(&mut self, item: Node<'_>) -> NodeId {
        let value = item.child_by_field_name("value").unwrap_or(item);
        if value.kind() != "as_pattern" {
            return self.node(value);
        }
        let (Some(inner), alias) = (
            named(value).first().copied(),
            value.child_by_field_name("alias"),
        ) else {
            return self.block(value);
        };
        let lowered = self.node(inner);
        if let Some(alias) = alias {
            let target = named(alias).first().copied().unwrap_or(alias);
            if target.kind() == "identifier" {
                let name = self.text_of(target).to_owned();
                self.bind(&name, Binding::Value(lowered));
            } else {
                self.bind_names(alias);
            }
        }
        lowered
    }

    fn delete(&mut self, node: Node<'_>) -> NodeId {
        let mut items = Vec::new();
        for target in named(node) {
            let inner = self.node(target);
            items.push(self.add(Kind::Delete(inner), target));
        }
        match items.as_slice() {
            [one] => *one,
            _ => self.add(Kind::Block(items), node),
        }
    }

    fn assertion(&mut self, node: Node<'_>) -> NodeId {
        let mut parts = self.children(node);
        if parts.is_empty() {
            return self.add(Kind::Block(parts), node);
        }
        let test = parts.remove(0);
        let test = self.add(Kind::Assert(test), node);
        if parts.is_empty() {
            return test;
        }
        parts.insert(0, test);
        self.add(Kind::Block(parts), node)
    }

    fn outer_names(&mut self, node: Node<'_>, nonlocal: bool) -> NodeId {
        for name in named(node) {
            let name = self.text_of(name).to_owned();
            if nonlocal {
                self.bind_outside(&name);
            } else {
                self.declare_global(&name);
            }
        }
        self.add(Kind::Block(Vec::new()), node)
    }

    /// Binds every name of a target whose value is not followed.
    pub(super) fn bind_names(&mut self, target: Node<'_>) {
        let mut open = vec![target];
        while let Some(node) = open.pop() {
            match node.kind() {
                "identifier" => {
                    let name = self.text_of(node).to_owned();
                    self.bind(&name, Binding::Unknown);
                }
                "attribute" | "subscript" => {}
                _ => open.extend(named(node)),
            }
        }
    }
}

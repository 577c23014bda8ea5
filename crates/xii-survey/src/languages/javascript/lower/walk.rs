//! The walk over a syntax tree: what each kind of node is lowered by.

use std::ops::Range;

use tree_sitter::Node;

use super::binder::Binder;
use crate::languages::syntax::{Kind, NodeId, Tree};

/// How deep a syntax tree is followed. Code that a person wrote stays far below.
const DEPTH: usize = 220;

/// A file as it is being lowered.
pub(super) struct Lowering<'t> {
    pub(super) text: &'t str,
    pub(super) tree: Tree,
    pub(super) binder: Binder,
    /// How many `try` blocks are around: an import there may fail.
    pub(super) trying: usize,
    /// How many classes were opened, and the one that `this` belongs to.
    pub(super) classes: usize,
    pub(super) class: usize,
    depth: usize,
}

/// Lowers a syntax tree.
pub(in crate::languages::javascript) fn lower(root: Node<'_>, text: &str) -> Tree {
    let mut lowering = Lowering {
        text,
        tree: Tree::default(),
        binder: Binder::new(),
        trying: 0,
        classes: 0,
        class: 0,
        depth: 0,
    };
    let root = lowering.block(root);
    let Lowering {
        mut tree, binder, ..
    } = lowering;
    binder.finish(&mut tree);
    tree.root = Some(root);
    tree
}

impl<'t> Lowering<'t> {
    /// Lowers a node; what is nested too deep becomes an empty block.
    pub(super) fn node(&mut self, node: Node<'_>) -> NodeId {
        if self.depth >= DEPTH {
            return self.tree.add(Kind::Block(Vec::new()), node.byte_range());
        }
        self.depth += 1;
        let id = self.dispatch(node);
        self.depth -= 1;
        id
    }

    fn dispatch(&mut self, node: Node<'_>) -> NodeId {
        match node.kind() {
            "identifier"
            | "shorthand_property_identifier"
            | "property_identifier"
            | "private_property_identifier"
            | "this"
            | "super"
            | "meta_property"
            | "undefined"
            | "null"
            | "true"
            | "false"
            | "number"
            | "string"
            | "template_string"
            | "regex" => self.atom(node),
            "member_expression" | "subscript_expression" => self.member(node),
            "call_expression" | "new_expression" => self.call(node),
            "binary_expression" | "unary_expression" | "update_expression"
            | "ternary_expression" | "await_expression" | "yield_expression" | "spread_element" => {
                self.operation(node)
            }
            "parenthesized_expression"
            | "as_expression"
            | "satisfies_expression"
            | "non_null_expression"
            | "type_assertion"
            | "instantiation_expression"
            | "decorator"
            | "jsx_expression"
            | "expression_statement"
            | "export_default" => self.inner(node),
            "object" => self.object(node),
            "array" => self.list(node),
            "assignment_expression" | "augmented_assignment_expression" => self.assignment(node),
            "variable_declarator" => self.declarator(node),
            "function_declaration"
            | "generator_function_declaration"
            | "function_expression"
            | "generator_function"
            | "arrow_function"
            | "method_definition"
            | "function" => self.function(node, None),
            "class_declaration" | "abstract_class_declaration" | "class" => self.class(node, None),
            "enum_declaration" => self.enumeration(node),
            "if_statement" | "switch_statement" | "for_statement" | "for_in_statement"
            | "while_statement" | "do_statement" | "try_statement" | "return_statement"
            | "throw_statement" => self.statement(node),
            "import_statement" => self.import(node),
            "import_alias" => self.import_alias(node),
            "export_statement" => self.export(node, None),
            "comment"
            | "hash_bang_line"
            | "type_annotation"
            | "type_arguments"
            | "type_parameters"
            | "interface_declaration"
            | "type_alias_declaration"
            | "function_signature"
            | "method_signature"
            | "abstract_method_signature"
            | "index_signature"
            | "ambient_declaration"
            | "implements_clause"
            | "jsx_text"
            | "html_comment" => self.tree.add(Kind::Block(Vec::new()), node.byte_range()),
            _ => self.block(node),
        }
    }

    /// A block of the lowered named children.
    pub(super) fn block(&mut self, node: Node<'_>) -> NodeId {
        let items = self.all(&named(node));
        self.tree.add(Kind::Block(items), node.byte_range())
    }

    pub(super) fn all(&mut self, nodes: &[Node<'_>]) -> Vec<NodeId> {
        let mut items = Vec::with_capacity(nodes.len());
        for child in nodes {
            if self.is_worth_lowering(*child) {
                items.push(self.node(*child));
            }
        }
        items
    }

    fn is_worth_lowering(&self, node: Node<'_>) -> bool {
        !matches!(
            node.kind(),
            "comment"
                | "type_annotation"
                | "type_arguments"
                | "type_parameters"
                | "interface_declaration"
                | "type_alias_declaration"
                | "accessibility_modifier"
                | "override_modifier"
                | "statement_identifier"
                | "jsx_text"
                | "regex_pattern"
                | "regex_flags"
        )
    }

    /// What the node wraps: a parenthesis, a cast, a statement of one expression.
    fn inner(&mut self, node: Node<'_>) -> NodeId {
        match named(node).into_iter().find(|one| !is_type(*one)) {
            Some(inner) => self.node(inner),
            None => self.tree.add(Kind::Block(Vec::new()), node.byte_range()),
        }
    }

    /// A field's lowered child; an empty block when it is missing.
    pub(super) fn field(&mut self, node: Node<'_>, name: &str) -> NodeId {
        match node.child_by_field_name(name) {
            Some(child) => self.node(child),
            None => self.tree.add(Kind::Block(Vec::new()), node.byte_range()),
        }
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    pub(super) fn text_of(&self, node: Node<'_>) -> &'t str {
        self.slice(node.byte_range())
    }

    pub(super) fn name(&mut self, name: &str, span: Range<usize>) -> NodeId {
        self.tree.add(Kind::Name(name.to_owned()), span)
    }
}

/// The named children, comments left out.
pub(super) fn named(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .filter(|child| child.kind() != "comment")
        .collect()
}

/// Whether a node is a type, which is never run.
fn is_type(node: Node<'_>) -> bool {
    let kind = node.kind();
    kind == "type_arguments" || kind == "type_annotation" || kind.ends_with("_type")
}

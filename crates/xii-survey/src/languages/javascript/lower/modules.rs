//! Imports and exports.

use std::ops::Range;

use tree_sitter::Node;

use super::walk::{Lowering, named};
use crate::languages::syntax::{Binding, Imported, Kind, NodeId};

impl Lowering<'_> {
    /// `require('x')`: a name of its own that is bound to the module, so that members of it resolve.
    pub(super) fn required(&mut self, module: &str, span: Range<usize>) -> NodeId {
        let local = format!("require:{module}");
        let known = self
            .tree
            .imports
            .iter()
            .any(|import| import.local.as_deref() == Some(&local));
        let number = self.tree.imports.len();
        self.tree.imports.push(Imported {
            local: Some(local.clone()),
            module: module.to_owned(),
            member: None,
            span: span.clone(),
            optional: self.trying > 0,
            type_only: false,
        });
        if !known {
            self.binder.declare_in_file(&local, Binding::Import(number));
        }
        self.name(&local, span)
    }

    pub(super) fn import(&mut self, node: Node<'_>) -> NodeId {
        let span = node.byte_range();
        let empty = Kind::Block(Vec::new());
        for child in named(node) {
            if child.kind() == "import_require_clause" {
                return self.import_require(child, span);
            }
        }
        let Some(source) = node.child_by_field_name("source") else {
            return self.tree.add(empty, span);
        };
        let module = self.string(source);
        let type_only = self.text_of(node).starts_with("import type ")
            && !self.text_of(node).starts_with("import type from");
        let clause = named(node)
            .into_iter()
            .find(|child| child.kind() == "import_clause");
        let mut bound = false;
        for part in clause.map(named).unwrap_or_default() {
            match part.kind() {
                "identifier" => {
                    self.bind_import(self.text_of(part), &module, None, &span, type_only);
                }
                "namespace_import" => {
                    if let Some(name) = named(part).first() {
                        self.bind_import(self.text_of(*name), &module, None, &span, type_only);
                    }
                }
                "named_imports" => {
                    for specifier in named(part) {
                        self.specifier(specifier, &module, &span, type_only);
                    }
                }
                _ => {}
            }
            bound = true;
        }
        if !bound {
            self.tree.imports.push(Imported {
                local: None,
                module,
                member: None,
                span: span.clone(),
                optional: false,
                type_only,
            });
        }
        self.tree.add(empty, span)
    }

    fn specifier(&mut self, node: Node<'_>, module: &str, span: &Range<usize>, type_only: bool) {
        let Some(name) = node.child_by_field_name("name") else {
            return;
        };
        let member = self.key(name);
        let local = node
            .child_by_field_name("alias")
            .map_or(member.as_str(), |alias| self.text_of(alias))
            .to_owned();
        let type_only = type_only || self.text_of(node).starts_with("type ");
        let member = (member != "default").then_some(member);
        self.bind_import(&local, module, member, span, type_only);
    }

    fn bind_import(
        &mut self,
        local: &str,
        module: &str,
        member: Option<String>,
        span: &Range<usize>,
        type_only: bool,
    ) {
        let number = self.tree.imports.len();
        self.tree.imports.push(Imported {
            local: Some(local.to_owned()),
            module: module.to_owned(),
            member,
            span: span.clone(),
            optional: false,
            type_only,
        });
        self.binder.declare(local, Some(Binding::Import(number)));
    }

    /// `import x = require('y')`.
    fn import_require(&mut self, clause: Node<'_>, span: Range<usize>) -> NodeId {
        let name = named(clause)
            .into_iter()
            .find(|one| one.kind() == "identifier");
        if let (Some(name), Some(source)) = (name, clause.child_by_field_name("source")) {
            let module = self.string(source);
            self.bind_import(self.text_of(name), &module, None, &span, false);
        }
        self.tree.add(Kind::Block(Vec::new()), span)
    }

    /// `import x = A.b`.
    pub(super) fn import_alias(&mut self, node: Node<'_>) -> NodeId {
        if let Some(name) = named(node).first() {
            let name = self.text_of(*name);
            self.declare_unknown(name);
        }
        self.tree.add(Kind::Block(Vec::new()), node.byte_range())
    }

    /// An export is lowered as the assignment that CommonJS writes: `exports.x = x`,
    /// `module.exports = value`, `exports.* = module`.
    pub(super) fn export(&mut self, node: Node<'_>, _: Option<&str>) -> NodeId {
        let span = node.byte_range();
        let decorators = self.decorators(node);
        let mut items = Vec::new();
        let text = self.text_of(node);
        if text.starts_with("export type ") && node.child_by_field_name("declaration").is_none() {
            return self.tree.add(Kind::Block(items), span);
        }
        let is_default = {
            let mut cursor = node.walk();
            node.children(&mut cursor)
                .any(|child| child.kind() == "default")
        };
        if let Some(source) = node.child_by_field_name("source") {
            let module = self.string(source);
            self.export_from(node, &module, &span, &mut items);
        } else if let Some(declaration) = node.child_by_field_name("declaration") {
            let is_class = matches!(
                declaration.kind(),
                "class_declaration" | "abstract_class_declaration"
            );
            let lowered = if is_class {
                self.class_with(declaration, None, decorators)
            } else {
                self.node(declaration)
            };
            if is_default {
                items.push(self.export_default(lowered, &span));
            } else {
                items.push(lowered);
                for name in self.declared_names(declaration) {
                    let value = self.name(&name, span.start..span.start);
                    items.push(self.export_as(&name, value, &span));
                }
            }
        } else if let Some(value) = node.child_by_field_name("value") {
            let value = self.named_value(value, None);
            items.push(self.export_default(value, &span));
        } else {
            for specifier in specifiers(node) {
                let (name, alias) = self.exported_names(specifier);
                let value = self.name(&name, specifier.byte_range());
                let exported = match alias.as_str() {
                    "default" => self.export_default(value, &specifier.byte_range()),
                    alias => self.export_as(alias, value, &specifier.byte_range()),
                };
                items.push(exported);
            }
            if items.is_empty() {
                // `export = value` of TypeScript.
                for child in named(node) {
                    let value = self.node(child);
                    items.push(self.export_default(value, &span));
                }
            }
        }
        self.tree.add(Kind::Block(items), span)
    }

    fn export_from(
        &mut self,
        node: Node<'_>,
        module: &str,
        span: &Range<usize>,
        items: &mut Vec<NodeId>,
    ) {
        let mut any = false;
        for specifier in specifiers(node) {
            any = true;
            if self.text_of(specifier).starts_with("type ") {
                continue;
            }
            let (name, alias) = self.exported_names(specifier);
            let module = self.required(module, span.clone());
            let value = self.member_of(module, name, span.clone());
            items.push(match alias.as_str() {
                "default" => self.export_default(value, span),
                alias => self.export_as(alias, value, span),
            });
        }
        if any {
            return;
        }
        let namespace = named(node)
            .into_iter()
            .find(|child| child.kind() == "namespace_export")
            .and_then(|child| named(child).first().copied());
        let value = self.required(module, span.clone());
        let name = namespace.map_or("*", |name| self.text_of(name));
        items.push(self.export_as(name, value, span));
    }

    fn exported_names(&self, specifier: Node<'_>) -> (String, String) {
        let name = specifier
            .child_by_field_name("name")
            .map(|name| self.key(name))
            .unwrap_or_default();
        let alias = specifier
            .child_by_field_name("alias")
            .map_or_else(|| name.clone(), |alias| self.key(alias));
        (name, alias)
    }

    /// The names that a declaration declares.
    fn declared_names(&self, declaration: Node<'_>) -> Vec<String> {
        if let Some(name) = declaration.child_by_field_name("name") {
            return match declaration.kind() {
                "interface_declaration" | "type_alias_declaration" => Vec::new(),
                _ => vec![self.text_of(name).to_owned()],
            };
        }
        let mut names = Vec::new();
        let mut open: Vec<Node<'_>> = named(declaration)
            .into_iter()
            .filter_map(|one| one.child_by_field_name("name"))
            .collect();
        while let Some(next) = open.pop() {
            match next.kind() {
                "identifier" | "shorthand_property_identifier_pattern" => {
                    names.push(self.text_of(next).to_owned());
                }
                "pair_pattern" => open.extend(next.child_by_field_name("value")),
                "object_assignment_pattern" | "assignment_pattern" => {
                    open.extend(next.child_by_field_name("left"));
                }
                "object_pattern" | "array_pattern" => open.extend(named(next)),
                _ => {}
            }
        }
        names
    }

    fn export_default(&mut self, value: NodeId, span: &Range<usize>) -> NodeId {
        let object = self.name("module", span.start..span.start);
        let target = self.tree.add(
            Kind::Member {
                object,
                property: "exports".to_owned(),
            },
            span.start..span.start,
        );
        let kind = Kind::Assign {
            target,
            value,
            augmented: false,
        };
        self.tree.add(kind, span.clone())
    }

    fn export_as(&mut self, name: &str, value: NodeId, span: &Range<usize>) -> NodeId {
        let object = self.name("exports", span.start..span.start);
        let target = self.tree.add(
            Kind::Member {
                object,
                property: name.to_owned(),
            },
            span.start..span.start,
        );
        let kind = Kind::Assign {
            target,
            value,
            augmented: false,
        };
        self.tree.add(kind, span.clone())
    }
}

/// The specifiers of `export { a, b as c }`.
fn specifiers(node: Node<'_>) -> Vec<Node<'_>> {
    named(node)
        .into_iter()
        .filter(|child| child.kind() == "export_clause")
        .flat_map(named)
        .filter(|child| child.kind() == "export_specifier")
        .collect()
}

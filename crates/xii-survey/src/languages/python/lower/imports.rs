//! Imports in all their forms.

use tree_sitter::Node;

use super::lowering::{Lowering, named};
use crate::languages::syntax::{Binding, Imported, Kind, NodeId};

impl Lowering<'_> {
    pub(super) fn import(&mut self, node: Node<'_>) -> NodeId {
        match node.kind() {
            "import_statement" => self.import_modules(node),
            "import_from_statement" => self.import_members(node),
            _ => {}
        }
        self.add(Kind::Block(Vec::new()), node)
    }

    /// `import a`, `import a.b`, `import a.b as c`.
    fn import_modules(&mut self, node: Node<'_>) {
        for child in named(node) {
            let (module, alias) = self.named_import(child);
            match alias {
                Some(alias) => self.imported(node, Some(&alias), &module, None),
                None => {
                    // `import a.b` binds `a`, and loads `a.b`.
                    let top = module.split('.').next().unwrap_or_default().to_owned();
                    if top != module {
                        self.imported(node, None, &module, None);
                    }
                    self.imported(node, Some(&top), &top, None);
                }
            }
        }
    }

    /// `from a import b`, `from .a import b as c`, `from a import *`.
    fn import_members(&mut self, node: Node<'_>) {
        let Some(module) = node.child_by_field_name("module_name") else {
            return;
        };
        let module_id = module.id();
        let module = self.compact(module);
        for child in named(node) {
            if child.id() == module_id {
                continue;
            }
            if child.kind() == "wildcard_import" {
                self.imported(node, None, &module, Some("*"));
                continue;
            }
            let (member, alias) = self.named_import(child);
            let local = alias.unwrap_or_else(|| member.clone());
            self.imported(node, Some(&local), &module, Some(&member));
        }
    }

    fn named_import(&self, node: Node<'_>) -> (String, Option<String>) {
        if node.kind() != "aliased_import" {
            return (self.compact(node), None);
        }
        let name = node.child_by_field_name("name");
        let alias = node.child_by_field_name("alias");
        (
            name.map_or_else(String::new, |name| self.compact(name)),
            alias.map(|alias| self.text_of(alias).to_owned()),
        )
    }

    /// A dotted name without the white space that the language allows in it.
    fn compact(&self, node: Node<'_>) -> String {
        self.text_of(node).split_whitespace().collect()
    }

    fn imported(
        &mut self,
        node: Node<'_>,
        local: Option<&str>,
        module: &str,
        member: Option<&str>,
    ) {
        let number = self.tree.imports.len();
        self.tree.imports.push(Imported {
            local: local.map(str::to_owned),
            module: module.to_owned(),
            member: member.map(str::to_owned),
            span: node.byte_range(),
            optional: self.optional > 0,
            type_only: self.type_only > 0,
        });
        if let Some(local) = local {
            self.bind(local, Binding::Import(number));
        }
    }
}

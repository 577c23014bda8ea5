//! The part of the program that a node stands in.

use std::sync::Arc;

use xii_model::Scope;

use super::language::File;
use super::syntax::{Kind, NodeId, Operator, Tree};

/// What a language knows of the surroundings of code.
pub(crate) trait Surroundings {
    /// What a test says of the environment: `Some(true)` when it holds only in development or tests,
    /// `Some(false)` when it holds only in production, `None` when it says neither.
    fn development(&self, tree: &Tree, test: NodeId) -> Option<bool>;

    /// Whether a function runs once a request: a route's handler, middleware, a view, a consumer.
    fn is_handler(&self, tree: &Tree, function: NodeId) -> bool;

    /// Whether the file runs in a browser.
    fn is_browser(&self, file: &File<'_>) -> bool;
}

/// The part of the program that a node stands in.
pub(crate) fn scope_of(file: &File<'_>, id: NodeId, knows: &dyn Surroundings) -> Scope {
    let tree = file.tree;
    let mut scope = Scope {
        class: file.source.class,
        browser: knows.is_browser(file),
        top_level: true,
        ..Scope::default()
    };
    let mut inner = id;
    for outer in tree.ancestors(id) {
        match tree.kind(outer) {
            Kind::Function(function) => {
                scope.top_level = false;
                scope.handler |= knows.is_handler(tree, outer);
                if scope.function.is_none() {
                    scope.function = function.name.as_deref().map(Arc::from);
                }
            }
            Kind::If {
                test,
                then,
                otherwise,
            } => {
                let branch = if inner == *then {
                    Some(true)
                } else if Some(inner) == *otherwise {
                    Some(false)
                } else {
                    None
                };
                scope.development |=
                    branch.is_some_and(|branch| in_development(tree, *test, branch, knows));
            }
            Kind::Choice {
                test,
                then,
                otherwise,
            } => {
                let branch = if inner == *then {
                    Some(true)
                } else if inner == *otherwise {
                    Some(false)
                } else {
                    None
                };
                scope.development |=
                    branch.is_some_and(|branch| in_development(tree, *test, branch, knows));
            }
            Kind::Binary {
                operator: Operator::And,
                left,
                right,
            } if inner == *right => {
                scope.development |= in_development(tree, *left, true, knows);
            }
            Kind::Binary {
                operator: Operator::Or,
                left,
                right,
            } if inner == *right => {
                scope.development |= in_development(tree, *left, false, knows);
            }
            _ => {}
        }
        inner = outer;
    }
    scope
}

/// Whether a branch is taken only in development, when its test comes out as `holds`.
fn in_development(tree: &Tree, test: NodeId, holds: bool, knows: &dyn Surroundings) -> bool {
    match tree.kind(test) {
        Kind::Not(inner) => in_development(tree, *inner, !holds, knows),
        Kind::Binary {
            operator: Operator::And,
            left,
            right,
        } if holds => {
            in_development(tree, *left, true, knows) || in_development(tree, *right, true, knows)
        }
        Kind::Binary {
            operator: Operator::Or,
            left,
            right,
        } if holds => {
            in_development(tree, *left, true, knows) && in_development(tree, *right, true, knows)
        }
        _ => knows
            .development(tree, test)
            .is_some_and(|development| development == holds),
    }
}

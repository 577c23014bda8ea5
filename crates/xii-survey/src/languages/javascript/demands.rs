//! Variables that the code demands by hand: an `if` that throws or exits when they are missing.

use super::environment::{Environment, is_env_path};
use super::names::{canonical, is_variable};
use crate::languages::syntax::{Kind, NodeId, Operator, Tree};
use crate::languages::values::Values;

/// Notes every variable whose absence is answered with a throw or an exit.
pub(super) fn collect(tree: &Tree, environment: &mut Environment) {
    let mut demanded = Vec::new();
    for id in tree.ids() {
        match tree.kind(id) {
            Kind::If { test, then, .. } if ends(tree, *then) => {
                missing(tree, *test, environment, &mut demanded);
                demanded.extend(listed(tree, id));
            }
            Kind::Binary {
                operator: Operator::Or | Operator::Coalesce,
                left,
                right,
            } if ends(tree, *right) => {
                demanded.extend(
                    environment
                        .env_read(tree, tree.follow(*left))
                        .map(|seen| seen.name),
                );
            }
            Kind::Call { .. } => {
                let path = tree.called(id).map(canonical).unwrap_or_default();
                if matches!(
                    path.as_str(),
                    "assert" | "assert.ok" | "tiny-invariant" | "invariant" | "assert.strict"
                ) {
                    let first = tree.arg(id, 0).map(|first| tree.follow(first));
                    let seen = first.and_then(|first| environment.env_read(tree, first));
                    demanded.extend(seen.map(|seen| seen.name));
                }
            }
            _ => {}
        }
    }
    environment.demanded.extend(demanded);
}

/// Whether a branch throws or ends the program by itself: not in a function that it calls or makes,
/// and not under a further condition.
pub(super) fn ends(tree: &Tree, branch: NodeId) -> bool {
    let mut open = vec![branch];
    let mut left = 200;
    while let Some(id) = open.pop() {
        left -= 1;
        if left == 0 {
            return false;
        }
        match tree.kind(id) {
            Kind::Throw(_) => return true,
            Kind::Call { .. } => {
                if tree.called(id).is_some_and(|path| path == "process.exit") {
                    return true;
                }
            }
            Kind::Function(_) | Kind::If { .. } | Kind::Loop { .. } | Kind::Class(_) => {}
            _ => open.extend(tree.children(id)),
        }
    }
    false
}

/// The variables that a test finds missing: `!process.env.X`, `X === undefined`, any of several.
fn missing(tree: &Tree, test: NodeId, environment: &Environment, found: &mut Vec<String>) {
    let mut open = vec![test];
    while let Some(next) = open.pop() {
        let subject = match tree.kind(next) {
            Kind::Not(inner) => *inner,
            Kind::Binary {
                operator: Operator::Or | Operator::And,
                left,
                right,
            } => {
                open.push(*right);
                open.push(*left);
                continue;
            }
            Kind::Binary {
                operator: Operator::Equal,
                left,
                right,
            } if matches!(tree.kind(*right), Kind::Null) => *left,
            _ => continue,
        };
        let seen = environment.env_read(tree, tree.follow(subject));
        found.extend(seen.map(|seen| seen.name));
    }
}

/// The variables of a list that a loop goes over, when the loop demands each of them.
fn listed(tree: &Tree, branch: NodeId) -> Vec<String> {
    let Kind::If { test, .. } = tree.kind(branch) else {
        return Vec::new();
    };
    let looks_up = tree.within(*test).take(50).any(
        |one| matches!(tree.kind(one), Kind::Index { object, .. } if is_env_path(tree, *object)),
    );
    let filtered = || {
        // `const missing = names.filter((name) => !process.env[name]); if (missing.length) throw …`
        let Kind::Member { object, .. } = first_member(tree, *test)? else {
            return None;
        };
        let call = tree.follow(*object);
        let looks_up = tree.within(call).take(80).any(
            |one| matches!(tree.kind(one), Kind::Index { object, .. } if is_env_path(tree, *object)),
        );
        match tree.kind(call) {
            Kind::Call { callee, .. } if looks_up => match tree.kind(*callee) {
                Kind::Member { object, .. } => Some(*object),
                _ => None,
            },
            _ => None,
        }
    };
    let list = if looks_up {
        tree.ancestors(branch)
            .find_map(|outer| match tree.kind(outer) {
                Kind::Loop { head, .. } => head.first().copied(),
                Kind::Call { callee, .. } => match tree.kind(*callee) {
                    Kind::Member { object, property }
                        if matches!(property.as_str(), "forEach" | "map" | "every") =>
                    {
                        Some(*object)
                    }
                    _ => None,
                },
                _ => None,
            })
    } else {
        filtered()
    };
    list.map(|list| texts(tree, list)).unwrap_or_default()
}

fn first_member(tree: &Tree, test: NodeId) -> Option<&Kind> {
    tree.within(test)
        .take(20)
        .map(|one| tree.kind(one))
        .find(|kind| matches!(kind, Kind::Member { property, .. } if property == "length"))
}

/// The names of variables that a list literal holds.
pub(super) fn texts(tree: &Tree, list: NodeId) -> Vec<String> {
    match tree.kind(tree.follow(list)) {
        Kind::List(items) => items
            .iter()
            .filter_map(|item| tree.as_text(*item))
            .filter(|text| is_variable(text))
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

//! Config that is checked at start.

use std::collections::BTreeSet;

use xii_model::{ConfigCheck, Facts};

use crate::languages::javascript::demands::ends;
use crate::languages::javascript::environment::is_env_path;
use crate::languages::javascript::seen::Seen;
use crate::languages::syntax::Kind;
use crate::languages::values::Values;

/// Checks by a schema, and by an `if` that throws.
pub(super) fn checks(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    let environment = &seen.environment;
    if let Some(through) = environment.checker {
        let names: BTreeSet<&String> = environment.described.keys().collect();
        let at = seen
            .calls
            .iter()
            .find(|call| {
                let takes = tree
                    .args(call.id)
                    .iter()
                    .any(|arg| is_env_path(tree, arg.value));
                takes && !call.path.starts_with("console") || call.path == "convict"
            })
            .map(|call| call.id)
            .or(tree.root);
        let stops = match through {
            "envalid" | "envsafe" | "t3-env" | "znv" | "class-validator" | "env-schema" => true,
            _ => {
                !seen.has("safeParse") && through != "joi" && through != "yup"
                    || tree.ids().any(|id| matches!(tree.kind(id), Kind::Throw(_)))
                    || seen.has("process.exit")
                    || seen.has("validationSchema")
                    || seen.has("Joi.attempt")
                    || seen.has("allowUnknown")
            }
        };
        if let Some(at) = at {
            let check = ConfigCheck {
                through: through.to_owned(),
                names: names.into_iter().cloned().collect(),
                stops,
            };
            facts.push(seen.fact(at, check));
        }
    }
    if !environment.demanded.is_empty() {
        let demanded = tree.ids().find(|id| match tree.kind(*id) {
            Kind::If { test, then, .. } => {
                ends(tree, *then)
                    && tree.within(*test).take(40).any(|one| {
                        environment.env_read(tree, tree.follow(one)).is_some()
                            || matches!(tree.kind(one), Kind::Index { object, .. } if is_env_path(tree, *object))
                            || matches!(tree.kind(one), Kind::Member { property, .. } if property == "length")
                    })
            }
            _ => false,
        });
        if let Some(at) = demanded.or(tree.root) {
            let names: BTreeSet<&String> = environment.demanded.iter().collect();
            let check = ConfigCheck {
                through: "an if that throws".to_owned(),
                names: names.into_iter().cloned().collect(),
                stops: true,
            };
            facts.push(seen.fact(at, check));
        }
    }
}

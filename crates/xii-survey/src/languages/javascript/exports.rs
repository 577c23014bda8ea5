//! What a file exports, so that another file's `config.port` leads to a variable.

use xii_model::{Origin, is_secret_name};

use super::names::is_variable;
use super::seen::Seen;
use super::servers::{closes_when_called, handlers_call};
use crate::languages::language::Exports;
use crate::languages::syntax::{Kind, NodeId};

/// How deep nested objects are followed, and how many values one file exports at most.
const DEPTH: usize = 6;
const MOST: usize = 2000;

/// The exported values by path below the module.
pub(super) fn exports(seen: &Seen<'_>) -> Exports {
    let tree = seen.tree;
    let mut exports = Exports::new();
    for id in tree.ids() {
        let Kind::Assign { target, value, .. } = tree.kind(id) else {
            continue;
        };
        let Some(path) = tree.path(*target) else {
            continue;
        };
        let below = match path.as_str() {
            "module.exports" | "exports" => "",
            path => match path
                .strip_prefix("module.exports.")
                .or_else(|| path.strip_prefix("exports."))
            {
                Some(below) => below,
                None => continue,
            },
        };
        // Each module that is passed on as a whole keeps a key of its own.
        let star = format!("*{}", tree.span(id).start);
        let below = if below == "*" { star.as_str() } else { below };
        put(seen, below, *value, &mut exports, DEPTH);
    }
    handlers_call(seen, &mut exports);
    exports
}

fn put(seen: &Seen<'_>, path: &str, value: NodeId, exports: &mut Exports, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    if exports.len() >= MOST {
        return;
    }
    let tree = seen.tree;
    let join = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    let followed = tree.follow(value);
    match tree.kind(followed) {
        Kind::Map(pairs) => {
            for pair in pairs {
                match (&pair.key, tree.kind(pair.value)) {
                    (Some(key), _) => put(seen, &join(key), pair.value, exports, depth),
                    (None, Kind::Spread(inner)) => put(seen, path, *inner, exports, depth),
                    _ => {}
                }
            }
        }
        // A factory: what it returns. `registerAs('db', () => ({ … }))`, `Object.freeze({ … })`.
        Kind::Function(function) => {
            closes_when_called(seen, path, followed, exports);
            let returned =
                tree.within(function.body)
                    .take(400)
                    .find_map(|one| match tree.kind(one) {
                        Kind::Return(Some(value)) => Some(*value),
                        _ => None,
                    });
            if let Some(returned) = returned
                && matches!(tree.kind(tree.follow(returned)), Kind::Map(_))
            {
                put(seen, path, returned, exports, depth);
            }
        }
        Kind::Class(class) => {
            for item in tree.children(class.body) {
                if let Kind::Field {
                    name,
                    value: Some(value),
                    ..
                } = tree.kind(item)
                {
                    put(seen, &join(name), *value, exports, depth);
                }
                if let Kind::Function(method) = tree.kind(item)
                    && let Some(name) = &method.name
                {
                    closes_when_called(seen, &join(name), item, exports);
                }
            }
        }
        Kind::Call { args, .. } if seen.environment.is_environment(tree, followed) => {
            let _ = args;
            described(seen, path, exports);
        }
        // `export default new Settings()`: the fields of the class.
        Kind::Call {
            callee, new: true, ..
        } if matches!(tree.kind(tree.follow(*callee)), Kind::Class(_)) => {
            put(seen, path, *callee, exports, depth);
        }
        Kind::Call { args, .. } => {
            let origin = seen.origin(value);
            if origin.env().is_some() {
                exports.insert(path.to_owned(), origin);
                return;
            }
            let inner = args.iter().map(|arg| arg.value).find(|arg| {
                matches!(
                    tree.kind(tree.follow(*arg)),
                    Kind::Map(_) | Kind::Function(_)
                )
            });
            if let Some(inner) = inner {
                put(seen, path, inner, exports, depth);
            }
            // `createEnv({ server: { … } })`, `cleanEnv(process.env, …)` under another name.
            if seen
                .path(followed)
                .is_some_and(|path| path.starts_with("@t3-oss/") || path.starts_with("envsafe"))
            {
                described(seen, path, exports);
            }
        }
        Kind::Member { .. } if seen.environment.is_environment(tree, followed) => {
            described(seen, path, exports);
        }
        _ => {
            let name = path.rsplit('.').next().unwrap_or(path);
            let origin = match seen.origin(value) {
                Origin::Literal(text) if is_secret_name(name) && !text.is_empty() => {
                    Origin::Literal("***".to_owned())
                }
                origin => origin,
            };
            if origin != Origin::Computed && !path.is_empty() {
                exports.insert(path.to_owned(), origin);
            } else if let Origin::Config(_) = origin {
                exports.insert(format!("*{}", seen.tree.span(value).start), origin);
            }
        }
    }
}

/// The variables of a schema, exported under their own names.
fn described(seen: &Seen<'_>, path: &str, exports: &mut Exports) {
    for (name, described) in &seen.environment.described {
        if !is_variable(name) {
            continue;
        }
        let key = match path {
            "" => name.clone(),
            path => format!("{path}.{name}"),
        };
        let default = described
            .default
            .and_then(|default| seen.origin(default).fallback().map(str::to_owned))
            .map(|text| {
                if is_secret_name(name) {
                    "***".to_owned()
                } else {
                    text
                }
            });
        let value = xii_model::EnvValue {
            name: name.clone(),
            default,
        };
        exports.insert(key, Origin::Env(value));
    }
}

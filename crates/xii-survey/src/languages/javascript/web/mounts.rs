//! Routers that are mounted below a path, so that their routes can be told by the whole path.
//!
//! A file says three things: on which router a route is registered, under which name it exports a router,
//! and which router it mounts below which path. [`crate::mounts`] puts them together once all files are
//! read.

use super::routes::{ROUTERS, guarded_routers, registered};
use crate::languages::javascript::modules::is_own;
use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::javascript::trust::checks_identity;
use crate::languages::language::{Exports, RouterPart, router_key};
use crate::languages::syntax::{Function, Kind, NodeId};
use xii_model::Origin;

/// More routes or mounts than this in one file were not written by a person.
const MOST: usize = 2_000;
/// How many parts of a chain are followed to what it is called on.
const STEPS: usize = 32;
/// How deep an exported object is looked at.
const DEPTH: usize = 3;
/// How many nodes of a function or class are looked at.
const NODES: usize = 2_000;

/// Methods that give back what they are called on.
const CHAINED: [&str; 16] = [
    "route", "routes", "get", "post", "put", "patch", "delete", "head", "options", "all", "del",
    "use", "param", "set", "basePath", "disable",
];

/// Adds what the file says of routers to what it exports.
pub(in crate::languages::javascript) fn exported(seen: &Seen<'_>, exports: &mut Exports) {
    if seen.around.browser() {
        return;
    }
    let mut routes = 0;
    let mut mounts = 0;
    let guarded = guarded_routers(seen);
    for call in &seen.calls {
        if mounts < MOST && mount(seen, call, mounts, &guarded, exports) {
            mounts += 1;
        } else if routes < MOST && registered(seen, call).is_some() {
            if let Some(router) = called_on(seen, call.id) {
                let at = seen.fact(call.id, ()).at.start;
                let place = format!("{}:{}", at.line, at.column);
                exports.insert(router_key(RouterPart::Route, &place), router);
                routes += 1;
            }
        } else if let Some((router, path)) = own_prefix(seen, call) {
            exports.insert(
                router_key(RouterPart::Prefix, &router),
                Origin::Literal(path),
            );
        }
    }
    names(seen, exports);
}

/// A router of this file by where it is made, or a reference to one of another file.
fn router(seen: &Seen<'_>, id: NodeId) -> Option<Origin> {
    let tree = seen.tree;
    let base = base(seen, id);
    if let Some(made) = made(seen, base) {
        return Some(Origin::Literal(made));
    }
    // What a function of this file gives back.
    if let Kind::Call { callee, .. } = tree.kind(tree.follow(base))
        && let Some(function) = tree.as_function(tree.follow(*callee))
        && let Some(made) = given_back(seen, function)
    {
        return Some(Origin::Literal(made));
    }
    let (module, members) = tree.reference(base)?;
    is_own(&module).then(|| Origin::Config(format!("{module}#{}", members.join("."))))
}

/// What a call is called on, through the chain before it.
fn called_on(seen: &Seen<'_>, call: NodeId) -> Option<Origin> {
    let Kind::Call { callee, .. } = seen.tree.kind(call) else {
        return None;
    };
    let Kind::Member { object, .. } = seen.tree.kind(*callee) else {
        return None;
    };
    router(seen, *object)
}

/// What a chain begins with: `users` of `users.routes()`, `router` of `router.route('/x').get(f)`.
fn base(seen: &Seen<'_>, id: NodeId) -> NodeId {
    let tree = seen.tree;
    let mut at = id;
    for _ in 0..STEPS {
        let Kind::Call { callee, .. } = tree.kind(at) else {
            return at;
        };
        match tree.kind(*callee) {
            Kind::Member { object, property } if CHAINED.contains(&property.as_str()) => {
                at = *object;
            }
            _ => return at,
        }
    }
    at
}

/// The place in the file of the router or app that an expression stands for.
fn made(seen: &Seen<'_>, id: NodeId) -> Option<String> {
    let tree = seen.tree;
    let mut followed = tree.follow(id);
    // `const router = Router().use(json())`.
    for _ in 0..4 {
        let inner = tree.follow(base(seen, followed));
        if inner == followed {
            break;
        }
        followed = inner;
    }
    if !matches!(tree.kind(followed), Kind::Call { .. }) {
        return None;
    }
    let path = seen.path(followed)?;
    let known = ROUTERS.iter().any(|(start, _)| path == *start);
    known.then(|| tree.span(followed).start.to_string())
}

/// The router that a function makes and returns.
fn given_back(seen: &Seen<'_>, function: &Function) -> Option<String> {
    seen.tree
        .within(function.body)
        .take(NODES)
        .find_map(|id| match seen.tree.kind(id) {
            Kind::Return(Some(value)) => made(seen, base(seen, *value)),
            _ => None,
        })
}

/// Adds a mount: `app.use('/api', router)`, `app.use(router)`, Hono's `app.route('/api', router)`.
fn mount(
    seen: &Seen<'_>,
    call: &Called,
    number: usize,
    guarded: &[(String, usize)],
    exports: &mut Exports,
) -> bool {
    let tree = seen.tree;
    let Some((object, method)) = call.path.rsplit_once('.') else {
        return false;
    };
    let args = tree.args(call.id);
    if !(method == "use" || method == "route" && args.len() == 2) {
        return false;
    }
    let Some(first) = args.first() else {
        return false;
    };
    let (path, rest) = match mount_path(seen, first.value) {
        Some(path) => (path, args.get(1..).unwrap_or_default()),
        // A path that is computed leads nowhere; a function or a router is no path.
        None if args.len() > 1
            && router(seen, first.value).is_none()
            && !calls(seen, first.value) =>
        {
            return false;
        }
        None => (String::new(), args),
    };
    // What comes as a parameter is mounted nowhere that shows.
    let parent = called_on(seen, call.id).unwrap_or(Origin::Literal(String::new()));
    let names: Vec<String> = rest
        .iter()
        .filter_map(|arg| seen.path(arg.value))
        .map(|path| {
            let plain = path.trim_end_matches("()");
            plain
                .rsplit(['.', '/', '~'])
                .next()
                .unwrap_or(plain)
                .to_owned()
        })
        .collect();
    let start = tree.span(call.id).start;
    let guarded = names.iter().any(|name| checks_identity(name))
        || guarded
            .iter()
            .any(|(router, at)| router == object && *at < start);
    let Some(target) = rest.iter().rev().find_map(|arg| router(seen, arg.value)) else {
        return false;
    };
    if target == parent {
        return false;
    }
    let number = format!("{number:05}");
    exports.insert(
        router_key(RouterPart::MountPath, &number),
        Origin::Literal(path),
    );
    exports.insert(router_key(RouterPart::MountParent, &number), parent);
    exports.insert(router_key(RouterPart::MountRouter, &number), target);
    if guarded {
        exports.insert(router_key(RouterPart::MountGuard, &number), Origin::Absent);
    }
    true
}

/// The path that a mount is given, or the first of a list of them.
fn mount_path(seen: &Seen<'_>, id: NodeId) -> Option<String> {
    let tree = seen.tree;
    let text = match tree.kind(tree.follow(id)) {
        Kind::List(items) => seen.text(*items.first()?)?,
        _ => seen.text(id)?,
    };
    text.starts_with('/').then(|| text.to_owned())
}

/// Whether an argument is something to call: middleware.
fn calls(seen: &Seen<'_>, id: NodeId) -> bool {
    let called = seen.tree.called(seen.tree.follow(id));
    // `path.join('/', version)` makes a path.
    let makes_a_path = |path: &String| path.ends_with("join") || path.ends_with("concat");
    seen.function(id).is_some() || called.is_some_and(|path| !makes_a_path(&path))
}

/// The prefix that a router is given for itself: `new Router({ prefix: '/api' })`, `router.prefix('/api')`,
/// `new Hono().basePath('/api')`.
fn own_prefix(seen: &Seen<'_>, call: &Called) -> Option<(String, String)> {
    let text = |id: NodeId| seen.text(id).filter(|text| text.starts_with('/'));
    if call.path.ends_with(".prefix") || call.path.ends_with(".basePath") {
        let path = text(seen.tree.arg(call.id, 0)?)?;
        let Origin::Literal(router) = called_on(seen, call.id)? else {
            return None;
        };
        return Some((router, path.to_owned()));
    }
    if call.path == "koa-router" {
        let path = text(seen.option(call.id, &["prefix"])?)?;
        return Some((made(seen, call.id)?, path.to_owned()));
    }
    None
}

/// Adds the names under which routers are exported.
fn names(seen: &Seen<'_>, exports: &mut Exports) {
    let tree = seen.tree;
    for id in tree.ids() {
        let Kind::Assign { target, value, .. } = tree.kind(id) else {
            continue;
        };
        let Some(path) = tree.path(*target) else {
            continue;
        };
        let name = match path.as_str() {
            "module.exports" | "exports" => "",
            path => match path
                .strip_prefix("module.exports.")
                .or_else(|| path.strip_prefix("exports."))
            {
                Some(name) if name != "*" => name,
                _ => continue,
            },
        };
        export(seen, name, *value, exports, DEPTH);
    }
}

fn export(seen: &Seen<'_>, name: &str, value: NodeId, exports: &mut Exports, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    let tree = seen.tree;
    let inner = |member: &str| match name {
        "" => member.to_owned(),
        name => format!("{name}.{member}"),
    };
    let followed = tree.follow(value);
    let mut put = |name: &str, router: Origin| {
        exports.insert(router_key(RouterPart::Name, name), router);
    };
    match tree.kind(followed) {
        Kind::Map(pairs) => {
            for pair in pairs.iter().take(NODES) {
                if let Some(key) = &pair.key {
                    export(seen, &inner(key), pair.value, exports, depth);
                }
            }
        }
        Kind::Function(function) => {
            if let Some(made) = given_back(seen, function) {
                put(name, Origin::Literal(made));
            }
        }
        // `class Users { router = Router() }`, and the same in the constructor.
        Kind::Class(class) => {
            for id in tree.within(class.body).take(NODES) {
                let (member, value) = match tree.kind(id) {
                    Kind::Field {
                        name,
                        value: Some(value),
                        ..
                    } => (name.as_str(), *value),
                    Kind::Assign { target, value, .. } => match tree.kind(*target) {
                        Kind::Name(own) => match own.strip_prefix("this.") {
                            Some(member) => (member, *value),
                            None => continue,
                        },
                        _ => continue,
                    },
                    _ => continue,
                };
                if let Some(made) = made(seen, value) {
                    put(&inner(member), Origin::Literal(made));
                }
            }
        }
        _ => {
            if let Some(router) = router(seen, value) {
                put(name, router);
            }
        }
    }
}

//! Routes that are registered by calls or by files.

use xii_model::{Facts, Route};

use super::health::of_route;
use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::javascript::trust::checks_identity;
use crate::languages::syntax::{Kind, NodeId};

const METHODS: [&str; 9] = [
    "get", "post", "put", "patch", "delete", "head", "options", "all", "del",
];

/// What routes are registered on, and its framework.
pub(super) const ROUTERS: [(&str, &str); 14] = [
    ("express.Router()", "express"),
    ("express()", "express"),
    ("express-promise-router()", "express"),
    ("fastify()", "fastify"),
    ("koa-router()", "koa"),
    ("koa-router.default()", "koa"),
    ("@hapi/hapi.server()", "hapi"),
    ("hono.Hono()", "hono"),
    ("restify.createServer()", "restify"),
    ("polka()", "polka"),
    ("itty-router.Router()", "itty-router"),
    ("find-my-way()", "find-my-way"),
    ("elysia.Elysia()", "elysia"),
    ("router()", "router"),
];

/// Reads routes.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    if seen.around.browser() {
        return;
    }
    let guarded = guarded_routers(seen);
    for call in &seen.calls {
        if let Some((through, method, path)) = registered(seen, call) {
            let middleware = middleware(seen, call);
            let object = call.path.rsplit_once('.').map_or("", |(object, _)| object);
            let protected = middleware.iter().any(|name| checks_identity(name))
                || guarded
                    .iter()
                    .any(|(router, at)| router == object && *at < seen.tree.span(call.id).start);
            let handler = seen.tree.args(call.id).last().map(|arg| arg.value);
            of_route(seen, call.id, &path, through, handler, facts);
            let route = Route {
                method,
                path,
                certain: true,
                through: through.to_owned(),
                protected,
                middleware,
            };
            facts.push(seen.fact(call.id, route));
        } else if call.path.ends_with(".route") {
            by_options(seen, call, facts);
        }
    }
    by_file(seen, facts);
}

/// Framework, method and path of a registration.
pub(super) fn registered(seen: &Seen<'_>, call: &Called) -> Option<(&'static str, String, String)> {
    let (object, method) = call.path.rsplit_once('.')?;
    if !METHODS.contains(&method) {
        return None;
    }
    let tree = seen.tree;
    let (object, path) = match object.split_once(".route()") {
        // `router.route('/x').get(handler).post(handler)`.
        Some((outer, _)) => (outer, Some(route_path(seen, call.id)?)),
        None => {
            let first = tree.arg(call.id, 0)?;
            let text = match tree.kind(first) {
                Kind::List(items) => seen.text(*items.first()?),
                _ => seen.text(first),
            };
            (object, text.map(str::to_owned))
        }
    };
    let known = ROUTERS
        .iter()
        .find(|(start, _)| object.starts_with(start))
        .map(|(_, through)| *through);
    let handlers = tree.args(call.id).len() > 1
        || object.len() < call.path.len() && call.path.contains(".route()");
    let named = || {
        let name = object
            .trim_end_matches("()")
            .rsplit(['.', '/', '~'])
            .next()?
            .to_lowercase();
        let routes = [
            "app", "router", "server", "fastify", "api", "route", "routes",
        ]
        .iter()
        .any(|word| name == *word || name.ends_with("router") || name.ends_with("routes"));
        let path = path.as_deref()?;
        let fastify = name.contains("fastify") || seen.has("fastify");
        let takes = tree.args(call.id).iter().skip(1).any(|arg| {
            seen.function(arg.value).is_some()
                || matches!(
                    tree.kind(arg.value),
                    Kind::Name(_) | Kind::Member { .. } | Kind::Call { .. }
                )
        });
        (routes && path.starts_with('/') && (takes || handlers)).then_some(match fastify {
            true => "fastify",
            false if seen.has("koa") => "koa",
            false => "express",
        })
    };
    let through = known.filter(|_| handlers).or_else(named)?;
    let path = path.unwrap_or_default();
    // `app.get('setting')` has no handler; a path starts with a slash, a star or is a pattern.
    if !(path.is_empty() || path.starts_with(['/', '*', ':', '(', '^'])) {
        return None;
    }
    let method = match method {
        "all" => "*".to_owned(),
        "del" => "DELETE".to_owned(),
        method => method.to_uppercase(),
    };
    Some((through, method, path))
}

/// The path of `route('/x')` at the start of a chain.
fn route_path(seen: &Seen<'_>, call: NodeId) -> Option<String> {
    let tree = seen.tree;
    let mut at = call;
    for _ in 0..12 {
        let Kind::Call { callee, .. } = tree.kind(at) else {
            return None;
        };
        let Kind::Member { object, property } = tree.kind(*callee) else {
            return None;
        };
        if property == "route" {
            return seen.text(tree.arg(at, 0)?).map(str::to_owned);
        }
        at = *object;
    }
    None
}

/// Names of what stands between the path and the handler.
fn middleware(seen: &Seen<'_>, call: &Called) -> Vec<String> {
    let args = seen.tree.args(call.id);
    let chained = call.path.contains(".route().");
    let from = usize::from(!chained);
    let to = args.len().saturating_sub(1);
    let mut names = Vec::new();
    for arg in args.get(from..to).unwrap_or_default() {
        let items = match seen.tree.kind(seen.tree.follow(arg.value)) {
            Kind::List(items) => items.clone(),
            // Fastify's options: `{ preHandler: [auth] }`.
            Kind::Map(_) => seen
                .entry(arg.value, &["preHandler", "onRequest", "preValidation"])
                .map(|hooks| match seen.tree.kind(seen.tree.follow(hooks)) {
                    Kind::List(items) => items.clone(),
                    _ => vec![hooks],
                })
                .unwrap_or_default(),
            _ => vec![arg.value],
        };
        for item in items {
            if let Some(path) = seen.path(item) {
                let plain = path.trim_end_matches("()");
                let name = plain.rsplit(['.', '/', '~']).next().unwrap_or(plain);
                names.push(name.to_owned());
            }
        }
    }
    names
}

/// Routers that check who asks before every route after that place.
pub(super) fn guarded_routers(seen: &Seen<'_>) -> Vec<(String, usize)> {
    seen.calls
        .iter()
        .filter_map(|call| {
            let object = call
                .path
                .strip_suffix(".use")
                .or_else(|| call.path.strip_suffix(".addHook"))?;
            // A check below one path guards only that path.
            let whole = seen
                .tree
                .arg(call.id, 0)
                .is_none_or(|first| seen.text(first).is_none())
                || call.path.ends_with(".addHook");
            let checks = seen.tree.args(call.id).iter().any(|arg| {
                seen.path(arg.value).is_some_and(|path| {
                    let plain = path.trim_end_matches("()");
                    checks_identity(plain.rsplit(['.', '/', '~']).next().unwrap_or(plain))
                })
            });
            (whole && checks).then(|| (object.to_owned(), seen.tree.span(call.id).start))
        })
        .collect()
}

/// `server.route({ method, path, handler })` of hapi and Fastify.
fn by_options(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    let tree = seen.tree;
    let Some(first) = tree.arg(call.id, 0) else {
        return;
    };
    let followed = tree.follow(first);
    let routes = match tree.kind(followed) {
        Kind::List(items) => items.clone(),
        Kind::Map(_) => vec![followed],
        _ => return,
    };
    for route in routes {
        let path = seen
            .entry(route, &["path", "url"])
            .and_then(|path| seen.text(path));
        let (Some(path), Some(method)) = (path, seen.entry(route, &["method"])) else {
            continue;
        };
        let method = seen.text(method).unwrap_or("*").to_uppercase();
        let options = seen.entry(route, &["options", "config"]);
        let auth = options.and_then(|options| seen.entry(options, &["auth"]));
        let hooks = seen.entry(route, &["preHandler", "onRequest", "preValidation"]);
        let protected = auth.is_some_and(|auth| seen.flag(auth) != Some(false))
            || hooks.is_some_and(|hooks| {
                tree.within(hooks).take(20).any(|id| {
                    seen.path(id).is_some_and(|path| {
                        checks_identity(path.rsplit(['.', '/', '~']).next().unwrap_or(&path))
                    })
                })
            });
        let through = if seen.has("hapi") { "hapi" } else { "fastify" };
        of_route(
            seen,
            route,
            path,
            through,
            seen.entry(route, &["handler"]),
            facts,
        );
        let fact = Route {
            method,
            path: path.to_owned(),
            certain: true,
            through: through.to_owned(),
            protected,
            middleware: Vec::new(),
        };
        facts.push(seen.fact(route, fact));
    }
}

/// Routes that are files: `app/x/route.ts` and `pages/api/x.ts` of Next.js.
fn by_file(seen: &Seen<'_>, facts: &mut Facts) {
    let path = seen.file.source.path.as_ref();
    let name = seen.file.source.name();
    let tree = seen.tree;
    let (route, through) =
        if name.starts_with("route.") && (path.starts_with("app/") || path.contains("/app/")) {
            let folder = seen.file.source.folder();
            let below = folder.rsplit_once("app/").map_or("", |(_, below)| below);
            (format!("/{below}"), "next")
        } else if let Some((_, below)) = path.split_once("pages/api/") {
            let stem = below.rsplit_once('.').map_or(below, |(stem, _)| stem);
            (format!("/api/{}", stem.trim_end_matches("/index")), "next")
        } else {
            return;
        };
    let checks = seen.calls.iter().any(|call| {
        matches!(
            call.path.as_str(),
            "next-auth.getServerSession"
                | "next-auth/next.getServerSession"
                | "@clerk/nextjs/server.auth"
        ) || checks_identity(call.path.rsplit(['.', '/', '~']).next().unwrap_or_default())
    });
    for id in tree.ids() {
        let Kind::Assign { target, value, .. } = tree.kind(id) else {
            continue;
        };
        let Some(exported) = seen.path(*target) else {
            continue;
        };
        let method = match exported.as_str() {
            "module.exports" => "*",
            "exports.GET" | "exports.POST" | "exports.PUT" | "exports.PATCH" | "exports.DELETE"
            | "exports.HEAD" => exported.trim_start_matches("exports."),
            _ => continue,
        };
        of_route(seen, id, &route, through, Some(*value), facts);
        let fact = Route {
            method: method.to_owned(),
            path: route.clone(),
            certain: true,
            through: through.to_owned(),
            protected: checks,
            middleware: Vec::new(),
        };
        facts.push(seen.fact(id, fact));
    }
}

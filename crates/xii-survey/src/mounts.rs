//! The whole paths of routes, put together once all files are read: `router.get('/')` in a file that another
//! mounts with `app.use('/api/search', router)` answers at `/api/search`. This is JavaScript's way; Python's is
//! in `languages::routing`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use xii_model::{Facts, Origin, Position};

use crate::languages::{self, Exports, RouterPart, router_key};

/// How many routers a route is followed through.
const STEPS: usize = 8;
/// The longest path that is put together, in bytes.
const LONGEST: usize = 1_000;

/// A router: the file that makes it, and where.
type Router<'a> = (&'a str, &'a str);

/// Where a router is mounted.
struct Mount<'a> {
    parent: Router<'a>,
    path: &'a str,
    guarded: bool,
}

/// Gives every route of a mounted router its whole path. A router that is mounted at several places
/// keeps the first one.
pub(crate) fn resolve(facts: &mut Facts, exports: &[(Arc<str>, Exports)]) {
    let files: HashMap<&str, &Exports> = exports
        .iter()
        .map(|(path, found)| (&**path, found))
        .collect();
    let mut mounts: BTreeMap<Router<'_>, Mount<'_>> = BTreeMap::new();
    for (file, found) in exports {
        for (number, path) in of_part(found, RouterPart::MountPath) {
            let end = |part| {
                let origin = found.get(&router_key(part, number))?;
                find(&files, file, origin, STEPS)
            };
            let (Some(parent), Some(router)) =
                (end(RouterPart::MountParent), end(RouterPart::MountRouter))
            else {
                continue;
            };
            mounts.entry(router).or_insert(Mount {
                parent,
                path: path.literal().unwrap_or_default(),
                guarded: found.contains_key(&router_key(RouterPart::MountGuard, number)),
            });
        }
    }
    let prefix = |file: &str, at: Position| -> Option<(String, bool)> {
        let place = format!("{}:{}", at.line, at.column);
        let origin = files
            .get(file)?
            .get(&router_key(RouterPart::Route, &place))?;
        let (file, _) = files.get_key_value(file)?;
        Some(below(&files, &mounts, find(&files, file, origin, STEPS)?))
    };
    for route in &mut facts.routes {
        // A path that is not written down stays unknown.
        if !route.path.is_empty()
            && let Some((prefix, guarded)) = prefix(&route.at.path, route.at.start)
        {
            route.what.path = joined(&prefix, &route.what.path);
            route.what.protected |= guarded;
        }
    }
    for health in &mut facts.health {
        if let Some(path) = &mut health.what.path
            && let Some((prefix, _)) = prefix(&health.at.path, health.at.start)
        {
            *path = joined(&prefix, path);
        }
    }
}

/// The entries of one part, with what stands behind its key.
fn of_part(exports: &Exports, part: RouterPart) -> impl Iterator<Item = (&str, &Origin)> {
    let start = router_key(part, "");
    exports
        .range(start.clone()..)
        .map_while(move |(key, value)| Some((key.strip_prefix(start.as_str())?, value)))
}

/// The router that an entry of a file means, here or in another file.
fn find<'a>(
    files: &HashMap<&'a str, &'a Exports>,
    from: &'a str,
    origin: &'a Origin,
    steps: usize,
) -> Option<Router<'a>> {
    let reference = match origin {
        Origin::Literal(made) => return Some((from, made)),
        Origin::Config(reference) => reference,
        _ => return None,
    };
    let steps = steps.checked_sub(1)?;
    let (module, member) = reference.split_once('#')?;
    let language = languages::of(from)?;
    let (file, found) = (language.module_files)(from, module)
        .into_iter()
        .find_map(|file| files.get_key_value(file.as_str()))?;
    // What is exported by default stands under no name.
    let name = |member: &str| found.get(&router_key(RouterPart::Name, member));
    let by_default = match member {
        "default" => Some(""),
        member => member.strip_prefix("default."),
    };
    let next = name(member).or_else(|| by_default.and_then(name));
    find(files, file, next?, steps)
}

/// The path below which a router's routes answer, and whether somebody asks who asks before it.
fn below<'a>(
    files: &HashMap<&'a str, &'a Exports>,
    mounts: &BTreeMap<Router<'a>, Mount<'a>>,
    router: Router<'a>,
) -> (String, bool) {
    let own = |(file, made): Router<'_>| -> &str {
        let found = files.get(file);
        found
            .and_then(|found| found.get(&router_key(RouterPart::Prefix, made)))
            .and_then(Origin::literal)
            .unwrap_or_default()
    };
    let mut path = own(router).to_owned();
    let mut guarded = false;
    let mut at = router;
    let mut seen = HashSet::from([router]);
    for _ in 0..STEPS {
        let Some(mount) = mounts.get(&at) else {
            break;
        };
        // Routers that mount each other answer nowhere.
        if !seen.insert(mount.parent) {
            break;
        }
        path = joined(&joined(own(mount.parent), mount.path), &path);
        guarded |= mount.guarded;
        at = mount.parent;
    }
    (path, guarded)
}

/// A path below a prefix. What is no path by itself, a pattern or nothing, stays as it is.
fn joined(prefix: &str, path: &str) -> String {
    let prefix = prefix.trim_end_matches('/');
    let plain = path.starts_with(['/', '*', ':']);
    if prefix.is_empty() || !(plain || path.is_empty()) || prefix.len() + path.len() > LONGEST {
        return path.to_owned();
    }
    match path.trim_start_matches('/') {
        "" => prefix.to_owned(),
        rest => format!("{prefix}/{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use xii_model::FileClass;

    use super::*;
    use crate::source::Source;

    /// The paths of all routes of some files, with what is guarded marked.
    fn routes(files: &[(&str, &str)]) -> Vec<String> {
        let mut facts = Facts::default();
        let mut exports = Vec::new();
        for (path, text) in files {
            let path: Arc<str> = (*path).into();
            let source = Source::new(&path, text, FileClass::Source, None);
            if let Some(found) = languages::read(&source, &HashSet::new(), &mut facts) {
                exports.push((path, found.exports));
            }
        }
        resolve(&mut facts, &exports);
        let routes = facts.routes.iter().map(|one| {
            let guarded = if one.protected { "!" } else { "" };
            format!("{guarded}{} {}", one.method, one.path)
        });
        let health = facts.health.iter().filter_map(|one| one.path.clone());
        routes.chain(health).collect()
    }

    const APP: &str = "const express = require('express'); const app = express();";
    const USERS: &str = "import { Router } from 'express'; const router = Router(); router.get('/', list); router.route('/:id').put(change); export default router;";

    #[test]
    fn a_router_of_the_same_file_gets_its_prefix() {
        let text = format!(
            "{APP} const api = express.Router(); const admin = express.Router(); api.get('/a', f); admin.get('/b', f); app.get('/c', f); api.use('/admin', requireAuth, admin); app.use(['/api', '/v1'], express.json(), api); api.get('/healthz', f)"
        );
        assert_eq!(
            routes(&[("a.js", &text)]),
            [
                "GET /api/a",
                "!GET /api/admin/b",
                "GET /c",
                "GET /api/healthz",
                "/api/healthz"
            ]
        );
    }

    #[test]
    fn routers_are_followed_through_files() {
        let init = "import type { Express } from 'express'; import users from './users'; export function addRoutes(app: Express) { app.use('/api/users/', users) }";
        let app = "import express from 'express'; import { addRoutes } from './init'; const app = express(); addRoutes(app); app.get('/', home)";
        assert_eq!(
            routes(&[
                ("src/app.ts", app),
                ("src/init.ts", init),
                ("src/users.ts", USERS)
            ]),
            ["GET /", "GET /api/users", "PUT /api/users/:id"]
        );
        let common = "const router = require('express').Router(); router.get('/x', f); module.exports = router";
        let index = "const router = require('express').Router(); router.use('/items', require('./items')); module.exports = router";
        let app = format!("{APP} app.use('/api', require('./routes'))");
        assert_eq!(
            routes(&[
                ("app.js", &app),
                ("routes/index.js", index),
                ("routes/items.js", common)
            ]),
            ["GET /api/items/x"]
        );
        let made = "const express = require('express'); exports.make = (db) => { const r = express.Router(); r.get('/x', f); return r }";
        let class = "import { Router } from 'express'; export class Orders { router = Router(); constructor() { this.router.get('/o', f) } }";
        let app = "import express from 'express'; import { make } from './made'; import { Orders } from './orders'; const app = express(); app.use('/m', make(db)); app.use('/c', new Orders().router)";
        assert_eq!(
            routes(&[("app.ts", app), ("made.js", made), ("orders.ts", class)]),
            ["GET /m/x", "GET /c/o"]
        );
    }

    #[test]
    fn other_routers_have_prefixes_of_their_own() {
        let koa = "const Router = require('@koa/router'); const api = new Router({ prefix: '/api' }); const users = new Router(); users.get('/u', f); api.use('/v1', users.routes(), users.allowedMethods()); app.use(api.routes())";
        assert_eq!(routes(&[("a.js", koa)]), ["GET /api/v1/u"]);
        let hono = "import { Hono } from 'hono'; const app = new Hono(); const users = new Hono(); users.get('/u', (c) => c.text('x')); app.route('/api', users)";
        assert_eq!(routes(&[("a.ts", hono)]), ["GET /api/u"]);
    }

    #[test]
    fn what_leads_nowhere_stays_as_it_is() {
        let round = format!(
            "{APP} const a = express.Router(); const b = express.Router(); a.get('/a', f); a.use('/b', b); b.use('/a', a)"
        );
        assert_eq!(routes(&[("a.js", &round)]).len(), 1);
        let computed = format!(
            "{APP} const a = express.Router(); a.get('/a', f); a.get(/^x/, f); app.use(config.base + '/v1', a); app.use('/x', express.static('public'))"
        );
        assert_eq!(routes(&[("a.js", &computed)])[0], "GET /a");
        let missing = format!("{APP} app.use('/api', require('./nowhere')); app.get('/a', f)");
        assert_eq!(routes(&[("a.js", &missing)]), ["GET /a"]);
    }

    #[test]
    fn paths_are_joined() {
        for (prefix, path, whole) in [
            ("", "/a", "/a"),
            ("/", "/a", "/a"),
            ("/api/", "/", "/api"),
            ("/api", "/a/", "/api/a/"),
            ("/api", "*", "/api/*"),
            ("/api", "^/a", "^/a"),
            ("/api", "", "/api"),
        ] {
            assert_eq!(joined(prefix, path), whole, "{prefix} {path}");
        }
    }
}

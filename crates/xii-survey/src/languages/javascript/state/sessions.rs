//! Sessions and caches.

use xii_model::{CacheStore, CookieFlags, Facts, SessionPlace, SessionStore};

use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::syntax::NodeId;

/// Libraries of sessions, and where they keep them when no store is given.
const SESSIONS: [(&str, &str, SessionPlace); 12] = [
    ("express-session", "express-session", SessionPlace::Memory),
    ("@fastify/session", "@fastify/session", SessionPlace::Memory),
    ("fastify-session", "fastify-session", SessionPlace::Memory),
    (
        "@fastify/secure-session",
        "@fastify/secure-session",
        SessionPlace::Cookie,
    ),
    ("cookie-session", "cookie-session", SessionPlace::Cookie),
    ("koa-session", "koa-session", SessionPlace::Cookie),
    (
        "koa-generic-session",
        "koa-generic-session",
        SessionPlace::Memory,
    ),
    ("@hapi/yar", "@hapi/yar", SessionPlace::Memory),
    ("client-sessions", "client-sessions", SessionPlace::Cookie),
    (
        "iron-session.getIronSession",
        "iron-session",
        SessionPlace::Cookie,
    ),
    ("next-session", "next-session", SessionPlace::Memory),
    (
        "@remix-run/node.createMemorySessionStorage",
        "@remix-run/node",
        SessionPlace::Memory,
    ),
];

/// Caches of the process: path, name.
const CACHES: [(&str, &str); 14] = [
    ("node-cache", "node-cache"),
    ("node-cache.NodeCache", "node-cache"),
    ("lru-cache", "lru-cache"),
    ("lru-cache.LRUCache", "lru-cache"),
    ("quick-lru", "quick-lru"),
    ("memory-cache.put", "memory-cache"),
    ("memory-cache.Cache", "memory-cache"),
    ("memory-cache.CacheClass", "memory-cache"),
    ("cache-manager.memoryStore", "cache-manager"),
    ("apicache.middleware", "apicache"),
    ("apicache.options().middleware", "apicache"),
    (
        "rate-limiter-flexible.RateLimiterMemory",
        "rate-limiter-flexible",
    ),
    ("node-cache-promise", "node-cache-promise"),
    ("@isaacs/ttlcache", "ttlcache"),
];

/// Reads sessions and caches.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    for call in &seen.calls {
        let tree = seen.tree;
        // Fastify and hapi are handed the library and its options.
        let plugin = (call.path.ends_with(".register") || call.path.ends_with(".use"))
            .then(|| tree.arg(call.id, 0).and_then(|first| seen.path(first)))
            .flatten();
        let path = plugin.as_deref().unwrap_or(&call.path);
        if let Some((_, through, place)) = SESSIONS.iter().find(|(known, _, _)| *known == path) {
            session(seen, call, through, *place, facts);
        } else if let Some((_, through)) = CACHES.iter().find(|(known, _)| *known == path) {
            cache(seen, call.id, SessionPlace::Memory, through, facts);
        } else {
            configured(seen, call, path, facts);
        }
    }
}

fn cache(seen: &Seen<'_>, at: NodeId, store: SessionPlace, through: &str, facts: &mut Facts) {
    let fact = CacheStore {
        store,
        through: through.to_owned(),
    };
    facts.push(seen.fact(at, fact));
}

/// Caches whose place is chosen by an option.
fn configured(seen: &Seen<'_>, call: &Called, path: &str, facts: &mut Facts) {
    match path {
        "express-rate-limit"
        | "express-rate-limit.rateLimit"
        | "express-slow-down"
        | "@fastify/rate-limit"
        | "express-brute"
        | "koa-ratelimit" => {
            let store = seen.option(call.id, &["store", "redis", "db"]);
            let place = store.map_or(SessionPlace::Memory, |store| place_of(seen, store));
            let through = path.split('.').next().unwrap_or(path);
            cache(seen, call.id, place, through, facts);
        }
        "@nestjs/cache-manager.CacheModule.register" | "@nestjs/common.CacheModule.register" => {
            let store = seen.option(call.id, &["store", "stores"]);
            let place = store.map_or(SessionPlace::Memory, |store| place_of(seen, store));
            cache(seen, call.id, place, "@nestjs/cache-manager", facts);
        }
        "socket.io.Server" | "socket.io" => {
            let adapted = seen.option(call.id, &["adapter"]).is_some()
                || seen.calls.iter().any(|one| one.path.ends_with(".adapter"))
                || seen.has("socket.io-redis")
                || seen.has("@socket.io/");
            if !adapted {
                cache(
                    seen,
                    call.id,
                    SessionPlace::Memory,
                    "socket.io adapter",
                    facts,
                );
            }
        }
        _ => {}
    }
}

fn session(
    seen: &Seen<'_>,
    call: &Called,
    through: &str,
    default: SessionPlace,
    facts: &mut Facts,
) {
    let store = seen.option(call.id, &["store"]);
    let fact = SessionStore {
        store: store.map_or(default, |store| place_of(seen, store)),
        through: through.to_owned(),
        by_default: store.is_none(),
    };
    // Options that are made elsewhere may hold a store.
    let hidden = store.is_none()
        && default == SessionPlace::Memory
        && !seen.tree.args(call.id).is_empty()
        && seen.options(call.id).is_none();
    let fact = if hidden {
        SessionStore {
            store: SessionPlace::Unknown,
            by_default: false,
            ..fact
        }
    } else {
        fact
    };
    facts.push(seen.fact(call.id, fact));
    let Some(options) = seen.options(call.id) else {
        return;
    };
    let cookie = seen.entry(options, &["cookie"]);
    let flag = |key: &str| {
        let found = cookie
            .and_then(|cookie| seen.entry(cookie, &[key]))
            .or_else(|| {
                seen.entry(options, &[key])
                    .filter(|_| through.contains("cookie"))
            })?;
        seen.flag(found).or(
            // `secure: NODE_ENV === 'production'`, `secure: 'auto'`, a setting.
            Some(true),
        )
    };
    let flags = CookieFlags {
        name: "session".to_owned(),
        secure: flag("secure"),
        http_only: flag("httpOnly").or(Some(true)),
        through: through.to_owned(),
    };
    facts.push(seen.fact(cookie.unwrap_or(call.id), flags));
}

/// Where a store keeps what it is given, by the library that it comes from.
fn place_of(seen: &Seen<'_>, store: NodeId) -> SessionPlace {
    let followed = seen.tree.follow(store);
    let path = seen
        .path(store)
        .or_else(|| seen.path(followed))
        .or_else(|| seen.text(store).map(str::to_owned))
        .unwrap_or_default()
        .to_lowercase();
    if path.contains("memory") {
        SessionPlace::Memory
    } else if path.contains("file") {
        SessionPlace::File
    } else if [
        "redis",
        "mongo",
        "pg",
        "sequelize",
        "typeorm",
        "prisma",
        "knex",
        "mysql",
        "dynamo",
        "memcache",
        "firestore",
        "postgres",
        "connect-",
        "upstash",
        "valkey",
        "couchbase",
        "ioredis",
        "keyv",
    ]
    .iter()
    .any(|word| path.contains(word))
    {
        SessionPlace::Service
    } else {
        SessionPlace::Unknown
    }
}

//! Where sessions and caches are kept.

use xii_model::{CacheStore, SessionPlace, SessionStore};

use super::entries::Entry;
use crate::languages::python::bounds::inside;
use crate::languages::python::reader::Reader;
use crate::languages::syntax::{Kind, NodeId};

/// Where Django and Flask-Session keep sessions, by the last part of the setting.
#[rustfmt::skip]
const SESSIONS: &[(&str, SessionPlace)] = &[
    ("db", SessionPlace::Service), ("cached_db", SessionPlace::Service), ("cache", SessionPlace::Service),
    ("file", SessionPlace::File), ("signed_cookies", SessionPlace::Cookie), ("filesystem", SessionPlace::File),
    ("cachelib", SessionPlace::File), ("redis", SessionPlace::Service), ("memcached", SessionPlace::Service),
    ("mongodb", SessionPlace::Service), ("sqlalchemy", SessionPlace::Service), ("dynamodb", SessionPlace::Service),
    ("null", SessionPlace::Cookie), ("redis_sessions", SessionPlace::Service), ("session", SessionPlace::Service),
];

/// Where a cache is kept, by a word of its backend.
#[rustfmt::skip]
const CACHES: &[(&str, SessionPlace)] = &[
    ("locmem", SessionPlace::Memory), ("simple", SessionPlace::Memory), ("filebased", SessionPlace::File),
    ("filesystem", SessionPlace::File), ("redis", SessionPlace::Service), ("memcache", SessionPlace::Service),
    ("pymemcache", SessionPlace::Service), ("pylibmc", SessionPlace::Service), ("db.databasecache", SessionPlace::Service),
    ("dynamodb", SessionPlace::Service),
];

/// Adds a fact for each store of sessions and each cache.
pub(super) fn read(reader: &mut Reader<'_>, entries: &[Entry]) {
    let mut chosen = false;
    for entry in entries {
        match entry.name.as_str() {
            "SESSION_ENGINE" | "SESSION_TYPE" => {
                chosen = true;
                let through = match entry.name.as_str() {
                    "SESSION_ENGINE" => "django.contrib.sessions",
                    _ => "flask-session",
                };
                session(reader, entry, through);
            }
            "CACHES" => {
                let backends: Vec<(NodeId, String)> = inside(reader.tree, entry.value)
                    .into_iter()
                    .filter_map(|map| {
                        let backend = reader.tree.entry(map, "BACKEND")?;
                        matches!(reader.tree.kind(map), Kind::Map(_)).then_some(())?;
                        Some((map, reader.tree.as_text(backend)?.to_owned()))
                    })
                    .collect();
                for (id, backend) in backends {
                    cache(reader, id, &backend);
                }
            }
            "CACHE_TYPE" => {
                if let Some(backend) = reader.tree.as_text(entry.value).map(str::to_owned) {
                    cache(reader, entry.id, &backend);
                }
            }
            _ => {}
        }
    }
    let django = entries
        .iter()
        .find(|entry| entry.name == "INSTALLED_APPS")
        .and_then(|entry| {
            entry
                .texts(reader.tree)
                .into_iter()
                .find(|(_, text)| *text == "django.contrib.sessions")
        })
        .map(|(id, _)| id);
    if let Some(id) = django
        && !chosen
    {
        store(
            reader,
            id,
            SessionPlace::Service,
            "django.contrib.sessions",
            true,
        );
    }
    for (id, path) in reader.calls {
        match path.as_str() {
            "flask.Flask" | "quart.Quart" if !chosen => {
                store(reader, *id, SessionPlace::Cookie, "flask", true);
            }
            other if other.ends_with(".add_middleware") => {
                let class = reader
                    .tree
                    .arg(*id, 0)
                    .and_then(|class| reader.tree.path(class));
                if class.as_deref() == Some("starlette.middleware.sessions.SessionMiddleware") {
                    store(reader, *id, SessionPlace::Cookie, "starlette", false);
                }
            }
            "flask_caching.Cache" | "flask_cache.Cache" => {
                let backend = reader
                    .tree
                    .keyword(*id, "config")
                    .and_then(|config| reader.tree.entry(config, "CACHE_TYPE"))
                    .and_then(|backend| reader.tree.as_text(backend))
                    .map(str::to_owned);
                if let Some(backend) = backend {
                    cache(reader, *id, &backend);
                }
            }
            _ => {}
        }
    }
}

fn session(reader: &mut Reader<'_>, entry: &Entry, through: &str) {
    let origin = reader.origin(entry.value);
    let place = origin
        .fallback()
        .and_then(|engine| engine.rsplit('.').next())
        .and_then(|last| SESSIONS.iter().find(|(name, _)| *name == last))
        .map_or(SessionPlace::Unknown, |(_, place)| *place);
    store(reader, entry.id, place, through, false);
}

fn store(
    reader: &mut Reader<'_>,
    id: NodeId,
    place: SessionPlace,
    through: &str,
    by_default: bool,
) {
    reader.push(
        id,
        SessionStore {
            store: place,
            through: through.to_owned(),
            by_default,
        },
    );
}

fn cache(reader: &mut Reader<'_>, id: NodeId, backend: &str) {
    let lower = backend.to_ascii_lowercase();
    let known = CACHES.iter().find(|(word, _)| lower.contains(word));
    if let Some((_, place)) = known {
        reader.push(
            id,
            CacheStore {
                store: *place,
                through: backend.to_owned(),
            },
        );
    }
}

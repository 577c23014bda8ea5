//! Each process has a cache of its own.
//!
//! ## What it looks for
//!
//! Cache libraries that are configured to keep entries in the process's memory or in files of the
//! instance: Django's `LocMemCache` and `FileBasedCache`, Flask-Caching's `SimpleCache`, the default of
//! Nest's cache module.
//!
//! ## Why it matters
//!
//! An entry that one process deletes lives on in the others, so users see old data depending on where
//! their request lands. Rate limits and locks that are kept in such a cache count per process, and so
//! do not hold.
//!
//! ## What to do instead
//!
//! ```js
//! CacheModule.registerAsync({ useFactory: () => ({ stores: [new KeyvRedis(process.env.REDIS_URL)] }) })
//! ```
//!
//! ```python
//! CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["REDIS_URL"]}}
//! ```
//!
//! ## When it is fine
//!
//! Entries that are right for as long as they live, and that nothing has to delete, may be kept here.

use xii_model::{App, Confidence, SessionPlace, Severity};

use crate::{Claims, Rule, grouping};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "per-process-cache",
    criteria: &["VI.3"],
    severity: Severity::Note,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let stores = app.facts.cache_stores.iter().filter(|cache| {
        cache.scope.is_deployed()
            && matches!(cache.store, SessionPlace::Memory | SessionPlace::File)
    });
    for group in grouping::by(stores, |cache| cache.through.clone()) {
        let cache = group.first;
        let place = match cache.store {
            SessionPlace::File => "in files of the instance",
            _ => "in the memory of each process",
        };
        let draft = claims.finding(
            &cache.at,
            format!(
                "the cache or counter ({}) is kept {place}: what one process counts or deletes, the others do not see",
                cache.through
            ),
        );
        draft
            .confidence(Confidence::Low)
            .subject(cache.through.as_str())
            .help("keep what must be the same everywhere in a shared cache, such as Redis, named by a variable");
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, "and here");
        }
    }
}

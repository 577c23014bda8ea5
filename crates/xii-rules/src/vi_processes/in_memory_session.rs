//! Sessions are kept in the process's memory or in files of one instance.
//!
//! ## What it looks for
//!
//! Session libraries whose store is the process's memory (the default of express-session and koa's
//! memory stores) or the instance's disk (Flask-Session's `filesystem`, Django's file sessions).
//! Sessions in a signed cookie or in a backing service are fine.
//!
//! ## Why it matters
//!
//! The next request may go to another instance, which has never seen the session: users are logged out
//! at random. Each restart and each deploy logs everybody out, and in memory the sessions add up until
//! the process is killed.
//!
//! ## What to do instead
//!
//! ```js
//! app.use(session({ store: new RedisStore({ client: redis }), secret: process.env.SESSION_SECRET }));
//! ```
//!
//! ```python
//! # Flask-Session
//! SESSION_TYPE = "redis"
//! SESSION_REDIS = redis.from_url(os.environ["REDIS_URL"])
//! # Django
//! SESSION_ENGINE = "django.contrib.sessions.backends.db"
//! ```

use xii_model::{App, Confidence, Fact, Framework, SessionPlace, SessionStore, Severity};

use crate::{Claims, Rule, grouping};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "in-memory-session",
    criteria: &["VI.1"],
    severity: Severity::Error,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let stores: Vec<&Fact<SessionStore>> = app
        .facts
        .session_stores
        .iter()
        .filter(|store| store.scope.is_deployed())
        .collect();
    let shared = stores
        .iter()
        .copied()
        .find(|store| matches!(store.store, SessionPlace::Service | SessionPlace::Cookie));
    let kept: Vec<&Fact<SessionStore>> = stores
        .iter()
        .copied()
        .filter(|store| matches!(store.store, SessionPlace::Memory | SessionPlace::File))
        .collect();
    for group in grouping::by(kept.iter().copied(), |store| store.through.clone()) {
        let store = group.first;
        let place = match store.store {
            SessionPlace::File => "in files of this instance",
            _ => "in the memory of this process",
        };
        let chosen = if store.by_default {
            ", which is its default"
        } else {
            ""
        };
        let draft = claims.finding(
            &store.at,
            format!(
                "{} keeps sessions {place}{chosen}: a second instance does not know them, and a restart logs everybody out",
                store.through
            ),
        );
        draft
            // Another store beside it may be the one that is deployed.
            .confidence(if shared.is_some() {
                Confidence::Medium
            } else {
                Confidence::High
            })
            .subject(store.through.as_str())
            .help(help(app));
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, "the same here");
        }
    }
    if !kept.is_empty() {
        return;
    }
    if let Some(store) = shared {
        let place = match store.store {
            SessionPlace::Cookie => "in a signed cookie",
            _ => "in a backing service",
        };
        claims.holds(
            "VI.1",
            format!("{} keeps sessions {place}", store.through),
            &store.at,
        );
    } else if let (true, Some(token)) = (
        stores.is_empty(),
        app.facts
            .token_verifications
            .iter()
            .find(|token| token.scope.is_deployed() && token.fault.is_none()),
    ) {
        claims.not_applicable(
            "VI.1",
            format!(
                "no session is kept: requests carry a token, which {} verifies",
                token.through
            ),
        );
    }
}

fn help(app: &App) -> &'static str {
    if app.uses(Framework::Django) {
        "keep them in the database or the shared cache:\n    SESSION_ENGINE = \"django.contrib.sessions.backends.db\""
    } else if app.uses(Framework::Flask) {
        "keep them in Redis (or drop Flask-Session and use Flask's signed cookie):\n    SESSION_TYPE = \"redis\"\n    SESSION_REDIS = redis.from_url(os.environ[\"REDIS_URL\"])"
    } else if app.uses(Framework::Fastify) {
        "give the plugin a store that all instances share, or use @fastify/secure-session:\n    app.register(session, { store: new RedisStore({ client: redis }), secret: process.env.SESSION_SECRET });"
    } else if app.uses(Framework::Koa) {
        "give it a store that all instances share:\n    app.use(session({ store: redisStore({ url: process.env.REDIS_URL }) }));"
    } else if app.is_node() {
        "give it a store that all instances share, such as connect-redis:\n    session({ store: new RedisStore({ client: redis }), secret: process.env.SESSION_SECRET })"
    } else {
        "keep sessions in a signed cookie or in a backing service that all instances share"
    }
}

//! Any web page may act in the name of the user who visits it.
//!
//! ## What it looks for
//!
//! CORS that allows credentials together with every origin, or with whatever origin asks.
//!
//! ## Why it matters
//!
//! A page of a stranger can then call the API with the visitor's cookies and read the answers. Browsers
//! refuse the plain `*` with credentials, so libraries echo the origin instead, and nothing refuses that.
//!
//! ## What to do instead
//!
//! List the origins that a deploy serves, from config:
//!
//! ```js
//! app.use(cors({ origin: process.env.CORS_ORIGINS.split(','), credentials: true }));
//! ```
//!
//! ## When it is fine
//!
//! An API that takes no cookies may allow every origin: leave credentials off.

use xii_model::{App, Confidence, Severity};

use crate::{Claims, Rule, places};

pub(crate) const RULE: Rule = Rule {
    name: "permissive-cors",
    criteria: &["XV.6"],
    severity: Severity::Error,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    for cors in app
        .facts
        .cors_rules
        .iter()
        .filter(|one| one.scope.is_deployed() && one.credentials)
    {
        if !cors.any_origin && !cors.reflects_origin {
            claims.holds(
                "XV.6",
                format!(
                    "{} names the origins that may send credentials",
                    cors.through
                ),
                &cors.at,
            );
            continue;
        }
        let who = if cors.any_origin {
            "every origin"
        } else {
            "whatever origin asks"
        };
        claims
            .finding(&cors.at, format!("{who} may call with credentials: any page that a user visits can act in their name and read the answers"))
            .confidence(if cors.any_origin { Confidence::High } else { Confidence::Medium })
            .subject("cors")
            .help(if places::is_pythonic(app) {
                "list the origins, from config:\n    allow_origins=settings.cors_origins, allow_credentials=True"
            } else {
                "list the origins, from config:\n    cors({ origin: process.env.CORS_ORIGINS.split(','), credentials: true })"
            });
    }
}

//! One resource is reached in several ways, so swapping it takes more than its variable.
//!
//! ## What it looks for
//!
//! Clients of the same kind of resource in different files, of which one takes its locator from the
//! environment and another from a literal, or which hold different copies of the literal.
//!
//! ## Why it matters
//!
//! After the variable was changed, part of the app still talks to the old resource. Data goes to two
//! places and nothing fails, so it is noticed late.
//!
//! ## What to do instead
//!
//! Make the client in one module, from config, and import it everywhere:
//!
//! ```js
//! // redis.js
//! export const redis = createClient({ url: process.env.REDIS_URL });
//! ```
//!
//! ```python
//! # database.py
//! engine = create_engine(os.environ["DATABASE_URL"])
//! ```

use xii_model::{App, Confidence, Fact, Origin, ResourceClient, ResourceKind, Severity};

use crate::{Claims, Rule, grouping, wording};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "scattered-locator",
    criteria: &["IV.2"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let clients = app.facts.resource_clients.iter().filter(|client| {
        client.scope.is_deployed()
            && !matches!(
                client.kind,
                ResourceKind::Http
                    | ResourceKind::Sqlite
                    | ResourceKind::Mail
                    | ResourceKind::Llm
                    | ResourceKind::Sms
                    | ResourceKind::Payment
                    | ResourceKind::ErrorTracker
                    | ResourceKind::Other(_)
            )
    });
    for group in grouping::by(clients, |client| client.kind.clone()) {
        let all: Vec<&Fact<ResourceClient>> =
            std::iter::once(group.first).chain(group.rest).collect();
        let from_env = all.iter().find(|client| client.locator.env().is_some());
        let literals: Vec<&&Fact<ResourceClient>> = all
            .iter()
            .filter(|client| client.locator.literal().is_some())
            .collect();
        // The literal itself is reported by `hard-coded-resource`; this one stands beside it.
        let place = match (from_env, literals.as_slice()) {
            (Some(client), [literal, ..]) if client.at.path != literal.at.path => Some(*client),
            (None, [first, .., last]) if first.at.path != last.at.path => Some(**last),
            _ => None,
        };
        if let Some(place) = place {
            report(place, &literals, claims);
        } else if let (Some(client), true) = (from_env, literals.is_empty()) {
            holds(client, &all, claims);
        }
    }
}

fn report(
    place: &Fact<ResourceClient>,
    literals: &[&&Fact<ResourceClient>],
    claims: &mut Claims<'_>,
) {
    let message = match place.locator.env() {
        Some(variable) => format!(
            "{} is reached through {variable} here and by a literal elsewhere: after a swap one part of the app still talks to the old one",
            wording::resource(&place.kind)
        ),
        None => format!(
            "the address of {} is written down in more than one file: a swap has to find every copy",
            wording::resource(&place.kind)
        ),
    };
    let draft = claims.finding(&place.at, message);
    draft
        .confidence(Confidence::Medium)
        .subject(place.kind.to_string())
        .help("make the client once, from config, in a module that the others import");
    for literal in literals.iter().filter(|one| one.at != place.at).take(10) {
        draft.related(&literal.at, "the literal");
    }
}

fn holds(client: &Fact<ResourceClient>, all: &[&Fact<ResourceClient>], claims: &mut Claims<'_>) {
    let known = all
        .iter()
        .all(|one| matches!(one.locator, Origin::Env(_) | Origin::Config(_)));
    if let (true, Some(variable)) = (known, client.locator.env()) {
        claims.holds(
            "IV.2",
            format!(
                "the {} client is built from config ({variable}), and no other address of one is written down",
                wording::kind(&client.kind)
            ),
            &client.at,
        );
    }
}

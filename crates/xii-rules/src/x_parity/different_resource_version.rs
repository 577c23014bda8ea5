//! Finds backing services whose version differs from place to place.
//!
//! ## What it looks for
//!
//! The version of the same kind of resource in compose files, pipeline services, manifests and add-ons,
//! and resources with no version at all.
//!
//! ## Why it matters
//!
//! Between two major versions of a database the planner, the defaults and the protocol change. Tests
//! that pass on one version say little about the other, and an image without a version changes under
//! you with the next pull.
//!
//! ## What to do instead
//!
//! Name the version that production runs, in every place:
//!
//! ```yaml
//! services:
//!   db: { image: "postgres:17" }
//! ```
//!
//! ## When it is fine
//!
//! A pipeline that tests on several versions, production's among them.

use std::collections::{BTreeMap, BTreeSet};

use xii_model::{App, AttachedResource, Confidence, Evidence, Fact, ResourceKind, Severity};

use crate::deploy_names::{self, Deploy};
use crate::manifests::is_own;
use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "different-resource-version",
    criteria: &["X.2"],
    severity: Severity::Warning,
    check,
};

/// Further places that a finding names at most.
const MOST: usize = 4;

/// Where versions of one kind are named: a file or pipeline.
#[derive(Default)]
struct Place<'a> {
    versions: BTreeSet<String>,
    first: Option<&'a Fact<AttachedResource>>,
}

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut by_kind: BTreeMap<&ResourceKind, BTreeMap<(&str, &str), Place<'_>>> = BTreeMap::new();
    let mut floating: BTreeMap<&ResourceKind, Vec<&Fact<AttachedResource>>> = BTreeMap::new();
    for attached in &app.facts.attached_resources {
        // A service that a pipeline's host starts by name has the host's version.
        if attached.at.path.ends_with(".travis.yml")
            || !is_versioned(&attached.kind)
            || !is_own(&attached.scope)
            || is_company(attached)
        {
            continue;
        }
        match attached
            .version
            .as_deref()
            .and_then(|version| major(&attached.kind, version))
        {
            Some(version) => {
                let place = by_kind
                    .entry(&attached.kind)
                    .or_default()
                    .entry((attached.source, &attached.at.path))
                    .or_default();
                place.versions.insert(version);
                place.first.get_or_insert(attached);
            }
            // An add-on's plan is the platform's to choose, and a template's tag is not seen here.
            None if attached.source != "app.json" && floats(attached) => {
                floating.entry(&attached.kind).or_default().push(attached);
            }
            None => {}
        }
    }
    let mut said = false;
    for (kind, places) in &by_kind {
        said |= compare(kind, places, claims);
    }
    for (kind, places) in floating {
        let Some((first, others)) = places.split_first() else {
            continue;
        };
        said = true;
        let draft = claims.finding(
            &first.at,
            format!(
                "`{}` is {kind} of no fixed version: the next pull may bring another one than production runs",
                first.name
            ),
        );
        draft
            .severity(Severity::Note)
            .confidence(Confidence::Medium)
            .subject(kind.to_string())
            .help(format!(
                "name the version that production runs:\n    image: {}",
                example(kind)
            ));
        for other in others.iter().take(MOST) {
            draft.related(&other.at, "here as well");
        }
    }
    if !said {
        hold(&by_kind, claims);
    }
}

/// Says so when two places name no version in common.
fn compare(
    kind: &ResourceKind,
    places: &BTreeMap<(&str, &str), Place<'_>>,
    claims: &mut Claims<'_>,
) -> bool {
    // Production's place is what the others are held against; else the first one.
    let mut ordered: Vec<&Place<'_>> = places.values().collect();
    ordered.sort_by_key(|place| std::cmp::Reverse(place.first.map(rank)));
    let Some((main, others)) = ordered.split_first() else {
        return false;
    };
    for other in others {
        let (Some(here), Some(there)) = (other.first, main.first) else {
            continue;
        };
        if !other.versions.is_disjoint(&main.versions) || different_products(&here.at, &there.at) {
            continue;
        }
        let list =
            |versions: &BTreeSet<String>| versions.iter().cloned().collect::<Vec<_>>().join(", ");
        claims
            .finding(
                &here.at,
                format!(
                    "{kind} is version {} here and {} in {}: tests on the one say little about the other",
                    list(&other.versions),
                    list(&main.versions),
                    there.at.path
                ),
            )
            .confidence(Confidence::High)
            .subject(kind.to_string())
            .related(&there.at, "the other version")
            .help("name the version that production runs in every place");
        return true;
    }
    false
}

/// Whether an image is a tool beside the resource and not the resource itself.
fn is_company(attached: &Fact<AttachedResource>) -> bool {
    let text = attached.at.excerpt.lines().next().unwrap_or_default();
    [
        "-express",
        "exporter",
        "commander",
        "insight",
        "admin",
        "backup",
        "-ui",
    ]
    .iter()
    .any(|word| text.contains(word) || attached.name.contains(word))
}

/// How close a place is to production.
fn rank(attached: &Fact<AttachedResource>) -> (Option<Deploy>, bool) {
    let deploy = attached
        .deploy
        .as_deref()
        .and_then(deploy_names::of_text)
        .or_else(|| deploy_names::of_file(&attached.at.path));
    (deploy, attached.source == "kubernetes")
}

/// MySQL and MariaDB, or Redis and Valkey, are one kind but count their versions apart.
fn different_products(one: &Evidence, other: &Evidence) -> bool {
    [
        "mariadb",
        "valkey",
        "opensearch",
        "meilisearch",
        "typesense",
        "redpanda",
        "percona",
    ]
    .iter()
    .any(|word| one.excerpt.contains(word) != other.excerpt.contains(word))
}

/// Kinds whose versions matter to the code.
fn is_versioned(kind: &ResourceKind) -> bool {
    matches!(
        kind,
        ResourceKind::Postgres
            | ResourceKind::MySql
            | ResourceKind::SqlServer
            | ResourceKind::Mongo
            | ResourceKind::Redis
            | ResourceKind::Memcached
            | ResourceKind::Amqp
            | ResourceKind::Kafka
            | ResourceKind::Search
    )
}

/// The release line: the major, and with MySQL 5 and MongoDB below 5 the minor too.
fn major(kind: &ResourceKind, version: &str) -> Option<String> {
    let text = version.trim().trim_start_matches('v');
    let text = text.strip_prefix("pg").unwrap_or(text);
    let number: String = text
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let mut parts = number.split('.').filter(|part| !part.is_empty());
    let first = parts.next()?.to_owned();
    let minor_counts = match kind {
        ResourceKind::MySql => first == "5",
        ResourceKind::Postgres => first == "9",
        ResourceKind::Mongo => matches!(first.as_str(), "2" | "3" | "4"),
        _ => false,
    };
    match (minor_counts, parts.next()) {
        (true, Some(second)) => Some(format!("{first}.{second}")),
        _ => Some(first),
    }
}

/// Whether an image names no version, and not because a variable stands for it.
fn floats(attached: &AttachedResource) -> bool {
    match attached.version.as_deref() {
        None => true,
        Some(version) => {
            !version.contains(['$', '{']) && !version.contains(|c: char| c.is_ascii_digit())
        }
    }
}

fn example(kind: &ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Postgres => "postgres:17",
        ResourceKind::MySql => "mysql:8.4",
        ResourceKind::Redis => "redis:7",
        ResourceKind::Mongo => "mongo:8",
        ResourceKind::Amqp => "rabbitmq:4",
        _ => "NAME:VERSION",
    }
}

/// Positive evidence: two places name the same version.
fn hold(
    by_kind: &BTreeMap<&ResourceKind, BTreeMap<(&str, &str), Place<'_>>>,
    claims: &mut Claims<'_>,
) {
    for (kind, places) in by_kind {
        if places.len() < 2 {
            continue;
        }
        if let Some(place) = places.values().next()
            && let (Some(first), Some(version)) = (place.first, place.versions.iter().next())
        {
            claims.holds(
                "X.2",
                format!("{kind} is version {version} in {} places", places.len()),
                &first.at,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn release_lines_are_told_apart() {
        let of = |kind, version| major(&kind, version);
        assert_eq!(
            of(ResourceKind::Postgres, "15.3-alpine"),
            Some("15".to_owned())
        );
        assert_eq!(of(ResourceKind::Postgres, "9.6"), Some("9.6".to_owned()));
        assert_eq!(of(ResourceKind::MySql, "5.7"), Some("5.7".to_owned()));
        assert_eq!(of(ResourceKind::MySql, "8.0.36"), Some("8".to_owned()));
        assert_eq!(of(ResourceKind::Redis, "alpine"), None);
        assert_eq!(of(ResourceKind::Redis, "latest"), None);
    }
}

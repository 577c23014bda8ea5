//! Compares the locators of the deploys that xii.toml names: the same kind of resource everywhere.
//!
//! `[prove.deploys]` names a file of variables for each deploy. A locator whose scheme speaks of PostgreSQL
//! in one and of SQLite or of memory in another means that what was tested is not what runs. Hosts, users
//! and names may differ; nothing is connected to.

use std::collections::BTreeMap;
use std::time::Duration;

use xii_model::{Locator, ResourceKind, Severity};

use crate::deploys::{Deploy, deploys};
use crate::engine::{Phase, Probe, Stage, Steps};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "deploy-locators",
    criteria: &["X.1"],
    phase: Phase::Start,
    needs: &[],
    severity: Severity::Warning,
    limit: Duration::from_secs(10),
    alone: false,
    run,
};

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let deploys = deploys(stage)?;
        if deploys.len() < 2 {
            stage.could_not_tell(
                "X.1",
                "fewer than two deploys are named: give the file of variables of each in xii.toml ([prove.deploys])",
            );
            return Ok(());
        }
        let compared = compare(&deploys);
        for (name, kinds) in &compared {
            let words: Vec<String> = kinds
                .iter()
                .map(|(deploy, kind)| format!("{kind} in {deploy}"))
                .collect();
            stage.note(format!("{name}: {}", words.join(", ")));
        }
        let wrong = compared.iter().find(|(_, kinds)| {
            kinds
                .iter()
                .any(|(_, kind)| kinds.first().is_some_and(|(_, first)| first != kind))
        });
        match wrong {
            Some((name, kinds)) => {
                let words: Vec<String> = kinds
                    .iter()
                    .map(|(deploy, kind)| format!("{kind} in {deploy}"))
                    .collect();
                stage.broken("X.1", format!("{name} is {}", words.join(" and ")));
            }
            None if compared.is_empty() => {
                stage.could_not_tell("X.1", "no locator is in the variables of two deploys")
            }
            None => {
                let names: Vec<&str> = compared.iter().map(|(name, _)| name.as_str()).collect();
                stage.holds(
                    "X.1",
                    format!(
                        "{} name the same kind of resource in {} deploys",
                        names.join(", "),
                        deploys.len()
                    ),
                );
            }
        }
        Ok(())
    })
}

/// Each variable that is a locator in two deploys or more, with the kind of resource in each.
fn compare(deploys: &[Deploy]) -> Vec<(String, Vec<(String, String)>)> {
    let mut all: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for deploy in deploys {
        for (name, value) in &deploy.variables {
            if let Some(kind) = kind(name, value) {
                all.entry(name)
                    .or_default()
                    .push((deploy.name.clone(), kind));
            }
        }
    }
    all.into_iter()
        .filter(|(_, kinds)| kinds.len() > 1)
        .map(|(name, kinds)| (name.to_owned(), kinds))
        .collect()
}

/// What kind of resource a variable speaks of, in a word.
fn kind(name: &str, value: &str) -> Option<String> {
    const ENGINES: [&str; 6] = [
        "DB_ENGINE",
        "DB_CONNECTION",
        "DB_DRIVER",
        "DB_TYPE",
        "DATABASE_ENGINE",
        "TYPEORM_CONNECTION",
    ];
    let scheme = if ENGINES.contains(&name) {
        value
            .rsplit('.')
            .next()
            .unwrap_or(value)
            .to_ascii_lowercase()
    } else if value.starts_with("sqlite:") {
        "sqlite".to_owned()
    } else if let Some(locator) = Locator::parse(value) {
        locator.scheme
    } else {
        // Locators without a host: `memory://`.
        value
            .split_once("://")
            .filter(|(_, rest)| rest.is_empty())
            .map(|(scheme, _)| scheme.to_ascii_lowercase())?
    };
    Some(match ResourceKind::from_scheme(&scheme) {
        Some(kind) => kind.to_string(),
        None => scheme,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_compared_and_not_places() {
        let same = kind("DATABASE_URL", "postgres://db.acme.com/x");
        assert_eq!(
            same,
            kind("DATABASE_URL", "postgresql+psycopg://localhost/y")
        );
        assert_ne!(same, kind("DATABASE_URL", "sqlite:///app.db"));
        assert_eq!(
            kind("REDIS_URL", "rediss://a:1"),
            kind("REDIS_URL", "redis://b")
        );
        assert_ne!(
            kind("REDIS_URL", "memory://"),
            kind("REDIS_URL", "redis://b")
        );
        assert_eq!(
            kind("DB_ENGINE", "django.db.backends.sqlite3"),
            kind("DB_ENGINE", "sqlite3")
        );
        assert_eq!(kind("LOG_LEVEL", "info"), None);
    }
}

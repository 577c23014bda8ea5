//! A declaration names variables that nothing reads.
//!
//! ## What it looks for
//!
//! Variables of `.env.example`, app.json or xii.toml that no code of the app reads and that no
//! compose file, image, manifest or known library uses. It says nothing where the code takes in
//! the whole environment, because then the names do not show.
//!
//! ## Why it matters
//!
//! A declared variable is work for whoever sets up a deploy: they look for a value, maybe order a
//! credential, and it changes nothing. Often it is a renamed variable, and then the deploy lacks the
//! one that counts.
//!
//! ## What to do instead
//!
//! Remove the line, or read the variable.
//!
//! ```diff
//! -OLD_SMTP_HOST=
//! +SMTP_HOST=
//! ```

use std::collections::BTreeSet;

use xii_model::{App, Confidence, ConfigDeclaration, DeclarationSource, Fact, Severity};

use crate::config_names::is_read_by_libraries;
use crate::{Claims, Rule, grouping, wording};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "unread-variable",
    criteria: &["III.3"],
    severity: Severity::Note,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let facts = &app.facts;
    if facts.env_reads.is_empty()
        || facts.env_reads_all.iter().any(|all| all.scope.is_deployed())
        || facts.config_checks.iter().any(|check| check.names.is_empty())
        // They read by a schema, whose names may not show.
        || app.depends_on(&["@fastify/env", "fastify-env", "env-schema", "dynaconf", "convict", "config"])
    {
        return;
    }
    let elsewhere = |source: DeclarationSource| {
        !matches!(
            source,
            DeclarationSource::EnvTemplate
                | DeclarationSource::AppJson
                | DeclarationSource::XiiToml
        )
    };
    let used: BTreeSet<String> = facts
        .env_reads
        .iter()
        .map(|read| read.name.to_ascii_uppercase())
        .chain(
            facts
                .config_checks
                .iter()
                .flat_map(|check| check.names.iter().map(|name| name.to_ascii_uppercase())),
        )
        .chain(
            facts
                .declarations
                .iter()
                .filter(|one| elsewhere(one.source))
                .map(|one| one.name.to_ascii_uppercase()),
        )
        .collect();
    let unread: Vec<&Fact<ConfigDeclaration>> = facts
        .declarations
        .iter()
        .filter(|one| {
            !elsewhere(one.source)
                && !is_read_by_libraries(&one.name)
                && !used.contains(&one.name.to_ascii_uppercase())
        })
        .collect();
    // Compose substitutes variables in its own text, which shows in no fact.
    let sure = facts.compose_services.is_empty() && app.siblings.len() < 2;
    for group in grouping::by_file(unread) {
        let names: Vec<&str> = std::iter::once(&group.first)
            .chain(&group.rest)
            .map(|one| one.name.as_str())
            .collect();
        let draft = claims.finding(
            &group.first.at,
            format!(
                "{} {} declared here and read nowhere: whoever sets up a deploy looks for a value that changes nothing",
                wording::list(&names, 5),
                if names.len() == 1 { "is" } else { "are" },
            ),
        );
        draft
            .confidence(if sure {
                Confidence::Medium
            } else {
                Confidence::Low
            })
            .subject(group.first.name.as_str())
            .help("remove the line, or correct the name to the one that the code reads");
        for other in group.rest.iter().take(20) {
            draft.related(&other.at, format!("`{}` is declared", other.name));
        }
    }
}

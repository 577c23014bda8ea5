//! The code reads variables that no declaration names.
//!
//! ## What it looks for
//!
//! Every environment variable that deployed code reads, against `.env.example`, app.json, xii.toml,
//! compose, Kubernetes manifests and Dockerfiles. Variables that the platform itself gives (`PORT`,
//! `NODE_ENV`, `HOME`, `KUBERNETES_…`) are not asked for. A schema that is checked at start
//! (envalid, zod, pydantic-settings) declares what it names.
//!
//! ## Why it matters
//!
//! Whoever sets up a new deploy has to find the variables by reading the code, or by watching the app
//! fail. A list that is incomplete is worse than none, because it is believed.
//!
//! ## What to do instead
//!
//! Keep one `.env.example` under version control with every variable, its meaning and no secrets:
//!
//! ```sh
//! # Where the database is: postgres://user:password@host/name
//! DATABASE_URL=
//! # Signs sessions; at least 32 random bytes
//! SECRET_KEY=
//! ```

use std::collections::BTreeSet;

use xii_model::{
    App, Confidence, ConfigCheck, DeclarationSource, Edit, EnvRead, Fact, Origin, Severity,
};

use crate::config_names::is_given_by_platform;
use crate::{Claims, Rule, wording};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "undeclared-variable",
    criteria: &["III.3"],
    severity: Severity::Warning,
    check,
};

/// How many places a finding lists.
const SHOWN: usize = 20;

fn check(app: &App, claims: &mut Claims<'_>) {
    let reads = reads(app);
    let declared: BTreeSet<String> = app
        .facts
        .declarations
        .iter()
        .filter(|declaration| declaration.source != DeclarationSource::Pipeline)
        .map(|declaration| declaration.name.to_ascii_uppercase())
        .chain(schema_names(app).map(|(name, _)| name))
        .collect();
    let missing: Vec<&Fact<EnvRead>> = reads
        .iter()
        .copied()
        .filter(|read| !declared.contains(&read.name.to_ascii_uppercase()))
        .collect();
    let Some(first) = missing.first() else {
        holds(app, &reads, claims);
        return;
    };
    let names: Vec<&str> = missing.iter().map(|read| read.name.as_str()).collect();
    // Declarations that name none of the variables are of something else.
    let none = missing.len() == reads.len();
    let every_one_has_a_default = missing
        .iter()
        .all(|read| !matches!(read.default, Origin::Absent) && read.required != Some(true));
    let message = if none {
        format!(
            "the code reads {} and no file that tools can read declares {}: whoever sets up a deploy has to gather the names ({})",
            wording::count(names.len(), "variable"),
            if names.len() == 1 { "it" } else { "them" },
            wording::list(&names, 5)
        )
    } else {
        format!(
            "{} {} read here but named in no declaration, so a new deploy will lack {}",
            wording::list(&names, 5),
            if names.len() == 1 { "is" } else { "are" },
            if names.len() == 1 { "it" } else { "them" }
        )
    };
    let target = template(app);
    let lines: String = names.iter().map(|name| format!("{name}=\n")).collect();
    let draft = claims.finding(&first.at, message);
    draft
        .severity(if every_one_has_a_default {
            Severity::Note
        } else {
            Severity::Warning
        })
        .confidence(if none {
            Confidence::High
        } else {
            Confidence::Medium
        })
        .subject(if none { "all" } else { "some" })
        .help(format!(
            "add to `{target}`, with a comment for each and without secrets:\n{}",
            names
                .iter()
                .take(SHOWN)
                .map(|name| format!("    {name}="))
                .collect::<Vec<_>>()
                .join("\n")
        ));
    for read in missing.iter().skip(1).take(SHOWN) {
        draft.related(&read.at, format!("`{}` is read", read.name));
    }
    let title = format!("name the missing variables in {target}");
    let edits = vec![Edit::Append {
        path: target,
        text: lines,
    }];
    // dotenv-safe asks at start for whatever its example names.
    if app.depends_on(&["dotenv-safe", "dotenv-extended"]) {
        draft.unsafe_fix(title, edits);
    } else {
        draft.safe_fix(title, edits);
    }
}

/// The first deployed read of each variable that an app has to declare.
fn reads(app: &App) -> Vec<&Fact<EnvRead>> {
    let mut seen = BTreeSet::new();
    app.facts
        .env_reads
        .iter()
        .filter(|read| {
            read.scope.is_deployed()
                && !is_given_by_platform(&read.name)
                && seen.insert(read.name.to_ascii_uppercase())
        })
        .collect()
}

/// The variables that a schema in the code names, in upper case.
fn schema_names(app: &App) -> impl Iterator<Item = (String, &Fact<ConfigCheck>)> {
    app.facts
        .config_checks
        .iter()
        .filter(|check| {
            check.scope.is_deployed() && check.stops && !check.through.starts_with("an if")
        })
        .flat_map(|check| {
            check
                .names
                .iter()
                .map(move |name| (name.to_ascii_uppercase(), check))
        })
}

fn holds(app: &App, reads: &[&Fact<EnvRead>], claims: &mut Claims<'_>) {
    if reads.is_empty() {
        return;
    }
    // Names that are computed cannot be compared.
    if app
        .facts
        .env_reads_all
        .iter()
        .any(|all| all.scope.is_deployed() && all.how.contains("computed"))
    {
        claims.could_not_tell("III.3", "some variables are looked up by a computed name");
        return;
    }
    let by_schema = reads
        .iter()
        .filter(|read| {
            !app.facts.declarations.iter().any(|one| {
                one.source != DeclarationSource::Pipeline
                    && one.name.eq_ignore_ascii_case(&read.name)
            })
        })
        .count();
    let place = app
        .facts
        .declarations
        .iter()
        .find(|one| one.source == DeclarationSource::EnvTemplate)
        .or_else(|| {
            let read = |name: &str| reads.iter().any(|read| read.name == name);
            app.facts.declarations.iter().find(|one| read(&one.name))
        })
        .or_else(|| app.facts.declarations.first())
        .map(|one| &one.at)
        .or_else(|| schema_names(app).next().map(|(_, check)| &check.at));
    if let Some(place) = place {
        claims.holds(
            "III.3",
            format!(
                "every variable that the code reads ({}) is declared{}",
                reads.len(),
                match by_schema {
                    0 => String::new(),
                    some => format!(", {some} of them by the schema in the code alone"),
                }
            ),
            place,
        );
    }
}

/// Where the app's variables are declared, or should be.
fn template(app: &App) -> String {
    app.facts
        .declarations
        .iter()
        .find(|one| one.source == DeclarationSource::EnvTemplate)
        .map_or_else(|| app.path(".env.example"), |one| one.at.path.to_string())
}

#[cfg(test)]
mod tests {
    use xii_model::{ConfigDeclaration, Facts};

    use super::*;
    use crate::specimen::{fact, said};

    fn read(name: &str) -> EnvRead {
        EnvRead {
            name: name.to_owned(),
            default: Origin::Absent,
            required: None,
            checked: false,
            through: "process.env",
        }
    }

    #[test]
    fn what_the_platform_gives_is_not_asked_for() {
        let mut facts = Facts::default();
        facts.push(fact("a.js", 1, read("PORT")));
        assert!(
            said(
                &RULE,
                &App {
                    facts,
                    ..App::default()
                }
            )
            .is_empty()
        );
    }

    #[test]
    fn names_are_compared_without_regard_to_case() {
        let mut facts = Facts::default();
        facts.push(fact("a.py", 1, read("database_url")));
        facts.push(fact(
            ".env.example",
            1,
            ConfigDeclaration {
                name: "DATABASE_URL".to_owned(),
                source: DeclarationSource::EnvTemplate,
                has_value: false,
                value: None,
                required: None,
                comment: None,
            },
        ));
        let lines = said(
            &RULE,
            &App {
                facts,
                ..App::default()
            },
        );
        assert_eq!(
            lines,
            ["holds III.3 every variable that the code reads (1) is declared"]
        );
    }
}

//! Finds variables that one deploy declares and another does not know.
//!
//! ## What it looks for
//!
//! The keys of declarations that belong to different deploys: `.env.staging.example` beside
//! `.env.production.example`, and what developers are given (a template, compose) beside what
//! Kubernetes gives. Of the latter only variables count that the code reads without a default.
//!
//! ## Why it matters
//!
//! A variable that exists in one place only means code that runs in one place only. It shows on the
//! day of the deploy, as a crash at the start or as a branch that nobody ever tried.
//!
//! ## What to do instead
//!
//! Let every deploy have the same keys, with values of its own. Keep the list in one template and
//! compare the others with it in the pipeline:
//!
//! ```sh
//! diff <(cut -d= -f1 .env.example | sort) <(cut -d= -f1 deploy/production.env.example | sort)
//! ```
//!
//! ## When it is fine
//!
//! Switches of the development server that production has no use for.

use std::collections::{BTreeMap, BTreeSet};

use xii_model::{
    App, Confidence, ConfigDeclaration, DeclarationSource, Evidence, Fact, GivenBy, Severity,
};

use crate::deploy_names::{self, Deploy, file_name, folder};
use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "differing-variables",
    criteria: &["X.3"],
    severity: Severity::Warning,
    check,
};

/// How many variables a message names.
const NAMED: usize = 5;

fn check(app: &App, claims: &mut Claims<'_>) {
    env_files(app, claims);
    compose(app, claims);
    kubernetes(app, claims);
}

/// The variables of a file, with the first declaration.
type Keys<'a> = BTreeMap<&'a str, &'a Evidence>;

/// Env files of two deploys beside each other.
fn env_files(app: &App, claims: &mut Claims<'_>) {
    let mut files: BTreeMap<&str, Keys<'_>> = BTreeMap::new();
    for declaration in &app.facts.declarations {
        if matches!(
            declaration.source,
            DeclarationSource::EnvTemplate | DeclarationSource::EnvFile
        ) {
            files
                .entry(&declaration.at.path)
                .or_default()
                .insert(&declaration.what.name, &declaration.at);
        }
    }
    let mut by_folder: BTreeMap<&str, Vec<(Deploy, &str, &Keys<'_>)>> = BTreeMap::new();
    for (path, keys) in &files {
        let deploy = deploy_names::of_file(path).filter(|deploy| *deploy != Deploy::Test);
        if let Some(deploy) = deploy {
            by_folder
                .entry(folder(path))
                .or_default()
                .push((deploy, path, keys));
        }
    }
    for files in by_folder.values_mut() {
        files.sort_by_key(|(deploy, ..)| std::cmp::Reverse(*deploy));
        let Some(((_, main, wanted), others)) = files.split_first() else {
            continue;
        };
        for (deploy, other, keys) in others {
            let only = |one: &Keys<'_>, two: &Keys<'_>| -> Vec<String> {
                one.keys()
                    .filter(|key| !two.contains_key(*key))
                    .map(|key| format!("`{key}`"))
                    .collect()
            };
            let (missing, extra) = (only(wanted, keys), only(keys, wanted));
            let shared = wanted.len() - missing.len();
            // Files with little in common are not two deploys of one app.
            if shared < 2 || shared * 2 < missing.len() + extra.len() {
                continue;
            }
            let Some(at) = keys.values().next() else {
                continue;
            };
            if missing.is_empty() && extra.is_empty() {
                claims.holds(
                    "X.3",
                    format!(
                        "{} and {} declare the same {shared} variables",
                        file_name(main),
                        file_name(other)
                    ),
                    at,
                );
                continue;
            }
            let part = |names: Vec<String>, owner: &str| {
                (!names.is_empty())
                    .then(|| format!("{} only in {}", list(&names), file_name(owner)))
            };
            let parts: Vec<String> = [part(missing, main), part(extra, other)]
                .into_iter()
                .flatten()
                .collect();
            claims
                .finding(
                    &Evidence::file(*other),
                    format!(
                        "{} and {} declare different variables: {}; code that needs them was never tried in the other deploy",
                        file_name(main),
                        file_name(other),
                        parts.join(", ")
                    ),
                )
                .confidence(if *deploy == Deploy::Development { Confidence::Medium } else { Confidence::High })
                .related(&Evidence::file(*main), "the other deploy")
                .help("give every deploy the same keys, with values of its own");
        }
    }
}

/// Positive evidence: the template and compose both name what the code cannot do without. What
/// compose lacks may come from a file that is not in the repository, so that is no finding.
fn compose(app: &App, claims: &mut Claims<'_>) {
    let declared = |source: DeclarationSource| -> BTreeMap<&str, &Evidence> {
        app.facts
            .declarations
            .iter()
            .filter(|declaration| declaration.source == source)
            .map(|declaration| (declaration.what.name.as_str(), &declaration.at))
            .collect()
    };
    let template = declared(DeclarationSource::EnvTemplate);
    let given = declared(DeclarationSource::Compose);
    let needed = needed(app);
    let all = needed
        .keys()
        .all(|name| template.contains_key(name) && given.contains_key(name));
    if needed.len() >= 2
        && all
        && let Some(at) = template.values().next()
    {
        claims.holds(
            "X.3",
            format!(
                "the template and compose both declare the {} variables that the code needs",
                needed.len()
            ),
            at,
        );
    }
}

/// What the code cannot do without: read by it, and with no default.
fn needed(app: &App) -> BTreeMap<&str, &Evidence> {
    app.facts
        .env_reads
        .iter()
        .filter(|read| read.scope.is_deployed() && read.default == xii_model::Origin::Absent)
        .map(|read| (read.what.name.as_str(), &read.at))
        .collect()
}

/// What developers are given beside what Kubernetes gives.
fn kubernetes(app: &App, claims: &mut Claims<'_>) {
    let given_to_developers: BTreeMap<&str, &Fact<ConfigDeclaration>> = app
        .facts
        .declarations
        .iter()
        .filter(|declaration| {
            matches!(
                declaration.source,
                DeclarationSource::EnvTemplate | DeclarationSource::Compose
            )
        })
        .map(|declaration| (declaration.what.name.as_str(), declaration))
        .collect();
    let mut in_cluster: BTreeMap<&str, &Evidence> = BTreeMap::new();
    let mut sees_all = true;
    let mut place: Option<&Evidence> = None;
    for workload in &app.facts.workloads {
        sees_all &= !workload.templated;
        for container in &workload.containers {
            place.get_or_insert(&container.at);
            for (name, given) in &container.env {
                sees_all &= !matches!(given, GivenBy::Unknown);
                in_cluster.entry(name).or_insert(&container.at);
            }
            for source in &container.env_from {
                let known = app
                    .facts
                    .kubernetes_objects
                    .iter()
                    .find(|object| object.what.name == *source && !object.data_keys.is_empty());
                match known {
                    Some(object) => {
                        for key in &object.what.data_keys {
                            in_cluster.entry(key).or_insert(&container.at);
                        }
                    }
                    None => sees_all = false,
                }
            }
        }
    }
    if given_to_developers.len() < 2 || in_cluster.len() < 2 {
        return;
    }
    let needed = needed(app);
    let absent = |here: &dyn Fn(&str) -> bool, there: &dyn Fn(&str) -> bool| -> BTreeSet<&str> {
        needed
            .keys()
            .copied()
            .filter(|name| here(name) && !there(name))
            .collect()
    };
    let developers = |name: &str| given_to_developers.contains_key(name);
    let cluster = |name: &str| in_cluster.contains_key(name);
    let mut said = false;
    let lost = absent(&developers, &cluster);
    if let (true, false, Some(at)) = (sees_all, lost.is_empty(), place) {
        said = true;
        report(
            at,
            &lost,
            "development declares",
            "this manifest does not give",
            &needed,
            claims,
        );
    }
    let unknown = absent(&cluster, &developers);
    if let (false, Some(at)) = (unknown.is_empty(), place) {
        said = true;
        report(
            at,
            &unknown,
            "this manifest gives",
            "no template or compose file declares",
            &needed,
            claims,
        );
    }
    if let (false, true, Some(at)) = (said, sees_all, place) {
        let both = needed
            .keys()
            .filter(|name| developers(name) && cluster(name))
            .count();
        if both >= 2 {
            claims.holds(
                "X.3",
                format!(
                    "development and Kubernetes both give the {both} variables that the code needs"
                ),
                at,
            );
        }
    }
}

fn report(
    at: &Evidence,
    names: &BTreeSet<&str>,
    has: &str,
    lacks: &str,
    needed: &BTreeMap<&str, &Evidence>,
    claims: &mut Claims<'_>,
) {
    let shown: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let draft = claims.finding(
        at,
        format!(
            "{has} {} that {lacks}, and the code reads without a default: it is tried in one place and missing in the other",
            list(&shown)
        ),
    );
    draft
        .confidence(Confidence::Medium)
        .subject(format!("{has} {}", shown.join(" ")))
        .help("give every deploy the same keys, with values of its own, and keep the list in .env.example");
    for name in names.iter().take(NAMED) {
        if let Some(read) = needed.get(name) {
            draft.related(read, format!("`{name}` is read here"));
        }
    }
}

/// A list of names, cut to a few.
fn list(names: &[String]) -> String {
    let shown = names
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use xii_model::{Container, ContainerSecurity, EnvRead, ImageRef, Origin, Workload};

    use super::*;
    use crate::specimen::{brief, fact, place};

    fn of(template: &[&str], cluster: &[&str], from: &[&str], read: &[&str]) -> Vec<String> {
        let mut app = App::default();
        for (line, name) in (1..).zip(template) {
            app.facts.push(fact(
                ".env.example",
                line,
                ConfigDeclaration {
                    name: (*name).to_owned(),
                    source: DeclarationSource::EnvTemplate,
                    has_value: false,
                    value: None,
                    required: None,
                    comment: None,
                },
            ));
        }
        for (line, name) in (1..).zip(read) {
            app.facts.push(fact(
                "app.js",
                line,
                EnvRead {
                    name: (*name).to_owned(),
                    default: Origin::Absent,
                    required: None,
                    checked: false,
                    through: "process.env",
                },
            ));
        }
        let container = Container {
            at: place("web.yaml", 9),
            name: "web".to_owned(),
            init: false,
            image: ImageRef::parse("acme/web:1"),
            command: None,
            env: cluster
                .iter()
                .map(|name| ((*name).to_owned(), GivenBy::Field))
                .collect(),
            env_from: from.iter().map(|&name| name.to_owned()).collect(),
            ports: Vec::new(),
            liveness: false,
            readiness: false,
            startup: false,
            pre_stop: false,
            requests: Vec::new(),
            limits: Vec::new(),
            security: ContainerSecurity::default(),
        };
        app.facts.push(fact(
            "web.yaml",
            1,
            Workload {
                containers: vec![container],
                ..Workload::default()
            },
        ));
        brief(&RULE, &app)
    }

    #[test]
    fn what_one_side_lacks_counts_when_the_code_needs_it() {
        let both = ["PORT", "DATABASE_URL"];
        assert_eq!(of(&both, &both, &[], &both), ["holds X.3 development"]);
        assert_eq!(
            of(
                &["PORT", "DATABASE_URL", "QUEUE_URL"],
                &both,
                &[],
                &["QUEUE_URL"]
            ),
            ["web.yaml:9:1 X.3 warning/medium"]
        );
        // Not read, so that nothing needs it; or given by a Secret that is not in the repository.
        assert!(of(&["PORT", "DATABASE_URL", "DEBUG"], &both, &[], &["PORT"]).is_empty());
        assert!(of(&["PORT", "A", "B"], &["PORT", "A"], &["secrets"], &["B"]).is_empty());
    }
}

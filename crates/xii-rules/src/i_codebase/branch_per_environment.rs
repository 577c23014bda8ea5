//! Finds pipelines that deploy another branch to each environment.
//!
//! ## What it looks for
//!
//! Pipeline jobs that deploy to different environments, each from a branch of its own.
//!
//! ## Why it matters
//!
//! A branch for each environment is a copy of the code for each environment. What was tested on
//! the one is merged into the other and built again, so production runs a commit that nothing else
//! ever ran, and a correction made on the production branch is lost with the next merge.
//!
//! ## What to do instead
//!
//! Build every commit of the main branch once, and promote that build from one deploy to the next:
//!
//! ```yaml
//! on: { push: { branches: [main] } }
//! jobs:
//!   build:      # pushes registry/app:${{ github.sha }}
//!   staging:    { needs: build, environment: staging }
//!   production: { needs: staging, environment: production }
//! ```
//!
//! ## When it is fine
//!
//! Branches of released versions that get corrections only (`release/1.4`) are no environments.

use std::collections::{BTreeMap, BTreeSet};

use xii_model::{App, Confidence, Evidence, Severity};

use crate::deploy_names::{self, Deploy};
use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "branch-per-environment",
    criteria: &["I.3"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut deploys: BTreeMap<Deploy, (BTreeSet<&str>, &Evidence)> = BTreeMap::new();
    for job in app.facts.pipeline_jobs.iter().filter(|job| job.deploys) {
        let named = job
            .environment
            .as_deref()
            .and_then(deploy_names::of_text)
            .or_else(|| deploy_names::of_text(&job.name))
            .or_else(|| deploy_names::of_file(&job.at.path));
        let Some(deploy) = named.filter(|deploy| *deploy != Deploy::Test) else {
            continue;
        };
        let branches = job
            .branches
            .iter()
            .map(String::as_str)
            // A pattern or a variable is no branch that is known.
            .filter(|branch| !branch.contains(['*', '$', '/']));
        deploys
            .entry(deploy)
            .or_insert_with(|| (BTreeSet::new(), &job.at))
            .0
            .extend(branches);
    }
    deploys.retain(|_, (branches, _)| !branches.is_empty());
    let Some((branches, at)) = deploys.get(&Deploy::Production) else {
        return;
    };
    for (deploy, (other, place)) in deploys
        .iter()
        .filter(|(deploy, _)| **deploy < Deploy::Production)
    {
        if !other.is_disjoint(branches) {
            continue;
        }
        // Only a branch that is named after its deploy is surely kept for it.
        let named_after = other
            .iter()
            .chain(branches)
            .any(|branch| deploy_names::of_text(branch) >= Some(Deploy::Staging));
        let list = |names: &BTreeSet<&str>| {
            names
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        claims
            .finding(
                at,
                format!(
                    "production is deployed from {}, but {} from {}: each environment has a branch of its own, so production runs a commit that was never tried",
                    list(branches),
                    match deploy {
                        Deploy::Staging => "staging",
                        _ => "development",
                    },
                    list(other)
                ),
            )
            .confidence(if named_after { Confidence::Medium } else { Confidence::Low })
            .related(place, "the other deploy")
            .help(
                "build each commit of the main branch once and promote that build:\n    \
                 production:\n      needs: staging   # deploys the image that staging ran, by its commit's tag",
            );
    }
}

#[cfg(test)]
mod tests {
    use xii_model::PipelineJob;

    use super::*;
    use crate::specimen::{brief, fact};

    fn of(jobs: &[(&str, &str)]) -> Vec<String> {
        let mut app = App::default();
        for (line, (environment, branch)) in (1..).zip(jobs) {
            app.facts.push(fact(
                ".github/workflows/deploy.yml",
                line,
                PipelineJob {
                    environment: Some((*environment).to_owned()),
                    branches: vec![(*branch).to_owned()],
                    deploys: true,
                    ..PipelineJob::default()
                },
            ));
        }
        brief(&RULE, &app)
    }

    #[test]
    fn branches_named_after_deploys_are_surer_than_others() {
        assert_eq!(
            of(&[("staging", "staging"), ("production", "production")]),
            [".github/workflows/deploy.yml:2:1 I.3 warning/medium"]
        );
        assert_eq!(
            of(&[("staging", "develop"), ("production", "main")]),
            [".github/workflows/deploy.yml:2:1 I.3 warning/low"]
        );
        assert!(of(&[("staging", "main"), ("production", "main")]).is_empty());
        assert!(of(&[("staging", "main"), ("production", "release/*")]).is_empty());
    }
}

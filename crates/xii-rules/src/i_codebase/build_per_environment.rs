//! Finds builds that are made anew for each environment.
//!
//! ## What it looks for
//!
//! Pipeline steps and package scripts that build the same thing with another environment's name: a
//! build argument `NODE_ENV=staging` here and `NODE_ENV=production` there, `npm run build:staging`
//! beside `npm run build:production`, or one Dockerfile for staging and one for production.
//!
//! ## Why it matters
//!
//! Twelve-factor apps are built once; each deploy adds its config to that one build. When every
//! environment has its own build, the artefact that passed the tests is thrown away and another one
//! goes to production.
//!
//! ## What to do instead
//!
//! Build one image for a commit and give each deploy its variables when it starts:
//!
//! ```sh
//! docker build -t registry/app:$COMMIT .
//! docker run --env-file /etc/app/staging.env registry/app:$COMMIT
//! docker run --env-file /etc/app/production.env registry/app:$COMMIT
//! ```
//!
//! A bundle for browsers can ask the server for its settings (`/config.json`) when it is loaded.
//!
//! ## When it is fine
//!
//! A development image with tools in it, as long as staging and production share theirs.

use std::collections::BTreeMap;

use xii_model::{App, Confidence, Evidence, Severity};

use crate::deploy_names::{self, Deploy, file_name};
use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "build-per-environment",
    criteria: &["I.4"],
    severity: Severity::Warning,
    check,
};

const HELP: &str = "build once and configure each deploy when it starts:\n    \
    docker build -t registry/app:$COMMIT .\n    \
    docker run --env-file staging.env registry/app:$COMMIT";

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut broken = false;
    // What is built, and for which deploy.
    let mut builds: BTreeMap<String, Vec<(Deploy, &Evidence, String)>> = BTreeMap::new();
    for step in &app.facts.pipeline_steps {
        for (key, value) in &step.with {
            if key.replace('_', "-") == "build-args" {
                for line in value.lines() {
                    if let Some((name, deploy)) = chosen(line) {
                        builds
                            .entry(format!("build argument {name}"))
                            .or_default()
                            .push((deploy, &step.at, line.trim().to_owned()));
                    }
                }
            }
        }
        for (what, deploy, text) in step.run.as_deref().map(built).unwrap_or_default() {
            builds
                .entry(what)
                .or_default()
                .push((deploy, &step.at, text));
        }
    }
    for (what, places) in &builds {
        let production = places
            .iter()
            .find(|(deploy, ..)| *deploy == Deploy::Production);
        let other = places
            .iter()
            .find(|(deploy, ..)| *deploy == Deploy::Staging);
        if let (Some((_, at, text)), Some((_, other_at, other_text))) = (production, other) {
            broken = true;
            claims
                .finding(
                    at,
                    format!(
                        "the pipeline builds once with `{text}` and once with `{other_text}`: what staging tried is not the build that production gets"
                    ),
                )
                .confidence(Confidence::High)
                .subject(what.clone())
                .related(other_at, "the other build")
                .help(HELP);
        }
    }
    broken |= images_differ(app, claims);
    if !broken {
        one_build(app, claims);
    }
}

/// An environment's name given as a build argument.
fn chosen(argument: &str) -> Option<(String, Deploy)> {
    let (name, value) = argument.trim().split_once('=')?;
    let name = name.trim();
    let speaks = [
        "ENV",
        "ENVIRONMENT",
        "CONFIGURATION",
        "MODE",
        "STAGE",
        "PROFILE",
    ]
    .iter()
    .any(|end| name.to_ascii_uppercase().ends_with(end));
    let deploy = deploy_names::of_word(value.trim().trim_matches(['"', '\'']))?;
    speaks.then(|| (name.to_owned(), deploy))
}

/// What a step's commands build for a named environment: what, for which, and the words.
fn built(run: &str) -> Vec<(String, Deploy, String)> {
    let mut found = Vec::new();
    for command in crate::command::parse(run) {
        if matches!(command.program(), "docker" | "podman" | "buildah") && command.has("build") {
            let args = command.args();
            for (flag, value) in args.iter().zip(args.iter().skip(1)) {
                if flag == "--build-arg"
                    && let Some((name, deploy)) = chosen(value)
                {
                    found.push((format!("build argument {name}"), deploy, value.clone()));
                }
                if matches!(flag.as_str(), "-f" | "--file")
                    && let Some(deploy) = deploy_names::of_file(value)
                {
                    found.push(("Dockerfile".to_owned(), deploy, format!("-f {value}")));
                }
            }
        }
        let script = command.package_script();
        if let Some((base, suffix)) = script.and_then(|(_, name)| name.split_once([':', '-']))
            && base == "build"
            && let Some(deploy) = deploy_names::of_text(suffix)
        {
            found.push(("script build".to_owned(), deploy, command.line()));
        }
        if command.words().iter().any(|word| word == "build") {
            for arg in command.args() {
                if let Some((flag, value)) = arg.split_once('=')
                    && matches!(flag, "--mode" | "--configuration" | "--env")
                    && let Some(deploy) = deploy_names::of_word(value)
                {
                    found.push((format!("option {flag}"), deploy, command.line()));
                }
            }
        }
    }
    found
}

/// One Dockerfile for staging and another for production.
fn images_differ(app: &App, claims: &mut Claims<'_>) -> bool {
    let of = |wanted: Deploy| {
        app.facts.images.iter().find(move |image| {
            image.variant.as_deref().and_then(deploy_names::of_text) == Some(wanted)
        })
    };
    let (Some(production), Some(staging)) = (of(Deploy::Production), of(Deploy::Staging)) else {
        return false;
    };
    claims
        .finding(
            &production.at,
            format!(
                "{} builds for production and {} for staging: what staging tried is not the image that production runs",
                file_name(&production.at.path),
                file_name(&staging.at.path)
            ),
        )
        .confidence(Confidence::High)
        .subject("Dockerfile")
        .related(&staging.at, "the other build")
        .help("keep one Dockerfile for every deploy, and move what differs into variables:\n    docker run --env-file staging.env registry/app:$COMMIT");
    true
}

/// Positive evidence: one image, built in one place, is what the pipeline deploys.
fn one_build(app: &App, claims: &mut Claims<'_>) {
    let builds: Vec<_> = app
        .facts
        .pipeline_steps
        .iter()
        .filter(|step| {
            step.uses
                .as_deref()
                .is_some_and(|uses| uses.starts_with("docker/build-push-action"))
                || step.run.as_deref().is_some_and(|run| {
                    crate::command::parse(run)
                        .iter()
                        .any(|command| command.program() == "docker" && command.has("build"))
                })
        })
        .collect();
    let deploys = app
        .facts
        .pipeline_jobs
        .iter()
        .filter(|job| job.deploys)
        .count();
    if let ([build], true) = (builds.as_slice(), deploys > 0) {
        claims.holds(
            "I.4",
            format!(
                "the pipeline builds one image, and {} it",
                match deploys {
                    1 => "its deploy takes".to_owned(),
                    count => format!("each of its {count} deploys takes"),
                }
            ),
            &build.at,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(run: &str) -> Vec<(String, Deploy)> {
        built(run)
            .into_iter()
            .map(|(what, deploy, _)| (what, deploy))
            .collect()
    }

    #[test]
    fn builds_for_a_deploy_are_read_from_commands() {
        assert_eq!(
            of("docker build --build-arg NODE_ENV=staging -t a:1 ."),
            [("build argument NODE_ENV".to_owned(), Deploy::Staging)]
        );
        assert_eq!(
            of("docker build -f docker/Dockerfile.prod ."),
            [("Dockerfile".to_owned(), Deploy::Production)]
        );
        assert_eq!(
            of("npm ci && npm run build:staging"),
            [("script build".to_owned(), Deploy::Staging)]
        );
        for fine in [
            "docker build --build-arg COMMIT=abc .",
            "npm run build",
            "npm run build:css",
            "docker build -f docker/prod/Dockerfile .",
        ] {
            assert!(of(fine).is_empty(), "{fine}");
        }
    }
}

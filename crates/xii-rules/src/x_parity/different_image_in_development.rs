//! Finds images of development that are built on another base than production's.
//!
//! ## What it looks for
//!
//! `Dockerfile.dev` and its like beside `Dockerfile`, with another language version, another
//! distribution, or another image altogether.
//!
//! ## Why it matters
//!
//! The base image is the operating system, the C library and the language. When developers work on
//! another one, a package that compiles here may not load there, and "it works for me" says nothing.
//!
//! ## What to do instead
//!
//! Make development a stage of the one Dockerfile, so that both share the base:
//!
//! ```dockerfile
//! FROM node:22-slim AS base
//! WORKDIR /app
//!
//! FROM base AS dev
//! CMD ["npm", "run", "dev"]
//!
//! FROM base
//! COPY . .
//! RUN npm ci --omit=dev
//! CMD ["node", "server.js"]
//! ```
//! ```yaml
//! services: { web: { build: { context: ., target: dev } } }
//! ```

use xii_model::{App, Confidence, Fact, Image, ImageRef, Severity, Stage};

use crate::deploy_names::{self, Deploy, file_name};
use crate::{Claims, Rule, images};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "different-image-in-development",
    criteria: &["X.4"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let production: Vec<&Fact<Image>> = images::deployed(app).collect();
    for development in app.facts.images.iter().filter(|image| {
        crate::manifests::is_own(&image.scope)
            && image.variant.as_deref().and_then(deploy_names::of_text) == Some(Deploy::Development)
    }) {
        let Some(base) = development.base() else {
            continue;
        };
        // The image of the same folder is the same program's; else there must be no choice.
        let near = production.iter().find(|image| {
            deploy_names::folder(&image.at.path) == deploy_names::folder(&development.at.path)
        });
        let Some(image) = near.or(match production.as_slice() {
            [only] => Some(only),
            _ => None,
        }) else {
            continue;
        };
        compare(base, development, image, claims);
    }
    hold_target(app, claims);
}

/// Compares the base of development with the closest external base of production.
fn compare(
    base: &Stage,
    development: &Fact<Image>,
    production: &Fact<Image>,
    claims: &mut Claims<'_>,
) {
    let external: Vec<&Stage> = production
        .stages
        .iter()
        .filter(|stage| stage.parent.is_none())
        .collect();
    if base.base.variable || external.iter().any(|stage| stage.base.variable) {
        return;
    }
    let same_name: Vec<&&Stage> = external
        .iter()
        .filter(|stage| stage.base.short_name() == base.base.short_name())
        .collect();
    let files = (
        file_name(&development.at.path),
        file_name(&production.at.path),
    );
    let Some(first) = same_name.first() else {
        let other = external
            .last()
            .map(|stage| shown(&stage.base))
            .unwrap_or_default();
        let draft = claims.finding(
            &base.at,
            format!(
                "{} starts from `{}` and {} from `{other}`: developers work on another system than production runs",
                files.0, shown(&base.base), files.1
            ),
        );
        draft.confidence(Confidence::Medium).help(HELP);
        if let Some(stage) = external.last() {
            draft.related(&stage.at, "production's base");
        }
        return;
    };
    if same_name
        .iter()
        .any(|stage| difference(&base.base, &stage.base).is_none())
    {
        claims.holds(
            "X.4",
            format!(
                "{} and {} start from the same `{}`",
                files.0,
                files.1,
                shown(&base.base)
            ),
            &base.at,
        );
        return;
    }
    let Some(what) = difference(&base.base, &first.base) else {
        return;
    };
    claims
        .finding(
            &base.at,
            format!(
                "{} starts from `{}` and {} from `{}`: {what} differs between development and production",
                files.0, shown(&base.base), files.1, shown(&first.base)
            ),
        )
        .confidence(Confidence::High)
        .related(&first.at, "production's base")
        .help(HELP);
}

const HELP: &str = "make development a stage of the one Dockerfile, on the same base:\n    \
    FROM node:22-slim AS base\n    FROM base AS dev\n    FROM base";

/// What differs between two tags of one image: the version or the distribution.
fn difference(one: &ImageRef, other: &ImageRef) -> Option<&'static str> {
    if one.digest.is_some() && one.digest == other.digest || one.tag == other.tag {
        return None;
    }
    let version = |image: &ImageRef| -> Vec<String> {
        image
            .tag
            .as_deref()
            .unwrap_or("latest")
            .split('-')
            .next()
            .unwrap_or_default()
            .split('.')
            .map(str::to_owned)
            .collect()
    };
    let (here, there) = (version(one), version(other));
    // `22` and `22.11` may be the same; `20` and `22` are not.
    if here.iter().zip(&there).any(|(a, b)| a != b) {
        return Some("the version of the language");
    }
    let flavour = |image: &ImageRef| {
        let tag = image.tag.as_deref().unwrap_or_default();
        if tag.contains("alpine") {
            "alpine"
        } else {
            "debian"
        }
    };
    (flavour(one) != flavour(other)).then_some("the distribution")
}

fn shown(image: &ImageRef) -> String {
    match &image.tag {
        Some(tag) => format!("{}:{tag}", image.name),
        None => image.name.clone(),
    }
}

/// Positive evidence: compose builds development from a stage of production's own Dockerfile.
fn hold_target(app: &App, claims: &mut Claims<'_>) {
    for service in &app.facts.compose_services {
        let (Some(target), Some(file)) = (&service.target, &service.dockerfile) else {
            continue;
        };
        let image = images::deployed(app).find(|image| *image.at.path == **file);
        let stage = image.and_then(|image| {
            let last = image.stages.len().checked_sub(1)?;
            image
                .stages
                .iter()
                .take(last)
                .any(|stage| stage.name.as_deref() == Some(target))
                .then_some(image)
        });
        if stage.is_some() {
            claims.holds(
                "X.4",
                format!(
                    "`{}` is built from stage `{target}` of the Dockerfile that production uses",
                    service.what.name
                ),
                &service.at,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(one: &str, other: &str) -> Option<&'static str> {
        difference(&ImageRef::parse(one), &ImageRef::parse(other))
    }

    #[test]
    fn versions_and_distributions_are_compared() {
        assert_eq!(
            of("node:18", "node:22-alpine"),
            Some("the version of the language")
        );
        assert_eq!(of("node:22", "node:22-alpine"), Some("the distribution"));
        assert_eq!(of("node:22", "node:22.11-slim"), None);
        assert_eq!(of("python:3.12-slim", "python:3.12"), None);
        assert_eq!(
            of("python:3.11", "python:3.12"),
            Some("the version of the language")
        );
    }
}

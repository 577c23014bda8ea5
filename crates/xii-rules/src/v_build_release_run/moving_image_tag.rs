//! Finds releases that are named by a tag which moves.
//!
//! ## What it looks for
//!
//! `latest`, no tag at all, or a branch's name as the tag: in Kubernetes workloads, in compose files
//! for production, and in what pipelines push.
//!
//! ## Why it matters
//!
//! A release has an id of its own and never changes. Behind a tag that moves, two pods of one
//! Deployment can run different code, nobody can say what runs, and there is nothing to roll back
//! to, because the tag no longer means what it meant.
//!
//! ## What to do instead
//!
//! Tag each image with its commit or version, and deploy that tag or the digest:
//!
//! ```yaml
//! image: registry.example/app:3f2a9c1
//! ```
//! ```yaml
//! - uses: docker/build-push-action@v6
//!   with:
//!     push: true
//!     tags: registry.example/app:${{ github.sha }}
//! ```
//!
//! ## When it is fine
//!
//! `latest` beside a tag that stays, as a convenience for people.

use xii_model::{App, Confidence, Evidence, ImageRef, PipelineStep, ResourceKind, Severity};

use crate::command::parse;
use crate::deploy_names::{self, Deploy, file_name};
use crate::manifests::is_own;
use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "moving-image-tag",
    criteria: &["V.4"],
    severity: Severity::Warning,
    check,
};

/// Findings for one app at most.
const MOST: usize = 10;

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut said = 0;
    let mut fixed: Option<(&Evidence, String)> = None;
    // Kustomize and Skaffold can put another tag in place of the one written here.
    let rewritten = app.files.iter().any(|file| {
        matches!(
            file_name(&file.path),
            "kustomization.yaml" | "kustomization.yml" | "skaffold.yaml" | "Tiltfile"
        )
    });
    for workload in app.facts.workloads.iter().filter(|one| is_own(&one.scope)) {
        for container in &workload.containers {
            let image = &container.image;
            if image.name.is_empty() || is_resource(image) || names_another_app(app, image) {
                continue;
            }
            if image.floats() {
                if said < MOST {
                    let draft = report(&container.at, image, claims);
                    draft.confidence(match (rewritten, workload.templated) {
                        (false, false) => Confidence::High,
                        (true, false) => Confidence::Medium,
                        _ => Confidence::Low,
                    });
                    said += 1;
                }
            } else if !image.variable && names_a_release(image) {
                fixed.get_or_insert((&container.at, shown(image)));
            }
        }
    }
    for service in app
        .facts
        .compose_services
        .iter()
        .filter(|one| is_own(&one.scope))
    {
        let Some(image) = &service.image else {
            continue;
        };
        let production =
            service.variant.as_deref().and_then(deploy_names::of_text) >= Some(Deploy::Staging);
        // Only what is the app's own is a release of it.
        if production
            && image.floats()
            && !is_resource(image)
            && image.name.contains('/')
            && said < MOST
        {
            report(&service.at, image, claims).confidence(Confidence::Medium);
            said += 1;
        }
    }
    for step in &app.facts.pipeline_steps {
        let tags = pushed(step);
        let Some(first) = tags.first() else {
            continue;
        };
        if let Some(kept) = tags.iter().find(|tag| !moves(tag)) {
            if stays(kept) {
                fixed.get_or_insert((&step.at, kept.clone()));
            }
        } else if said < MOST && !another_step_keeps(app, step) {
            said += 1;
            claims
                .finding(
                    &step.at,
                    format!("the pipeline pushes `{first}` and no tag that stays: what ran before cannot be named, so it cannot be rolled back to"),
                )
                .confidence(Confidence::Medium)
                .subject(first.clone())
                .help("push a tag of the commit, beside the one that moves:\n    tags: registry.example/app:${{ github.sha }}");
        }
    }
    if let (0, Some((at, tag))) = (said, fixed) {
        claims.holds(
            "V.4",
            format!("releases are named by a tag that stays: `{tag}`"),
            at,
        );
    }
}

fn report<'a>(at: &Evidence, image: &ImageRef, claims: &'a mut Claims<'_>) -> &'a mut crate::Draft {
    let what = match &image.tag {
        Some(tag) => format!("the tag `{tag}` of `{}` moves", image.name),
        None => format!(
            "`{}` is deployed without a tag, which means `latest`",
            image.name
        ),
    };
    claims
        .finding(
            at,
            format!("{what}: two instances can run different code, and there is no release to roll back to"),
        )
        .subject(image.name.clone())
        .help(format!(
            "deploy the commit's or version's own tag, or the digest:\n    image: {}:3f2a9c1",
            image.name
        ))
}

fn shown(image: &ImageRef) -> String {
    match (&image.digest, &image.tag) {
        (Some(_), _) => format!("{}@sha256:…", image.name),
        (None, Some(tag)) => format!("{}:{tag}", image.name),
        _ => image.name.clone(),
    }
}

/// Whether an image is named after another app of the repository and not after this one.
fn names_another_app(app: &App, image: &ImageRef) -> bool {
    let words: Vec<&str> = image
        .short_name()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .collect();
    let named = |root: &str| words.contains(&file_name(root));
    !named(&app.root)
        && app
            .siblings
            .iter()
            .any(|root| *root != app.root && named(root))
}

/// Whether an image is a backing service: its version is factor X's.
fn is_resource(image: &ImageRef) -> bool {
    ResourceKind::from_image(image.short_name()).is_some()
}

/// Whether a tag names one release: a digest, a commit, a full version, a date.
fn names_a_release(image: &ImageRef) -> bool {
    image.digest.is_some()
        || image.tag.as_deref().is_some_and(|tag| {
            let dots = tag.matches('.').count();
            let hex = tag.len() >= 7 && tag.chars().all(|c| c.is_ascii_hexdigit());
            let digits = tag.chars().filter(char::is_ascii_digit).count();
            hex || dots >= 2 || digits >= 6
        })
}

/// Whether a pushed reference moves: no variable, and a tag that floats.
fn moves(reference: &str) -> bool {
    let image = ImageRef::parse(reference);
    image.floats()
        || (!image.variable
            && image
                .tag
                .as_deref()
                .is_some_and(|tag| deploy_names::of_word(tag).is_some()))
}

/// Whether a pushed reference surely names one release: a variable may hold anything.
fn stays(reference: &str) -> bool {
    let image = ImageRef::parse(reference);
    let text = reference.to_ascii_lowercase();
    names_a_release(&image)
        || [
            "sha",
            "commit",
            "version",
            "tag_name",
            "ref_name",
            "run_number",
            "build_number",
        ]
        .iter()
        .any(|word| image.variable && text.contains(word))
}

/// The references that a step pushes.
fn pushed(step: &PipelineStep) -> Vec<String> {
    let with = |name: &str| {
        step.with
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let mut tags = Vec::new();
    if step
        .uses
        .as_deref()
        .is_some_and(|uses| uses.contains("build-push-action") || uses.contains("docker-publish"))
        && with("push").is_none_or(|push| push != "false")
    {
        tags.extend(
            with("tags")
                .unwrap_or_default()
                .split([',', '\n'])
                .map(|tag| tag.trim().to_owned())
                .filter(|tag| !tag.is_empty()),
        );
    }
    for command in step.run.as_deref().map(parse).unwrap_or_default() {
        if matches!(command.program(), "docker" | "podman" | "buildah")
            && command.verb() == Some("push")
            && let Some(reference) = command.operands().nth(1)
        {
            tags.push(reference.to_owned());
        }
    }
    tags
}

/// Whether another step of the same job pushes a tag that stays.
fn another_step_keeps(app: &App, step: &PipelineStep) -> bool {
    app.facts.pipeline_steps.iter().any(|other| {
        other.job == step.job
            && other.system == step.system
            && pushed(other).iter().any(|tag| !moves(tag))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specimen::{brief, fact};

    #[test]
    fn tags_that_move_are_told_from_tags_that_stay() {
        for tag in [
            "acme/app",
            "acme/app:latest",
            "acme/app:production",
            "r.io:5000/app",
        ] {
            assert!(moves(tag), "{tag}");
        }
        for tag in [
            "acme/app:1.4.2",
            "acme/app:${{ github.sha }}",
            "acme/app:$TAG",
            "a@sha256:0",
        ] {
            assert!(!moves(tag), "{tag}");
        }
    }

    #[test]
    fn a_step_that_also_pushes_a_fixed_tag_is_fine() {
        let pushes = |tags: &str| {
            let mut app = App::default();
            app.facts.push(fact(
                "ci.yml",
                7,
                PipelineStep {
                    uses: Some("docker/build-push-action@v6".to_owned()),
                    with: vec![("tags".to_owned(), tags.to_owned())],
                    ..PipelineStep::default()
                },
            ));
            brief(&RULE, &app)
        };
        assert_eq!(pushes("acme/app:latest"), ["ci.yml:7:1 V.4 warning/medium"]);
        assert_eq!(
            pushes("acme/app:latest\nacme/app:${{ github.sha }}"),
            ["holds V.4 releases"]
        );
        // What the variable holds is not known.
        assert!(pushes("${{ steps.meta.outputs.tags }}").is_empty());
    }
}

//! Finds secrets and deploy config that are built into an image.
//!
//! ## What it looks for
//!
//! `ENV` and `ARG` instructions that hold a credential or hand one on, and `ENV` instructions with the
//! locator of a backing service.
//!
//! ## Why it matters
//!
//! An image is copied to registries, laptops and caches, and `docker history` shows its every `ENV` and
//! build argument to whoever has it. Config in a build also ties the build to one deploy, so that it
//! can no longer be the one that every deploy runs.
//!
//! ## What to do instead
//!
//! Give the value when the release starts, and mount what only the build needs:
//!
//! ```dockerfile
//! RUN --mount=type=secret,id=npm_token NPM_TOKEN=$(cat /run/secrets/npm_token) npm ci
//! ```
//! ```sh
//! docker run --env-file /etc/app/production.env registry.example/app:3f2a9c1
//! ```

use xii_model::{App, Confidence, Evidence, Instruction, Locator, Severity, is_secret_name};

use crate::{Claims, Rule, images};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "config-in-image",
    criteria: &["V.5"],
    severity: Severity::Error,
    check,
};

const HELP: &str = "give it when the release starts, and mount what only the build needs:\n    \
    docker run --env-file production.env IMAGE\n    \
    RUN --mount=type=secret,id=token TOKEN=$(cat /run/secrets/token) ./build";

fn check(app: &App, claims: &mut Claims<'_>) {
    for image in images::deployed(app) {
        for step in image.effective_steps() {
            match &step.does {
                Instruction::Env {
                    name,
                    value,
                    secret,
                } if *secret || is_secret_name(name) => {
                    env(&step.at, name, value, *secret, claims);
                }
                Instruction::Env { name, value, .. } => {
                    let resource = Locator::parse(value.trim_matches(['"', '\'']))
                        .filter(|locator| locator.kind().is_some())
                        .filter(|locator| {
                            !locator.is_loopback()
                                && !locator.host.is_empty()
                                && !locator.host.contains('$')
                                && !is_public_tool(name)
                        });
                    if let Some(locator) = resource {
                        claims
                            .finding(
                                &step.at,
                                format!(
                                    "`{name}` is set to {locator} in the image: where a deploy finds its resources is then part of the build"
                                ),
                            )
                            .severity(Severity::Warning)
                            .confidence(Confidence::Medium)
                            .subject(name.clone())
                            .help(HELP);
                    }
                }
                Instruction::Arg {
                    name,
                    default,
                    secret,
                } if *secret || is_secret_name(name) => {
                    arg(&step.at, name, default.as_deref(), claims);
                }
                _ => {}
            }
        }
    }
}

fn env(at: &Evidence, name: &str, value: &str, credential: bool, claims: &mut Claims<'_>) {
    let value = value.trim_matches(['"', '\'', ' ']);
    if value.is_empty() || is_stand_in(value) {
        return;
    }
    let handed_on = value.starts_with('$');
    // A build needs some value to import the settings; such a stand-in says so itself.
    let message = if handed_on {
        format!(
            "`ENV {name}` keeps a build argument in the image: whoever can pull it can read the secret"
        )
    } else {
        format!(
            "`ENV {name}` builds a secret into the image: whoever can pull it can read the value, and every deploy shares it"
        )
    };
    claims
        .finding(at, message)
        .confidence(if handed_on || !credential {
            Confidence::Medium
        } else {
            Confidence::High
        })
        .subject(name)
        .help(HELP);
}

fn arg(at: &Evidence, name: &str, default: Option<&str>, claims: &mut Claims<'_>) {
    let default = default
        .map(|text| text.trim_matches(['"', '\'', ' ']))
        .filter(|text| !text.is_empty() && !text.starts_with('$') && !is_stand_in(text));
    let draft = match default {
        Some(_) => claims.finding(
            at,
            format!("`ARG {name}` has a default, so a secret stands in the Dockerfile and in the image's history"),
        ),
        None => claims.finding(
            at,
            format!("`{name}` comes as a build argument, which stays in the image's history: whoever can pull the image can read it"),
        ),
    };
    draft
        .confidence(Confidence::Medium)
        .severity(if default.is_some() {
            Severity::Error
        } else {
            Severity::Warning
        })
        .subject(name)
        .help(HELP);
}

/// Whether a value says itself that it stands in for another one.
fn is_stand_in(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    [
        "dummy",
        "placeholder",
        "changeme",
        "change-me",
        "change_me",
        "fake",
        "example",
        "build",
        "not-a-secret",
        "notasecret",
        "unused",
        "ignored",
        "none",
        "null",
        "x",
    ]
    .iter()
    .any(|word| value == *word || (word.len() > 3 && value.contains(word)))
}

/// Whether a variable speaks of where packages come from, which belongs to the build.
fn is_public_tool(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    [
        "REGISTRY",
        "INDEX_URL",
        "MIRROR",
        "PROXY",
        "DOWNLOAD",
        "REPO",
        "PIP_",
        "NPM_",
        "DOCS",
        "HOMEPAGE",
    ]
    .iter()
    .any(|word| name.contains(word))
}

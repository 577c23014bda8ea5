//! The app runs as root, or with privileges that it does not need.
//!
//! ## What it looks for
//!
//! An image whose last stage never changes its user, `USER root`, privileged containers, added
//! capabilities, Kubernetes workloads that may run as root. Images that are known to have a user of
//! their own (distroless `nonroot`, Chainguard, Bitnami, unprivileged nginx) and start scripts that
//! step down (`gosu`, `su-exec`, `setpriv`, uWSGI's `uid`) are only a sign.
//!
//! ## Why it matters
//!
//! A fault in the app, or in one of its hundred dependencies, then acts as root in the container, and a
//! fault in the runtime turns that into root on the node. Many platforms refuse such images.
//!
//! ## What to do instead
//!
//! ```dockerfile
//! USER node        # the official Node image has this user
//! USER 10001       # anywhere else; Kubernetes can verify a number
//! ```

use xii_model::{App, Confidence, Container, Fact, Image, Instruction, Severity, Stage};

use crate::deploy_names::named_for_development;
use crate::{Claims, Rule, images};

pub(crate) const RULE: Rule = Rule {
    name: "root-process",
    criteria: &["XV.5"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let images: Vec<&Fact<Image>> = images::deployed(app)
        .filter(|image| !named_for_development(&image.at.path))
        .collect();
    let some_starts = images.iter().any(|image| starts(image));
    for image in images
        .into_iter()
        // Beside an image that starts the app, one that starts nothing is built upon and not run.
        .filter(|image| !some_starts || starts(image))
    {
        judge_image(app, image, claims);
    }
    for workload in app
        .facts
        .workloads
        .iter()
        .filter(|one| one.scope.is_deployed())
    {
        for container in &workload.containers {
            judge_container(container, workload.run_as_non_root, claims);
        }
    }
    for service in app.facts.compose_services.iter().filter(|one| {
        one.privileged && one.build_context.is_some() && !named_for_development(&one.at.path)
    }) {
        claims
            .finding(
                &service.at,
                format!(
                    "service `{}` runs privileged: its root is the machine's root",
                    service.name
                ),
            )
            .confidence(Confidence::High)
            .subject(&service.name)
            .help(
                "drop `privileged: true`; if one capability is needed, add that one with `cap_add`",
            );
    }
}

fn judge_image(app: &App, image: &Fact<Image>, claims: &mut Claims<'_>) {
    let Some(stage) = image.last() else { return };
    let user = image
        .effective_steps()
        .into_iter()
        .rev()
        .find_map(|step| match &step.does {
            Instruction::User { name } => Some((
                name.split(':').next().unwrap_or_default().to_owned(),
                &step.at,
            )),
            _ => None,
        });
    match user {
        Some((name, at)) if name == "root" || name == "0" => {
            claims
                .finding(at, "the image's last user is root, so the app runs as root")
                .confidence(if steps_down(app, image) {
                    Confidence::Low
                } else {
                    Confidence::High
                })
                .subject("user")
                .help(help(app));
        }
        Some((name, at)) => claims.holds("XV.5", format!("the image runs as `{name}`"), at),
        None => {
            let base = image.base().unwrap_or(stage);
            if has_user(base) {
                claims.holds(
                    "XV.5",
                    format!("`{}` has a user of its own", base.base.name),
                    &base.at,
                );
                return;
            }
            let confidence =
                if steps_down(app, image) || base.base.name == "scratch" || base.base.variable {
                    Confidence::Low
                } else if is_official(&base.base.name) {
                    Confidence::High
                } else {
                    Confidence::Medium
                };
            claims
                .finding(&stage.at, "no USER is set in the stage that runs, so the app runs as root in its container")
                .confidence(confidence)
                .subject("user")
                .help(help(app));
        }
    }
}

/// Whether an image says what it starts.
fn starts(image: &Image) -> bool {
    image
        .effective_steps()
        .iter()
        .any(|step| matches!(step.does, Instruction::Cmd(_) | Instruction::Entrypoint(_)))
}

fn judge_container(container: &Container, pod_non_root: Option<bool>, claims: &mut Claims<'_>) {
    let security = &container.security;
    let fault = if security.privileged == Some(true) {
        Some("runs privileged: its root is the node's root")
    } else if security.run_as_user == Some(0) {
        Some("runs as user 0, which is root")
    } else if security.added_capabilities.iter().any(|one| {
        matches!(
            one.as_str(),
            "ALL" | "SYS_ADMIN" | "NET_ADMIN" | "SYS_PTRACE"
        )
    }) {
        Some("has capabilities added that let it act on the node")
    } else {
        None
    };
    if let Some(fault) = fault {
        claims
            .finding(&container.at, format!("container `{}` {fault}", container.name))
            .severity(Severity::Error)
            .confidence(Confidence::High)
            .subject(&container.name)
            .help("take the rights away, in the container:\n    securityContext:\n      runAsNonRoot: true\n      allowPrivilegeEscalation: false\n      capabilities: { drop: [ALL] }");
    } else if security.run_as_non_root == Some(true) || pod_non_root == Some(true) {
        claims.holds(
            "XV.5",
            format!("container `{}` must not run as root", container.name),
            &container.at,
        );
    }
}

/// Images of which it is known that they run as root unless told otherwise.
fn is_official(name: &str) -> bool {
    let name = name
        .trim_start_matches("docker.io/")
        .trim_start_matches("library/");
    matches!(
        name,
        "node"
            | "python"
            | "ruby"
            | "golang"
            | "php"
            | "debian"
            | "ubuntu"
            | "alpine"
            | "rust"
            | "openjdk"
            | "eclipse-temurin"
            | "nginx"
            | "httpd"
            | "oven/bun"
            | "elixir"
            | "denoland/deno"
            | "busybox"
            | "amazonlinux"
            | "fedora"
    ) && !matches!(name, "denoland/deno")
}

/// Images that come with a user of their own.
fn has_user(stage: &Stage) -> bool {
    let base = &stage.base;
    let tag = base.tag.as_deref().unwrap_or_default();
    tag.contains("nonroot")
        || base.name.contains("nonroot")
        || base.name.contains("unprivileged")
        || base.name.contains("bitnami/")
        || base.name.contains("cgr.dev/chainguard/")
}

/// Whether something in the image drops root before the app starts.
fn steps_down(app: &App, image: &Image) -> bool {
    const TOOLS: [&str; 6] = [
        "gosu",
        "su-exec",
        "setpriv",
        "runuser",
        "s6-setuidgid",
        "PUID",
    ];
    // uWSGI and supervisor start as root and give it up for the app, where they are told to.
    let told = app.facts.proxy_settings.iter().any(|setting| {
        matches!(setting.directive.as_str(), "uid" | "user")
            && matches!(setting.program, "uwsgi" | "supervisor")
            && !matches!(setting.value.as_str(), "root" | "0" | "")
    });
    told || image.effective_steps().into_iter().any(|step| {
        let text = match &step.does {
            Instruction::Run { command, .. } => command.clone(),
            Instruction::Cmd(line) | Instruction::Entrypoint(line) => line.line(),
            Instruction::Copy { sources, .. } => sources.join(" "),
            _ => return false,
        };
        TOOLS.iter().any(|tool| text.contains(tool)) || text.contains("s6-overlay")
    })
}

fn help(app: &App) -> &'static str {
    if app.is_node() && !app.is_python() {
        "change to the user that the official Node image brings:\n    COPY --chown=node:node . .\n    USER node"
    } else {
        "make a user and change to it, before CMD:\n    RUN useradd --uid 10001 app\n    USER 10001"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specimen::{brief, image};

    #[test]
    fn an_image_that_starts_nothing_counts_only_where_none_starts() {
        let mut app = App::default();
        let mut base = image("debian:12", &[]);
        base.at = crate::specimen::place("docker/runtime.dockerfile", 1);
        for stage in &mut base.what.stages {
            stage.at = base.at.clone();
            stage
                .steps
                .retain(|step| !matches!(step.does, Instruction::Cmd(_)));
        }
        app.facts.push(base);
        assert_eq!(
            brief(&RULE, &app),
            ["docker/runtime.dockerfile:1:1 XV.5 warning/high"]
        );
        app.facts.push(image("node:22", &["node", "server.js"]));
        assert_eq!(brief(&RULE, &app), ["Dockerfile:1:1 XV.5 warning/high"]);
    }
}

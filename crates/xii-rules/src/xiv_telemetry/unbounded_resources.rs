//! A container may use as much of the node as it likes.
//!
//! ## What it looks for
//!
//! Containers of Kubernetes workloads without a request for memory and CPU, or without a limit of
//! memory. Charts whose values decide it are not judged.
//!
//! ## Why it matters
//!
//! Without requests the scheduler places the pod blindly and evicts it first. Without a memory limit a
//! leak takes its neighbours down with it. And nothing tells how much the app is meant to need.
//!
//! ## What to do instead
//!
//! ```yaml
//! resources:
//!   requests: { cpu: 100m, memory: 128Mi }
//!   limits: { memory: 256Mi }
//! ```
//!
//! A CPU limit is a matter of taste: it makes an app slow where a request already shares fairly.

use xii_model::{App, Confidence, Container, Fact, ResourceKind, Severity, Workload};

use crate::{Claims, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unbounded-resources",
    criteria: &["XIV.5"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let workloads: Vec<&Fact<Workload>> = app
        .facts
        .workloads
        .iter()
        .filter(|one| one.scope.is_deployed())
        .collect();
    if workloads.is_empty() {
        if let Some(service) = app
            .facts
            .compose_services
            .iter()
            .find(|one| one.limits && one.build_context.is_some())
        {
            claims.holds(
                "XIV.5",
                format!("compose limits the resources of `{}`", service.name),
                &service.at,
            );
        }
        return;
    }
    let mut bounded = None;
    let mut unbounded: Vec<(&Fact<Workload>, &Container, String)> = Vec::new();
    let mut open = false;
    for workload in workloads {
        for container in workload
            .containers
            .iter()
            .filter(|container| !container.init)
        {
            let lacks = lacks(container);
            if lacks.is_empty() {
                bounded.get_or_insert(container);
            } else if workload.templated {
                open = true;
            } else {
                unbounded.push((workload, container, lacks.join(" and no ")));
            }
        }
    }
    // What the app itself runs, and the resources beside it, which several apps may share.
    let (resources, own): (Vec<_>, Vec<_>) =
        unbounded.into_iter().partition(|(_, container, _)| {
            ResourceKind::from_image(container.image.short_name()).is_some()
        });
    report(&own, claims);
    report(&resources, claims);
    match bounded {
        Some(container) if !open => {
            claims.holds(
                "XIV.5",
                format!(
                    "container `{}` has requests and a memory limit",
                    container.name
                ),
                &container.at,
            );
        }
        _ if open => {
            claims.could_not_tell("XIV.5", "the chart's values decide requests and limits")
        }
        _ => {}
    }
}

/// One finding for all of them, at the first.
fn report(unbounded: &[(&Fact<Workload>, &Container, String)], claims: &mut Claims<'_>) {
    let Some(((workload, container, lacks), rest)) = unbounded.split_first() else {
        return;
    };
    let more = match rest.len() {
        0 => String::new(),
        more => format!(" (and {more} more in the same way)"),
    };
    let draft = claims.finding(
        &container.at,
        format!("container `{}` of {} `{}` has no {lacks}{more}: it is placed blindly, and a leak takes its neighbours with it", container.name, workload.kind, workload.name),
    );
    draft
        .confidence(Confidence::High)
        .subject(format!("{}/{}", workload.name, container.name))
        .help("say what it needs and where it has to stop:\n    resources:\n      requests: { cpu: 100m, memory: 128Mi }\n      limits: { memory: 256Mi }");
    for (workload, other, lacks) in rest.iter().take(20) {
        draft.related(
            &other.at,
            format!("`{}` of `{}`: no {lacks}", other.name, workload.name),
        );
    }
}

/// What of requests and limits is not given.
fn lacks(container: &Container) -> Vec<&'static str> {
    let has = |list: &[String], name: &str| list.iter().any(|one| one == name);
    let mut lacks = Vec::new();
    if !has(&container.requests, "memory") && !has(&container.limits, "memory") {
        lacks.push("request for memory");
    }
    if !has(&container.limits, "memory") {
        lacks.push("memory limit");
    }
    lacks
}

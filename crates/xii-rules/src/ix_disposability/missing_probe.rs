//! A Kubernetes workload serves without a readiness probe.
//!
//! ## What it looks for
//!
//! Containers with a port in Deployments, StatefulSets and DaemonSets that have no readiness probe, and
//! those with one that have no liveness probe (for the strict). In a template the probe may come from
//! elsewhere, so the claim is weaker there.
//!
//! ## Why it matters
//!
//! Without a readiness probe Kubernetes sends traffic to a pod as soon as its process runs, and counts
//! a rollout as done before the new pods can serve. Requests fail at each deploy.
//!
//! ## What to do instead
//!
//! ```yaml
//! readinessProbe:
//!   httpGet: { path: /readyz, port: http }
//!   periodSeconds: 5
//! livenessProbe:
//!   httpGet: { path: /livez, port: http }
//!   periodSeconds: 10
//!   failureThreshold: 6
//! ```
//!
//! `/readyz` asks the resources that every request needs, `/livez` does not: a restart mends no database.

use xii_model::{App, Confidence, ResourceKind, Severity};

use crate::{Claims, Rule, own_workloads};

pub(crate) const RULE: Rule = Rule {
    name: "missing-probe",
    criteria: &["IX.6"],
    severity: Severity::Warning,
    check,
};

const MAX_FINDINGS: usize = 10;

const HELP: &str = "beside the container's ports:

    readinessProbe:
      httpGet: { path: /readyz, port: http }
      periodSeconds: 5
    livenessProbe:
      httpGet: { path: /livez, port: http }
      failureThreshold: 6";

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut found = 0;
    for workload in own_workloads::of(app) {
        if !matches!(
            workload.kind.as_str(),
            "Deployment" | "StatefulSet" | "DaemonSet"
        ) {
            continue;
        }
        for container in &workload.containers {
            let resource = ResourceKind::from_image(container.image.short_name()).is_some();
            if container.init || resource || container.ports.is_empty() {
                continue;
            }
            if container.readiness {
                claims.holds(
                    "IX.6",
                    format!("the container `{}` has a readiness probe", container.name),
                    &container.at,
                );
                if !container.liveness {
                    claims
                        .finding(
                            &container.at,
                            format!("the container `{}` has no liveness probe: when the process hangs, nothing replaces it", container.name),
                        )
                        .severity(Severity::Note)
                        .confidence(Confidence::Low)
                        .strict()
                        .subject(container.name.clone())
                        .help(HELP);
                }
                continue;
            }
            found += 1;
            if found > MAX_FINDINGS {
                return;
            }
            claims
                .finding(
                    &container.at,
                    format!("the container `{}` of {} `{}` has no readiness probe: it gets traffic before it can serve, and a rollout counts as done too early", container.name, workload.kind, workload.name),
                )
                .confidence(if workload.templated {
                    Confidence::Low
                } else {
                    Confidence::High
                })
                .subject(container.name.clone())
                .help(HELP);
        }
    }
}

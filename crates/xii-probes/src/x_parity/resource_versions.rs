//! Compares the version of each resource that the run was given with those that the manifests name.
//!
//! Resources that the user names (`--env-file`, `[prove.resources]`) are those of a deploy; what compose,
//! Kubernetes and pipelines attach are others. Their major versions should be the same. Servers that xii
//! starts for itself are whatever this machine has, and say nothing.

use std::time::Duration;

use xii_model::Severity;

use crate::engine::{Phase, Probe, Stage, Steps};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "resource-versions",
    criteria: &["X.2"],
    phase: Phase::Start,
    needs: &[],
    severity: Severity::Warning,
    limit: Duration::from_secs(10),
    alone: false,
    run,
};

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let mut same = Vec::new();
        let mut other = Vec::new();
        for (resource, _) in stage.resources() {
            // A private one is xii's choice.
            if !resource.stands.starts_with("given") {
                continue;
            }
            let Some(version) = resource.version.as_deref() else {
                continue;
            };
            for attached in &stage.app().facts.attached_resources {
                let Some(wanted) = attached
                    .version
                    .as_deref()
                    .filter(|_| attached.kind == resource.kind)
                else {
                    continue;
                };
                let (Some(has), Some(wants)) = (major(version), major(wanted)) else {
                    continue;
                };
                let words = format!(
                    "{} is {} {version}, and {} ({}:{}) attaches {wanted}",
                    resource.name,
                    resource.kind,
                    attached.source,
                    attached.at.path,
                    attached.at.start.line
                );
                if has == wants {
                    same.push(words);
                } else {
                    other.push(words);
                }
            }
        }
        match (other.first(), same.first()) {
            (Some(why), _) => stage.broken("X.2", why.clone()),
            (None, Some(why)) => stage.holds("X.2", why.clone()),
            (None, None) => stage.could_not_tell(
                "X.2",
                "no resource of a deploy was given to the run whose version another deploy names: servers that xii starts are this machine's",
            ),
        }
        Ok(())
    })
}

/// The number that compatibility hangs on: `16` of `16.4-alpine`.
fn major(version: &str) -> Option<u32> {
    let digits: String = version
        .trim_start_matches('v')
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_major_version_is_read() {
        assert_eq!(major("16.4-alpine"), Some(16));
        assert_eq!(major("7"), Some(7));
        assert_eq!(major("latest"), None);
    }
}

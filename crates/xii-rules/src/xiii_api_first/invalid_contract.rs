//! A contract breaks its own format, or says no version.
//!
//! ## What it looks for
//!
//! OpenAPI and other contract files with structural faults: operations without responses, path
//! parameters that are not declared, references that lead nowhere, the same `operationId` twice, no
//! `info.version`.
//!
//! ## Why it matters
//!
//! Generators, gateways and test tools refuse such a document or, worse, read something else than its
//! writers meant. Without a version no caller can tell which contract it was built against.
//!
//! ## What to do instead
//!
//! Mend the fault, and let a linter for contracts (`redocly lint`, `spectral lint`) run in the
//! pipeline. Give the contract a version, and put its major number into the path (`/v1`) or a header.

use xii_model::{App, Confidence, Severity};

use super::missing_contract::describes_the_app;
use crate::{Claims, Rule, wording};

pub(crate) const RULE: Rule = Rule {
    name: "invalid-contract",
    criteria: &["XIII.2"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let contracts: Vec<_> = app
        .facts
        .contracts
        .iter()
        .filter(|contract| describes_the_app(contract))
        .collect();
    if contracts.is_empty() {
        claims.not_applicable("XIII.2", "there is no contract to be valid: see XIII.1");
        return;
    }
    for contract in contracts {
        if !contract.faults.is_empty() {
            claims
                .finding(
                    &contract.at,
                    format!("the contract has {}: {}", wording::count(contract.faults.len(), "fault"), wording::list(&contract.faults, 3)),
                )
                .confidence(Confidence::High)
                .subject("faults")
                .help("mend it, and lint the contract in the pipeline so that it stays valid:\n    npx @redocly/cli lint openapi.yaml");
        } else if contract.generated {
            let versioned = app.facts.routes.iter().find(|route| {
                route.scope.is_deployed()
                    && route.path.split('/').any(|part| {
                        part.len() > 1
                            && part.starts_with('v')
                            && part[1..].bytes().all(|byte| byte.is_ascii_digit())
                    })
            });
            if let Some(route) = versioned {
                claims.holds(
                    "XIII.2",
                    format!(
                        "the framework makes the contract, and `{}` carries its version",
                        route.path
                    ),
                    &route.at,
                );
            }
        } else if let Some(version) = &contract.version {
            claims.holds(
                "XIII.2",
                format!(
                    "{} version {version} reads without a fault",
                    contract.format
                ),
                &contract.at,
            );
        } else if contract.through.is_none()
            && matches!(contract.format, "openapi" | "swagger" | "asyncapi")
        {
            // What code serves was read or made elsewhere: only the document itself can lack one.
            claims
                .finding(&contract.at, "the contract says no version, so no caller can tell which one it was built against")
                .severity(Severity::Note)
                .confidence(Confidence::High)
                .subject("version")
                .help("give it one:\n    info:\n      version: 1.0.0");
        }
    }
}

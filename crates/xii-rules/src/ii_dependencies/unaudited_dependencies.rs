//! Finds apps whose dependencies nobody checks for known faults.
//!
//! ## What it looks for
//!
//! A bot that proposes updates (Dependabot, Renovate), or a pipeline step that audits (`npm audit`,
//! `pip-audit`, `osv-scanner`, `trivy`, `snyk`, …). The finding stands at the manifest when there is none.
//!
//! ## Why it matters
//!
//! A lock keeps versions as they are, and that includes the faults that become known later. Without
//! somebody or something that looks, an app gets worse while nobody touches it.
//!
//! ## What to do instead
//!
//! ```yaml
//! # .github/dependabot.yml
//! version: 2
//! updates:
//!   - { package-ecosystem: npm, directory: "/", schedule: { interval: weekly } }
//! ```
//! ```sh
//! npm audit --omit=dev --audit-level=high
//! pip-audit -r requirements.txt
//! ```
//!
//! ## When it is fine
//!
//! Alerts that are switched on in the settings of the code host leave no file behind.

use xii_model::{App, Confidence, Ecosystem, FileClass, Pin, Severity};

use crate::command::{Command, parse};
use crate::wording::count;
use crate::{Claims, Rule, manifests};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "unaudited-dependencies",
    criteria: &["II.7"],
    severity: Severity::Note,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    if let Some(bot) = app.facts.update_bots.first() {
        claims.holds(
            "II.7",
            format!("{} looks after the dependencies", bot.name),
            &bot.at,
        );
        return;
    }
    let audit = app.facts.pipeline_steps.iter().find_map(|step| {
        let action = step.uses.as_deref().filter(|uses| {
            let uses = uses.to_ascii_lowercase();
            AUDITING_ACTIONS.iter().any(|word| uses.contains(word))
        });
        let command = step
            .run
            .as_deref()
            .into_iter()
            .flat_map(parse)
            .find(audits)
            .map(|command| command.line());
        Some((step, action.map(str::to_owned).or(command)?))
    });
    if let Some((step, what)) = audit {
        claims.holds("II.7", format!("the pipeline runs `{what}`"), &step.at);
        return;
    }
    let outside = app
        .facts
        .dependencies
        .iter()
        .filter(|dependency| dependency.pin != Pin::Local)
        .count();
    let (Some(manifest), true) = (manifests::any(app), outside > 0) else {
        return;
    };
    // What looks after a project that is made from a template stands in templates as well.
    if manifest.scope.class == FileClass::Template {
        return;
    }
    claims
        .finding(
            &manifest.at,
            format!(
                "nothing here audits what the app depends on ({}): faults that become known later stay unnoticed",
                count(outside, "declared package")
            ),
        )
        .confidence(Confidence::Medium)
        .help(match manifest.ecosystem {
            Ecosystem::Npm => "let a bot or the pipeline look, for instance in .github/dependabot.yml:\n    updates:\n      - { package-ecosystem: npm, directory: \"/\", schedule: { interval: weekly } }\n    npm audit --omit=dev --audit-level=high",
            _ => "let a bot or the pipeline look, for instance in .github/dependabot.yml:\n    updates:\n      - { package-ecosystem: pip, directory: \"/\", schedule: { interval: weekly } }\n    pip-audit -r requirements.txt",
        });
}

const AUDITING_ACTIONS: [&str; 10] = [
    "dependency-review-action",
    "snyk/",
    "trivy-action",
    "osv-scanner",
    "pip-audit",
    "npm-audit",
    "audit-ci",
    "grype",
    "dependency-check",
    "renovate",
];

/// Whether a command looks for known faults in dependencies.
fn audits(command: &Command) -> bool {
    match command.program() {
        "npm" | "yarn" | "pnpm" | "bun" => {
            command.verb() == Some("audit") || (command.has("npm") && command.has("audit"))
        }
        "pip-audit" | "osv-scanner" | "trivy" | "grype" | "snyk" | "audit-ci"
        | "better-npm-audit" | "auditjs" => true,
        "safety" => matches!(command.verb(), Some("check" | "scan")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audits_are_told_from_other_commands() {
        let looks = |line: &str| parse(line).iter().any(audits);
        for line in [
            "npm ci && npm audit --omit=dev",
            "uv run pip-audit",
            "safety check",
            "yarn npm audit",
        ] {
            assert!(looks(line), "{line}");
        }
        for line in [
            "npm run lint",
            "echo npm audit",
            "safety generate",
            "npm test",
        ] {
            assert!(!looks(line), "{line}");
        }
    }
}

//! The app signs in to a cloud with a key that never expires.
//!
//! ## What it looks for
//!
//! Access keys of cloud providers that the code reads or a deploy hands out: `AWS_SECRET_ACCESS_KEY`,
//! `AZURE_CLIENT_SECRET`, a Google service account's key file; clients that are given such a key.
//!
//! ## Why it matters
//!
//! A long-lived key that leaks works until somebody notices. Platforms hand out identities that live
//! for minutes, so that there is nothing worth stealing and nothing to rotate.
//!
//! ## What to do instead
//!
//! Give the client no key: every provider's SDK finds the platform's identity by itself. On
//! Kubernetes, bind the service account to a role (IRSA, Workload Identity); in pipelines, use OIDC.
//!
//! ```js
//! const s3 = new S3Client({ region }); // no credentials: the default chain finds the role
//! ```
//!
//! ## When it is fine
//!
//! Outside the cloud that the resource is in, there may be no identity to be had.

use xii_model::{App, Confidence, Severity};

use crate::{Claims, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "long-lived-cloud-key",
    criteria: &["XV.4"],
    severity: Severity::Note,
    check,
};

/// Variables that hold a cloud's long-lived secret.
const KEYS: [&str; 5] = [
    "AWS_SECRET_ACCESS_KEY",
    "AZURE_CLIENT_SECRET",
    "AZURE_STORAGE_KEY",
    "GOOGLE_CREDENTIALS",
    "GCP_SERVICE_ACCOUNT_KEY",
];

fn check(app: &App, claims: &mut Claims<'_>) {
    let identities: Vec<_> = app
        .facts
        .workload_identities
        .iter()
        .filter(|one| one.scope.is_deployed())
        .collect();
    let read = app
        .facts
        .env_reads
        .iter()
        .find(|read| read.scope.is_deployed() && KEYS.contains(&read.name.as_str()));
    let long = identities.iter().find(|one| !one.short_lived);
    let at = read
        .map(|read| (&read.at, format!("`{}`", read.name)))
        .or(long.map(|one| (&one.at, one.what.what.clone())));
    if let Some((at, what)) = at {
        claims
            .finding(at, format!("{what} is a key that does not expire: one that leaks works until somebody notices"))
            .confidence(Confidence::Medium)
            .subject("cloud key")
            .help("give the client no key: the SDK's default chain takes the identity that the platform hands out (IRSA, workload identity, managed identity), and a key only where there is none");
        return;
    }
    if let Some(identity) = identities.first() {
        claims.holds(
            "XV.4",
            format!("the app connects with {}", identity.what.what),
            &identity.at,
        );
        return;
    }
    if let Some(identity) = app
        .facts
        .identity_files
        .iter()
        .find(|one| one.scope.is_deployed())
    {
        claims.holds(
            "XV.4",
            "a credential is read from a file that the platform renews",
            &identity.at,
        );
    }
}

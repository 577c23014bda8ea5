//! The app talks TLS without looking at whom it talks to.
//!
//! ## What it looks for
//!
//! `rejectUnauthorized: false`, `NODE_TLS_REJECT_UNAUTHORIZED=0`, `verify=False`, an unverified SSL
//! context, in code that is deployed.
//!
//! ## Why it matters
//!
//! Encryption without identity keeps out only who is polite: anyone on the path can answer in the
//! server's name and read every password and row that passes.
//!
//! ## What to do instead
//!
//! Give the client the authority that signed the certificate, by a variable that names its file:
//! `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE`, or `ssl: { ca }`.

use xii_model::{App, Confidence, Severity};

use crate::{Claims, Rule, places};

pub(crate) const RULE: Rule = Rule {
    name: "disabled-certificate-check",
    criteria: &["XV.6"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    for off in app
        .facts
        .certificate_checks_off
        .iter()
        .filter(|one| one.scope.is_deployed())
    {
        claims
            .finding(&off.at, format!("{} switches off the check of the server's certificate: anyone on the path can answer in its name", off.through))
            .confidence(Confidence::High)
            .subject("certificate")
            .help(if places::is_pythonic(app) {
                "leave `verify` on, and name the authority's file in REQUESTS_CA_BUNDLE or SSL_CERT_FILE"
            } else {
                "leave the check on, and name the authority's file in NODE_EXTRA_CA_CERTS, or give it: `ssl: { ca }`"
            });
    }
}

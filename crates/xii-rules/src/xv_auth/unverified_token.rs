//! A token is believed without being verified in full.
//!
//! ## What it looks for
//!
//! Verification of JSON Web Tokens that is switched off (`verify_signature: False`, `ignoreExpiration:
//! true`), that accepts the algorithm `none`, that only decodes, or whose key is written in the code.
//!
//! ## Why it matters
//!
//! A token that is decoded and not verified is a note from a stranger: anyone can write `admin: true`
//! into it. A key in the code lets everyone who can read the code make tokens.
//!
//! ## What to do instead
//!
//! Verify signature, expiry, audience and issuer, with a fixed list of algorithms (RFC 8725):
//!
//! ```js
//! jwt.verify(token, key, { algorithms: ['RS256'], audience: 'orders', issuer });
//! ```
//!
//! ```python
//! jwt.decode(token, key, algorithms=["RS256"], audience="orders", issuer=issuer)
//! ```

use xii_model::{App, Confidence, Severity, TokenFault};

use crate::{Claims, Rule, places};

pub(crate) const RULE: Rule = Rule {
    name: "unverified-token",
    criteria: &["XV.2"],
    severity: Severity::Error,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let known: Vec<_> = app
        .facts
        .token_verifications
        .iter()
        .filter(|one| one.scope.is_deployed())
        .collect();
    let verified = known.iter().find(|one| one.fault.is_none());
    let mut peeks = Vec::new();
    for token in &known {
        let Some(fault) = token.fault else { continue };
        let (message, confidence) = match fault {
            // Decoding is also how a client reads its own token, and a server one that it verifies next.
            TokenFault::NotVerified if verified.is_some() => {
                peeks.push(*token);
                continue;
            }
            TokenFault::NotVerified => (
                "the token is read without verifying its signature, and no other place verifies one: anyone can write one",
                Confidence::Medium,
            ),
            TokenFault::NoneAccepted => (
                "the algorithm `none` is accepted: a token without a signature passes",
                Confidence::High,
            ),
            TokenFault::ExpiryIgnored => (
                "expired tokens pass: one that leaked is good for ever",
                Confidence::High,
            ),
            TokenFault::LiteralKey => (
                "the key that verifies tokens is written in the code: whoever reads the code can make them",
                Confidence::Medium,
            ),
        };
        claims
            .finding(&token.at, message)
            .confidence(confidence)
            .subject(format!("{fault:?}"))
            .help(help(app));
    }
    if let Some(first) = peeks.first() {
        let draft = claims.finding(
            &first.at,
            "a token is read here without verifying its signature: believe nothing in it that is not checked in another way",
        );
        draft
            .severity(Severity::Note)
            .confidence(Confidence::Low)
            .subject("NotVerified")
            .help(help(app));
        for other in peeks.iter().skip(1).take(20) {
            draft.related(&other.at, "here as well");
        }
    }
    if let Some(token) = verified {
        claims.holds(
            "XV.2",
            format!("{} verifies tokens", token.through),
            &token.at,
        );
    } else if known.is_empty() {
        claims.could_not_tell("XV.2", "no verification of tokens was found");
    }
}

fn help(app: &App) -> &'static str {
    if places::is_pythonic(app) {
        "verify it, with the key from the environment or a JWKS:
    jwt.decode(token, key, algorithms=[\"RS256\"], audience=AUDIENCE, issuer=ISSUER)"
    } else {
        "verify it, with the key from the environment or a JWKS:
    jwt.verify(token, key, { algorithms: ['RS256'], audience, issuer })"
    }
}

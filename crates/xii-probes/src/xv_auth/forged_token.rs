//! Shows the app tokens that it must not accept: forged, changed, unsigned, expired, and for somebody else.
//!
//! First comes the control: a good token has to open an operation that refuses who shows none. It is made with the
//! secret that the app was given, as `[prove.auth]` of xii.toml says; or it is one that the app itself issues in
//! the scenario, or when an account is made by its contract. Then the same request is sent with
//!
//! - a word that is no token, and the good token without its signature;
//! - the good token with `alg: none` (RFC 8725, section 2.1);
//! - the good token's claims changed under the old signature, and signed with another key;
//! - where the key is known: one that expired an hour ago, and where the good token names an audience or an
//!   issuer, one for another.
//!
//! 401 is what is meant; 403 and other refusals are told. Whatever is let in breaks the criterion. At the end the
//! good token is shown once more, so that a limit of rates is not taken for a refusal. Tokens that are no JSON Web
//! Tokens, and those that are signed with a private key that the run does not have, are not tried for their time.

use std::time::Duration;

use serde_json::{Value as Json, json};
use xii_model::Severity;

use crate::api::Api;
use crate::engine::{CouldNotTell, Need, Phase, Probe, Stage, Steps};
use crate::tokens::{Bearer, base64, now, read, sealed, signed};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "forged-token",
    criteria: &["XV.2"],
    // It may make an account, which others would see.
    phase: Phase::After,
    needs: &[Need::Healthy],
    severity: Severity::Error,
    limit: Duration::from_secs(120),
    alone: false,
    run,
};

/// A key that is nobody's.
const OTHER_KEY: &[u8] = b"not-the-key-of-this-app-but-one-that-is-as-long-as-such-keys-are!";

/// A token that must not be accepted, and what it is called.
#[derive(Debug)]
struct Bad {
    what: &'static str,
    token: String,
}

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let api = Api::of(stage).await?;
        if !has_auth(stage, api.as_ref()) {
            stage.not_applicable("XV.2", "nothing of it asks for a token");
            return Ok(());
        }
        let bearer = Bearer::find(stage, api.as_ref()).await?;
        stage.note(format!(
            "{} answers {} without a token, and opens with one {}",
            bearer.door, bearer.closed, bearer.from
        ));
        let Some((header, claims)) = read(&bearer.token) else {
            return Err(CouldNotTell::because(
                "the app's tokens are no JSON Web Tokens",
            ));
        };
        let fresh = bearer.claims(stage, true);
        let tokens = bad_tokens(
            &bearer.token,
            &header,
            &claims,
            fresh.as_ref(),
            bearer.key.as_deref(),
        );
        let run = stage.healthy().await?;
        let client = stage.client(&run);
        let (mut let_in, mut oddly) = (Vec::new(), Vec::new());
        for bad in &tokens {
            stage.note(format!("showing {}", bad.what));
            let answer = bearer.knock(&client, &bad.token).await;
            let answer = answer.map_err(|miss| {
                CouldNotTell(format!(
                    "{} gave no answer to {}: {miss}",
                    bearer.door, bad.what
                ))
            })?;
            match answer.status {
                status if status == bearer.open || (200..300).contains(&status) => {
                    let_in.push(bad.what);
                }
                401 => {}
                429 => {
                    return Err(CouldNotTell(format!(
                        "{} answers 429: it was asked too often",
                        bearer.door
                    )));
                }
                status => oddly.push((bad.what, status)),
            }
        }
        let again = bearer.knock(&client, &bearer.token).await;
        if !again.is_ok_and(|answer| answer.status == bearer.open || answer.is_success()) {
            return Err(CouldNotTell(format!(
                "the good token does not open {} any more, so that a refusal says nothing",
                bearer.door
            )));
        }
        judge(stage, &bearer, &tokens, &let_in, &oddly);
        Ok(())
    })
}

fn judge(
    stage: &mut Stage,
    bearer: &Bearer,
    tokens: &[Bad],
    let_in: &[&str],
    oddly: &[(&str, u16)],
) {
    if !let_in.is_empty() {
        stage.broken(
            "XV.2",
            format!("{} accepts {}", bearer.door, let_in.join(", ")),
        );
    } else if bearer.key.is_none() {
        stage.could_not_tell(
            "XV.2",
            format!(
                "{} refuses {} bad tokens; whether it refuses an expired one cannot be tried without the key",
                bearer.door,
                tokens.len()
            ),
        );
    } else {
        let mut reason = format!("{} refuses {} bad tokens", bearer.door, tokens.len());
        if let Some((what, status)) = oddly.first() {
            reason.push_str(&format!(
                ", {} of them not with 401: {status} for {what}",
                oddly.len()
            ));
        }
        stage.holds("XV.2", reason);
    }
}

/// Whether anything of the app asks who one is.
fn has_auth(stage: &Stage, api: Option<&Api>) -> bool {
    let facts = &stage.app().facts;
    stage.settings().auth.is_some()
        || facts
            .auth_checks
            .iter()
            .any(|fact| fact.scope.is_deployed())
        || facts
            .token_verifications
            .iter()
            .any(|fact| fact.scope.is_deployed())
        || api.is_none_or(|api| api.contract.operations().iter().any(|one| !one.is_public()))
}

/// The tokens that must not be accepted.
fn bad_tokens(
    good: &str,
    header: &Json,
    claims: &Json,
    fresh: Option<&Json>,
    key: Option<&[u8]>,
) -> Vec<Bad> {
    let mut bad = Vec::new();
    let mut add = |what: &'static str, token: String| bad.push(Bad { what, token });
    let parts: Vec<&str> = good.split('.').collect();
    let [head, body, signature] = parts[..] else {
        return bad;
    };
    add("a word that is no token", "xii-prove".to_owned());
    add("a token without its signature", format!("{head}.{body}."));
    let part = |value: &Json| base64(value.to_string().as_bytes());
    for (what, name) in [
        ("an unsigned token (alg: none)", "none"),
        ("an unsigned token (alg: None)", "None"),
    ] {
        let mut unsigned = header.clone();
        unsigned["alg"] = json!(name);
        add(what, format!("{}.{body}.", part(&unsigned)));
    }
    let mut changed = claims.clone();
    changed["xii"] = json!("changed");
    add(
        "a token whose claims were changed",
        format!("{head}.{}.{signature}", part(&changed)),
    );
    let mut symmetric = header.clone();
    symmetric["alg"] = json!("HS256");
    add(
        "a token signed with another key",
        sealed(&symmetric, claims, OTHER_KEY),
    );
    let (Some(key), Some(fresh)) = (key, fresh) else {
        return bad;
    };
    let mut expired = fresh.clone();
    expired["iat"] = json!(now() - 7200);
    expired["exp"] = json!(now() - 3600);
    if expired.get("nbf").is_some() {
        expired["nbf"] = json!(now() - 7200);
    }
    add("an expired token", signed(&expired, key));
    for (claim, what) in [
        ("aud", "a token for another audience"),
        ("iss", "a token of another issuer"),
    ] {
        if fresh.get(claim).is_some() {
            let mut other = fresh.clone();
            other[claim] = json!("https://xii-prove.invalid");
            add(what, signed(&other, key));
        }
    }
    bad
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bad_token_is_the_good_one_and_each_is_wrong_in_its_own_way() {
        let claims = json!({"sub": "1", "aud": "shop", "exp": now() + 600});
        let good = signed(&claims, b"key");
        let (header, _) = read(&good).expect("a token");
        let bad = bad_tokens(&good, &header, &claims, Some(&claims), Some(b"key"));
        let mut seen = std::collections::BTreeSet::new();
        for one in &bad {
            assert_ne!(one.token, good, "{}", one.what);
            assert!(seen.insert(&one.token), "{} is there twice", one.what);
        }
        let what: Vec<&str> = bad.iter().map(|one| one.what).collect();
        assert!(what.contains(&"an expired token"));
        assert!(what.contains(&"a token for another audience"));
        // Nothing was said of an issuer.
        assert!(!what.contains(&"a token of another issuer"));
        let without = bad_tokens(&good, &header, &claims, None, None);
        assert_eq!(without.len(), 6);
    }
}

//! Where a token comes from that the app may accept: made with a key that it was given, or issued by itself.

use data_encoding::BASE64;
use serde_json::{Map, Value as Json, json};

use super::jwt;
use crate::Auth;
use crate::api::Api;
use crate::client::{Answer, Client};
use crate::contract::Operation;
use crate::engine::{CouldNotTell, Run, Stage};

/// The most operations that are asked for a token.
const MOST_ASKED: usize = 6;

/// A token that the app may accept.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) token: String,
    /// The key that signs it, where it is known.
    pub(super) key: Option<Vec<u8>>,
    /// Where it comes from, in words.
    pub(super) from: String,
}

/// Tokens made with the key that `[prove.auth]` names, or with one whose variable is called like one.
pub(super) fn made(stage: &Stage) -> Vec<Candidate> {
    let auth = stage.settings().auth.clone().unwrap_or_default();
    let names: Vec<String> = match &auth.secret {
        Some(name) => vec![name.clone()],
        None => {
            let given = stage.provided().given.iter();
            let mut names: Vec<String> = given
                .filter(|one| one.secret && is_token_key(&one.name))
                .map(|one| one.name.clone())
                .collect();
            // `JWT_SECRET` before `SECRET_KEY`.
            names.sort_by_key(|name| !name.to_ascii_uppercase().contains("JWT"));
            names
        }
    };
    let mut candidates = Vec::new();
    for name in names {
        let Some(given) = stage.given(&name) else {
            continue;
        };
        for key in forms(&given.value) {
            candidates.push(Candidate {
                token: jwt::signed(&claims(&auth, true), &key),
                key: Some(key),
                from: format!("made with {name}"),
            });
        }
    }
    candidates
}

/// The claims that `[prove.auth]` wants of a good token; without it, those that most apps can do with.
pub(super) fn claims(auth: &Auth, with_role: bool) -> Json {
    let now = jwt::now();
    let mut claims = Map::new();
    let subject = auth.subject.as_deref().unwrap_or("1");
    claims.insert("sub".to_owned(), json!(subject));
    claims.insert("iat".to_owned(), json!(now - 10));
    claims.insert("exp".to_owned(), json!(now + 3600));
    if let Some(issuer) = &auth.issuer {
        claims.insert("iss".to_owned(), json!(issuer));
    }
    if let Some(audience) = &auth.audience {
        claims.insert("aud".to_owned(), json!(audience));
    }
    for (name, value) in &auth.claims {
        let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
        claims.insert(name.clone(), value);
    }
    if let (Some(name), Some(role), true) = (&auth.roles, &auth.role, with_role) {
        claims.insert(name.clone(), json!([role]));
    }
    Json::Object(claims)
}

/// Tokens that the app itself gave away while the scenario was played.
pub(super) async fn issued(stage: &Stage) -> Result<Vec<Candidate>, CouldNotTell> {
    let played = stage.played().await?;
    let mut candidates = Vec::new();
    for outcome in &played.outcomes {
        if let Ok(answer) = &outcome.answer {
            let from = format!("issued by {}", outcome.name);
            candidates.extend(in_answer(stage, answer, &from));
        }
    }
    candidates.truncate(4);
    Ok(candidates)
}

/// Signs up and in by the operations of the contract that look like it, and takes the tokens that are answered.
pub(super) async fn asked_for(stage: &Stage, run: &Run, api: &Api) -> Vec<Candidate> {
    let client: Client = stage.client(run);
    let mut candidates = Vec::new();
    for operation in sign_in(api.contract.operations()) {
        let Some(request) = operation.request() else {
            continue;
        };
        if let Ok(answer) = client.send(&request).await
            && answer.is_success()
        {
            let from = format!("issued by {}", operation.name());
            candidates.extend(in_answer(stage, &answer, &from));
        }
        if candidates.len() >= 4 {
            break;
        }
    }
    candidates
}

/// The public operations that make an account or a session, in that order.
fn sign_in(operations: &[Operation]) -> Vec<&Operation> {
    let rank = |operation: &Operation| {
        if operation.method != "POST" || !operation.is_public() || operation.body.is_none() {
            return None;
        }
        let path = operation.path.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| path.contains(word));
        if has(&["reset", "forgot", "verify", "logout", "revoke", "refresh"]) {
            None
        } else if has(&["register", "signup", "sign-up", "sign_up"]) {
            Some(0)
        } else if path.ends_with("/users") || path.ends_with("/accounts") {
            Some(1)
        } else if has(&["login", "signin", "sign-in", "token", "session", "auth"]) {
            Some(2)
        } else {
            None
        }
    };
    let mut found: Vec<(i32, &Operation)> = operations
        .iter()
        .filter_map(|operation| Some((rank(operation)?, operation)))
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.truncate(MOST_ASKED);
    found.into_iter().map(|(_, operation)| operation).collect()
}

/// The tokens of an answer, each with its key where it was given to the app.
fn in_answer(stage: &Stage, answer: &Answer, from: &str) -> Vec<Candidate> {
    let mut texts = vec![answer.text().into_owned()];
    texts.extend(answer.fields("set-cookie"));
    texts.extend(answer.fields("authorization"));
    let tokens = texts.iter().flat_map(|text| jwt::found(text));
    tokens
        .map(|token| {
            let given = stage.provided().given.iter();
            let mut keys = given.flat_map(|one| forms(&one.value));
            Candidate {
                key: keys.find(|key| jwt::is_signed_by(&token, key)),
                token,
                from: from.to_owned(),
            }
        })
        .collect()
}

/// A key as it is written, and what it stands for in base64.
fn forms(value: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![value.as_bytes().to_vec()];
    if value.len() >= 16 {
        forms.extend(BASE64.decode(value.as_bytes()));
    }
    forms
}

/// Whether a variable is called like the key of tokens.
fn is_token_key(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let has = |word: &str| name.contains(word);
    (has("JWT")
        || has("TOKEN")
        || has("AUTH")
        || name == "SECRET"
        || name == "SECRET_KEY"
        || name.ends_with("SIGNING_KEY"))
        && (has("SECRET") || has("KEY"))
        && !has("PUBLIC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_tokens_are_known_by_name() {
        for name in [
            "JWT_SECRET",
            "JWT_SECRET_KEY",
            "SECRET_KEY",
            "AUTH_SECRET",
            "TOKEN_KEY",
        ] {
            assert!(is_token_key(name), "{name}");
        }
        for name in [
            "JWT_PUBLIC_KEY",
            "AWS_ACCESS_KEY",
            "JWT_ISSUER",
            "STRIPE_SECRET",
        ] {
            assert!(!is_token_key(name), "{name}");
        }
    }

    #[test]
    fn a_role_is_claimed_only_when_it_is_wanted() {
        let auth = Auth {
            roles: Some("roles".to_owned()),
            role: Some("admin".to_owned()),
            audience: Some("shop".to_owned()),
            claims: [("tenant".to_owned(), "7".to_owned())].into(),
            ..Auth::default()
        };
        let with = claims(&auth, true);
        assert_eq!(with["roles"], json!(["admin"]));
        assert_eq!(with["tenant"], 7);
        assert_eq!(with["aud"], "shop");
        assert_eq!(claims(&auth, false).get("roles"), None);
    }
}

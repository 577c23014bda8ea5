//! Tokens that are verified, well or badly.

use xii_model::{Facts, TokenFault, TokenVerification};

use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::syntax::{Kind, NodeId};

/// What verifies a token: the path of the call and the library.
const VERIFIERS: [(&str, &str); 18] = [
    ("jsonwebtoken.verify", "jsonwebtoken"),
    ("jose.jwtVerify", "jose"),
    ("jose/jwt/verify.jwtVerify", "jose"),
    ("express-jwt", "express-jwt"),
    ("express-jwt.expressjwt", "express-jwt"),
    ("koa-jwt", "koa-jwt"),
    ("passport-jwt.Strategy", "passport-jwt"),
    ("@fastify/jwt", "@fastify/jwt"),
    ("fastify-jwt", "fastify-jwt"),
    ("@nestjs/jwt.JwtService().verify", "@nestjs/jwt"),
    ("@nestjs/jwt.JwtService().verifyAsync", "@nestjs/jwt"),
    ("@nestjs/jwt.JwtModule.register", "@nestjs/jwt"),
    ("jwt-simple.decode", "jwt-simple"),
    ("fast-jwt.createVerifier", "fast-jwt"),
    (
        "express-oauth2-jwt-bearer.auth",
        "express-oauth2-jwt-bearer",
    ),
    ("aws-jwt-verify.CognitoJwtVerifier.create", "aws-jwt-verify"),
    (
        "google-auth-library.OAuth2Client().verifyIdToken",
        "google-auth-library",
    ),
    ("@okta/jwt-verifier", "@okta/jwt-verifier"),
];

/// What reads a token without verifying it.
const READERS: [(&str, &str); 5] = [
    ("jsonwebtoken.decode", "jsonwebtoken"),
    ("jose.decodeJwt", "jose"),
    ("jwt-decode", "jwt-decode"),
    ("jwt-decode.jwtDecode", "jwt-decode"),
    ("@nestjs/jwt.JwtService().decode", "@nestjs/jwt"),
];

/// Reads the verification of tokens.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    if seen.around.browser() {
        return;
    }
    let verified = seen
        .calls
        .iter()
        .any(|call| VERIFIERS.iter().any(|(path, _)| *path == call.path));
    for call in &seen.calls {
        let plugin = call
            .path
            .ends_with(".register")
            .then(|| seen.tree.arg(call.id, 0).and_then(|first| seen.path(first)))
            .flatten();
        let path = plugin.as_deref().unwrap_or(&call.path);
        if let Some((_, through)) = VERIFIERS.iter().find(|(known, _)| *known == path) {
            facts.push(seen.fact(call.id, verification(seen, call, through)));
        } else if let Some((_, through)) = READERS.iter().find(|(known, _)| *known == path) {
            // Reading the header to find the key comes before verifying.
            if verified || seen.option(call.id, &["complete", "header"]).is_some() {
                continue;
            }
            // What a caller sent is trusted unverified; what the app keeps may have been verified before.
            let sent = seen
                .tree
                .arg(call.id, 0)
                .is_some_and(|token| is_sent(seen, token));
            let fact = TokenVerification {
                through: if sent || through.ends_with("decode") {
                    (*through).to_owned()
                } else {
                    format!("{through}.decode")
                },
                fault: Some(TokenFault::NotVerified),
                algorithms: false,
                audience: false,
            };
            facts.push(seen.fact(call.id, fact));
        }
    }
    super_strategy(seen, facts);
}

/// Whether a token is taken from a request.
fn is_sent(seen: &Seen<'_>, token: NodeId) -> bool {
    let tree = seen.tree;
    tree.within(tree.follow(token))
        .take(200)
        .any(|id| match tree.kind(id) {
            Kind::Name(name) => matches!(name.as_str(), "req" | "request" | "ctx"),
            Kind::Member { property, .. } => matches!(
                property.as_str(),
                "headers" | "cookies" | "authorization" | "handshake"
            ),
            _ => false,
        })
}

/// A Nest strategy hands its options to `super`.
fn super_strategy(seen: &Seen<'_>, facts: &mut Facts) {
    if !seen.has("passport-jwt") {
        return;
    }
    for call in &seen.calls {
        if call.path == "super"
            && seen
                .option(call.id, &["secretOrKey", "secretOrKeyProvider"])
                .is_some()
        {
            facts.push(seen.fact(call.id, verification(seen, call, "passport-jwt")));
        }
    }
}

fn verification(seen: &Seen<'_>, call: &Called, through: &str) -> TokenVerification {
    let option = |keys: &[&str]| seen.option(call.id, keys);
    let algorithms = option(&["algorithms", "algorithm"]);
    let none = algorithms.is_some_and(|list| {
        seen.tree
            .within(seen.tree.follow(list))
            .take(20)
            .any(|id| seen.tree.as_text(id) == Some("none"))
    });
    let ignored = option(&["ignoreExpiration"]).is_some_and(|flag| seen.flag(flag) == Some(true));
    let key = option(&["secretOrKey", "secret", "key"]).or_else(|| match through {
        "jsonwebtoken" | "jose" | "jwt-simple" => seen.tree.arg(call.id, 1),
        _ => None,
    });
    let unverified = through == "jwt-simple"
        && seen
            .tree
            .arg(call.id, 2)
            .is_some_and(|flag| seen.flag(flag) == Some(true));
    let fault = if unverified {
        Some(TokenFault::NotVerified)
    } else if none {
        Some(TokenFault::NoneAccepted)
    } else if ignored {
        Some(TokenFault::ExpiryIgnored)
    } else if key.is_some_and(|key| is_literal(seen, key)) {
        Some(TokenFault::LiteralKey)
    } else {
        None
    };
    TokenVerification {
        through: through.to_owned(),
        fault,
        algorithms: algorithms.is_some(),
        audience: option(&["audience", "issuer", "aud", "iss"]).is_some(),
    }
}

/// Whether a key is written in the code. A public key may be.
fn is_literal(seen: &Seen<'_>, key: NodeId) -> bool {
    let followed = seen.tree.follow(key);
    match seen.tree.kind(followed) {
        Kind::Text(text) => !text.contains("PUBLIC KEY") && !text.is_empty(),
        _ => false,
    }
}

//! A session cookie may travel unencrypted, or be read by scripts.
//!
//! ## What it looks for
//!
//! Cookies that are set with `secure: false` or `httpOnly: false`, and frameworks' settings of the same
//! meaning (`SESSION_COOKIE_SECURE = False`), outside development. HSTS, security headers and secure
//! cookies count as positive evidence.
//!
//! ## Why it matters
//!
//! Whoever has the cookie is the user. Without `Secure` it goes out on the first plain HTTP request;
//! without `HttpOnly` any injected script reads it.
//!
//! ## What to do instead
//!
//! Express: `cookie: { secure: true, httpOnly: true, sameSite: 'lax' }` with `app.set('trust proxy', 1)`
//! behind a proxy. Django: `SESSION_COOKIE_SECURE = True`. Flask: `SESSION_COOKIE_SECURE=True`.

use xii_model::{App, Confidence, Severity};

use crate::{Claims, Rule, places};

pub(crate) const RULE: Rule = Rule {
    name: "insecure-cookie",
    criteria: &["XV.6"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    for cookie in app
        .facts
        .cookies
        .iter()
        .filter(|one| one.scope.is_deployed())
    {
        let fault = match (cookie.secure, cookie.http_only) {
            (Some(false), _) => "may travel unencrypted: `Secure` is switched off",
            (_, Some(false)) => "can be read by any script in the page: `HttpOnly` is switched off",
            (Some(true), _) => {
                claims.holds(
                    "XV.6",
                    format!("cookie `{}` is sent over TLS only", cookie.name),
                    &cookie.at,
                );
                continue;
            }
            _ => continue,
        };
        let session = ["sess", "auth", "token", "sid", "jwt", "refresh"]
            .iter()
            .any(|word| cookie.name.to_ascii_lowercase().contains(word));
        claims
            .finding(&cookie.at, format!("cookie `{}` {fault}", cookie.name))
            .confidence(if session { Confidence::High } else { Confidence::Medium })
            .severity(if session { Severity::Warning } else { Severity::Note })
            .subject(&cookie.name)
            .help(if places::is_pythonic(app) {
                "secure=True, httponly=True, samesite=\"lax\", with a variable that switches `secure` off for development"
            } else {
                "{ secure: true, httpOnly: true, sameSite: 'lax' }, and `app.set('trust proxy', 1)` behind a proxy"
            });
    }
    if let Some(protection) = app
        .facts
        .transport_protections
        .iter()
        .find(|one| one.scope.is_deployed() && one.on)
    {
        claims.holds(
            "XV.6",
            format!("{} sets {}", protection.through, protection.what.what),
            &protection.at,
        );
    }
}

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
        // A token against forged requests is there to be read by the page's script.
        let place = format!("{} {}", cookie.name, cookie.at.path).to_ascii_lowercase();
        if cookie.secure != Some(false) && (place.contains("csrf") || place.contains("xsrf")) {
            continue;
        }
        let fault = match (cookie.secure, cookie.http_only) {
            (Some(false), _) => "may travel unencrypted: `Secure` is switched off",
            (_, Some(false)) => "can be read by any script in the page: `HttpOnly` is switched off",
            (Some(true), _) => {
                claims.holds(
                    "XV.6",
                    format!("{} is sent over TLS only", called(&cookie.name)),
                    &cookie.at,
                );
                continue;
            }
            _ => continue,
        };
        let session = names_session(&cookie.name);
        claims
            .finding(&cookie.at, format!("{} {fault}", called(&cookie.name)))
            .confidence(match (session, cookie.secure) {
                (true, _) => Confidence::High,
                (false, Some(false)) => Confidence::Medium,
                // A cookie that is no credential may be meant for the page's script.
                (false, _) => Confidence::Low,
            })
            .severity(if session { Severity::Warning } else { Severity::Note })
            .subject(&cookie.name)
            .help(if places::is_pythonic(app) {
                "set all three, with a variable that switches `secure` off for development:\n    secure=True, httponly=True, samesite=\"lax\""
            } else {
                "set all three, and behind a proxy tell the framework to trust it (`trust proxy`):\n    { secure: true, httpOnly: true, sameSite: 'lax' }"
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

/// The cookie by its name; where the name is computed, the survey calls it `cookie`.
fn called(name: &str) -> String {
    match name {
        "" | "cookie" => "a cookie".to_owned(),
        _ => format!("cookie `{name}`"),
    }
}

/// Whether the name says that the cookie lets its bearer in. `sessions` and `sessionCount` tell of
/// sessions and are none.
fn names_session(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let ends = [
        "session",
        "sess",
        "sid",
        "token",
        "jwt",
        "auth",
        "sessionid",
    ]
    .iter()
    .any(|word| lower.ends_with(word));
    // Settings are named after the cookie: `SESSION_COOKIE_SECURE`.
    let of_session = ["session_cookie", "session_id", "session-id", "refresh"]
        .iter()
        .any(|word| lower.contains(word));
    ends || of_session
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_credentials_are_told_from_names_about_them() {
        for name in [
            "session",
            "sessionid",
            "connect.sid",
            "access_token",
            "refreshToken",
            "jwt",
            "SESSION_COOKIE_SECURE",
        ] {
            assert!(names_session(name), "{name}");
        }
        for name in ["sessions", "lastSignedIn", "theme", "cookie"] {
            assert!(!names_session(name), "{name}");
        }
    }
}

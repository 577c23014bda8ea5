//! A user's password, token or personal data is written to the log.
//!
//! ## What it looks for
//!
//! In deployed code: calls of a logger, of `console` or of `print` that are given a password, a token, a
//! cookie, an Authorization header, or a request's whole body or headers. Secrets of the app's own config
//! are told by the rules of factor III. A logger that hides such fields is evidence for the criterion.
//!
//! ## Why it matters
//!
//! Logs are copied, indexed and kept for months, and many more people read them than the database. A
//! password in an event is a leak that has to be reported, and it cannot be taken back.
//!
//! ## What to do instead
//!
//! Log who and what by id, never the credential itself:
//!
//! ```js
//! logger.info({ user: user.id }, 'signed in');
//! ```
//!
//! and let the logger hide what slips through:
//!
//! ```js
//! const logger = pino({ redact: ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.token'] });
//! ```
//!
//! In structlog a processor does the same; in Django `@sensitive_post_parameters` and
//! `@sensitive_variables` keep values out of error reports.

use std::collections::BTreeMap;

use xii_model::{App, Confidence, Fact, Leak, LoggedSecret, Severity};

use crate::{Claims, Rule, places};

pub(crate) const RULE: Rule = Rule {
    name: "logged-personal-data",
    criteria: &["XI.6"],
    severity: Severity::Error,
    check,
};

const MAX_FILES: usize = 8;

fn check(app: &App, claims: &mut Claims<'_>) {
    let redaction = app
        .facts
        .log_redactions
        .iter()
        .find(|redaction| redaction.scope.is_deployed());
    let mut files: BTreeMap<&str, Vec<&Fact<LoggedSecret>>> = BTreeMap::new();
    for logged in &app.facts.logged_secrets {
        if logged.scope.is_deployed() && logged.kind == Leak::User {
            files.entry(&logged.at.path).or_default().push(logged);
        }
    }
    if let Some(redaction) = redaction {
        claims.holds(
            "XI.6",
            format!("{} hides fields before they are written", redaction.through),
            &redaction.at,
        );
    }
    for logged in files.into_values().take(MAX_FILES) {
        // The surest leak speaks for its file.
        let Some(first) = logged.iter().max_by_key(|one| strength(&one.what.what)) else {
            continue;
        };
        let printed = first.through.starts_with("console") || first.through.starts_with("print");
        let hidden = redaction.is_some() && !printed;
        let confidence = match strength(&first.what.what) {
            _ if hidden => Confidence::Low,
            Strength::Credential => Confidence::High,
            Strength::Data => Confidence::Medium,
            Strength::Token => Confidence::Low,
        };
        let draft = claims.finding(
            &first.at,
            format!(
                "{} logs {}: logs are copied and kept, and many more people read them than the data they tell",
                first.through, first.what.what
            ),
        );
        draft
            .confidence(confidence)
            .subject(first.what.what.clone())
            .help(help(app, &first.through));
        if strength(&first.what.what) != Strength::Credential {
            draft.severity(Severity::Warning);
        }
        for other in logged.iter().filter(|one| one.at != first.at).take(4) {
            draft.related(&other.at, format!("{} here", other.what.what));
        }
    }
}

/// How much what is logged gives away.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// Called a token and nothing more: many a thing that gives nobody access is called so.
    Token,
    /// It may hold something: a body, headers, an address.
    Data,
    /// A credential by itself.
    Credential,
}

fn strength(what: &str) -> Strength {
    const CREDENTIALS: [&str; 14] = [
        "password",
        "passwd",
        "secret",
        "authorization",
        "cookie",
        "credential",
        "api key",
        "apikey",
        "api_key",
        "access_token",
        "accesstoken",
        "refresh_token",
        "refreshtoken",
        "jwt",
    ];
    let what = what.to_ascii_lowercase();
    if CREDENTIALS.iter().any(|word| what.contains(word)) {
        Strength::Credential
    } else if what.contains("token") {
        Strength::Token
    } else {
        Strength::Data
    }
}

fn help(app: &App, through: &str) -> &'static str {
    if through.contains("pino") {
        "log ids, and hide what slips through:\n\n    pino({ redact: ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.token'] })"
    } else if places::is_pythonic(app) {
        "log ids instead of what was sent:\n\n    logger.info(\"signed in\", extra={\"user\": user.id})"
    } else {
        "log ids instead of what was sent:\n\n    logger.info({ user: user.id }, 'signed in');"
    }
}

#[cfg(test)]
mod tests {
    use xii_model::LogRedaction;

    use super::*;
    use crate::specimen::{brief, fact};

    fn logged(line: u32, what: &str, kind: Leak) -> Fact<LoggedSecret> {
        fact(
            "login.js",
            line,
            LoggedSecret {
                what: what.to_owned(),
                through: "pino".to_owned(),
                kind,
            },
        )
    }

    #[test]
    fn a_credential_speaks_for_its_file_and_redaction_makes_it_a_sign() {
        let mut app = App::default();
        app.facts.push(logged(3, "the request's body", Leak::User));
        assert_eq!(brief(&RULE, &app), ["login.js:3:1 XI.6 warning/medium"]);
        app.facts.push(logged(4, "a password", Leak::User));
        app.facts.push(logged(5, "DATABASE_URL", Leak::Config));
        assert_eq!(brief(&RULE, &app), ["login.js:4:1 XI.6 error/high"]);
        app.facts.push(fact(
            "log.js",
            1,
            LogRedaction {
                through: "pino redact".to_owned(),
            },
        ));
        assert_eq!(
            brief(&RULE, &app),
            ["login.js:4:1 XI.6 error/low", "holds XI.6 pino"]
        );
    }
}

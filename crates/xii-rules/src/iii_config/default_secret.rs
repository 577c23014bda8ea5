//! A secret has a default in the code, so the app starts in production with a key that everybody knows.
//!
//! ## What it looks for
//!
//! A read of a secret variable with a literal behind it: `process.env.JWT_SECRET || 'secret'`,
//! `os.environ.get("SECRET_KEY", "dev")`. It is fine where the start refuses the default outside
//! development, and where the default is the address of a database on the developer's own machine.
//!
//! ## Why it matters
//!
//! When the variable is forgotten nothing fails. The app signs sessions and tokens with a key that
//! stands in the repository, and anyone can forge them.
//!
//! ## What to do instead
//!
//! Give a secret no default, and stop at start when it is missing:
//!
//! ```js
//! const { JWT_SECRET } = cleanEnv(process.env, { JWT_SECRET: str({ devDefault: 'only here' }) });
//! ```
//!
//! ```python
//! SECRET_KEY = os.environ["SECRET_KEY"]
//! ```

use xii_model::{App, Confidence, Fact, SecretLiteral, Severity, ToldBy};

use crate::{Claims, Rule, config_names, deploy_names, grouping, places};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "default-secret",
    criteria: &["III.1"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let defaults = app
        .facts
        .secrets
        .iter()
        .filter(|secret| speaks_of(secret))
        .collect::<Vec<_>>();
    for group in grouping::by(defaults, |secret| (cause(secret), signs(secret))) {
        let secret = group.first;
        let name = secret.name.as_deref().unwrap_or(&secret.kind);
        let more = match group.rest.len() {
            0 => String::new(),
            more if secret.name.is_some() => format!(" ({} places)", more + 1),
            1 => ", and so has one more".to_owned(),
            more => format!(", and so have {more} more"),
        };
        let draft = claims.finding(
            &secret.at,
            format!(
                "`{name}` has a default in the code{more}: when the variable is forgotten the app starts all the same, with a secret that everybody can read here"
            ),
        );
        draft
            .confidence(if signs(secret) {
                Confidence::Medium
            } else {
                Confidence::Low
            })
            .subject(name)
            .help(help(app, name));
        for other in group.rest {
            draft.related(
                &other.at,
                format!(
                    "`{}` has a default too",
                    other.name.as_deref().unwrap_or(&other.kind)
                ),
            );
        }
    }
}

/// What makes defaults one finding: the variable, wherever it is read, or else the file.
fn cause(secret: &Fact<SecretLiteral>) -> String {
    secret
        .name
        .clone()
        .unwrap_or_else(|| secret.at.path.to_string())
}

fn speaks_of(secret: &Fact<SecretLiteral>) -> bool {
    secret.overridden
        && !secret.refused_in_production
        && secret.scope.is_deployed()
        && matches!(secret.told_by, ToldBy::Entropy | ToldBy::Name)
        && !counts_or_limits(secret.name.as_deref().unwrap_or_default())
        && !places::is_compose(&secret.at.path)
        && !places::is_pipeline(&secret.at.path)
        && !places::is_env_file(&secret.at.path)
        && !deploy_names::named_for_development(&secret.at.path)
}

/// Whether the name speaks of a secret and means a number or a choice: `TOKEN_THROTTLE_RATE`.
fn counts_or_limits(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "rate",
        "limit",
        "count",
        "age",
        "days",
        "hours",
        "minutes",
        "seconds",
        "mode",
        "enabled",
        "algorithm",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}

/// Whether the secret signs or encrypts: then a known value opens the app. A known password of a
/// database does not, because the database asks for its own.
fn signs(secret: &SecretLiteral) -> bool {
    let name = secret
        .name
        .as_deref()
        .unwrap_or(&secret.kind)
        .to_ascii_lowercase();
    let database = [
        "db", "database", "postgres", "mysql", "mongo", "redis", "smtp", "mail",
    ]
    .iter()
    .any(|word| name.contains(word));
    secret.told_by == ToldBy::Entropy
        || (!database
            && [
                "secret", "jwt", "session", "sign", "cookie", "encrypt", "salt",
            ]
            .iter()
            .any(|word| name.contains(word)))
        || (!database && name.contains("key"))
}

fn help(app: &App, name: &str) -> String {
    let variable = config_names::variable_name(name);
    if places::is_pythonic(app) {
        format!(
            "give it no default, so that a missing variable stops the start:\n    {variable} = os.environ[\"{variable}\"]"
        )
    } else {
        format!(
            "give it no default, so that a missing variable stops the start:\n    if (!process.env.{variable}) throw new Error('{variable} is not set')"
        )
    }
}

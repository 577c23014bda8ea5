//! A credential is written in the code base.
//!
//! ## What it looks for
//!
//! Keys in a provider's known format, private keys, URLs with a password for a host that is not this
//! machine, and literals bound to names such as `SECRET_KEY` or `password`. Placeholders, values that
//! only development uses, and defaults that the environment replaces are told apart (for those, see
//! `default-secret`). In tests and documentation only a provider's own key format counts, and less.
//!
//! ## Why it matters
//!
//! Everybody who can read the repository, its forks, its backups and its images holds the credential,
//! for good: deleting the line does not delete it from the history. A leaked key is found by scanners
//! within minutes, and changing it means a new build of the app instead of a new release of its config.
//!
//! ## What to do instead
//!
//! Read it from the environment and stop when it is missing, then replace the leaked one at its issuer:
//!
//! ```js
//! const secret = process.env.JWT_SECRET;
//! if (!secret) throw new Error('JWT_SECRET is not set');
//! ```
//!
//! ```python
//! SECRET_KEY = os.environ["SECRET_KEY"]
//! ```
//!
//! ## When it is fine
//!
//! A key that is public by design (a publishable key, a public Firebase key) is not a secret. Say so
//! with `xii: allow(hard-coded-secret) public by design`.

use xii_model::{App, Confidence, Fact, FileClass, SecretLiteral, Severity, ToldBy};

use crate::{Claims, Rule, config_names, credentials, places};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "hard-coded-secret",
    criteria: &["III.1"],
    severity: Severity::Error,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut judged: Vec<(&Fact<SecretLiteral>, Severity, Confidence)> = app
        .facts
        .secrets
        .iter()
        .filter_map(|secret| {
            let (severity, confidence) = credentials::judge(app, secret)?;
            Some((secret, severity, confidence))
        })
        .collect();
    if judged.is_empty() {
        let files = app
            .files
            .iter()
            .filter(|file| file.class == FileClass::Source)
            .count();
        // A password such as `postgres:postgres` opens nothing of worth, but it is written down; and a
        // language that is not read may write one in a form of its own.
        let written = app.facts.secrets.iter().any(|secret| {
            secret.overridden && !secret.placeholder
                || secret.told_by == ToldBy::UrlPassword
                    && secret.scope.is_deployed()
                    && secret.scope.class == FileClass::Source
                    && !secret.overridden
        });
        if files > 0 && !written && !has_unread_language(app) {
            claims.holds_throughout(
                "III.1",
                format!("no credential was found in {files} files of source and config"),
            );
        }
        return;
    }
    // The surest first, so that the finding of a file is its worst line.
    judged.sort_by_key(|(_, severity, confidence)| std::cmp::Reverse((*severity, *confidence)));
    for group in group(&judged) {
        report(app, &group, claims);
    }
}

/// Whether a language of the app is one whose code is not read.
fn has_unread_language(app: &App) -> bool {
    app.languages
        .iter()
        .any(|language| !matches!(language.as_str(), "javascript" | "typescript" | "python"))
}

/// Secrets that make one finding, with how bad and how sure it is.
struct Group<'a> {
    severity: Severity,
    confidence: Confidence,
    first: &'a Fact<SecretLiteral>,
    rest: Vec<&'a Fact<SecretLiteral>>,
}

/// The most findings that are given for one app; what is beyond joins the last.
const MOST: usize = 10;

/// One group for each file and degree; one for all mere signs; one for each key of a known format,
/// because each has to be replaced.
fn group<'a>(judged: &[(&'a Fact<SecretLiteral>, Severity, Confidence)]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (secret, severity, confidence) in judged.iter().copied() {
        let key =
            |one: &Fact<SecretLiteral>| matches!(one.told_by, ToldBy::Format | ToldBy::PrivateKey);
        let full = groups.len() >= MOST;
        let own = groups.iter().position(|group| {
            (group.severity, group.confidence) == (severity, confidence)
                && !key(secret)
                && !key(group.first)
                && (severity == Severity::Note || group.first.at.path == secret.at.path)
        });
        match own.or(if full {
            groups.len().checked_sub(1)
        } else {
            None
        }) {
            Some(index) => groups[index].rest.push(secret),
            None => groups.push(Group {
                severity,
                confidence,
                first: secret,
                rest: Vec::new(),
            }),
        }
    }
    groups
}

fn report(app: &App, group: &Group<'_>, claims: &mut Claims<'_>) {
    let secret = group.first;
    let more = match group.rest.len() {
        0 => String::new(),
        more => format!(" (and {more} more in the same way)"),
    };
    let draft = claims.finding(
        &secret.at,
        format!(
            "{} is written in the code base{more}: whoever can read the repository or its history can use it",
            subject(secret)
        ),
    );
    draft
        .severity(group.severity)
        .confidence(group.confidence)
        .subject(secret.name.as_deref().unwrap_or(&secret.kind))
        .help(help(app, secret));
    for other in group.rest.iter().take(20) {
        draft.related(&other.at, subject(other));
    }
}

fn subject(secret: &SecretLiteral) -> String {
    match &secret.name {
        Some(name) if *name != secret.kind => format!("the {} `{name}`", secret.kind),
        _ => format!("a credential ({})", secret.kind),
    }
}

fn help(app: &App, secret: &Fact<SecretLiteral>) -> String {
    let variable = match &secret.name {
        Some(name) if secret.told_by != ToldBy::UrlPassword => config_names::variable_name(name),
        _ if secret.told_by == ToldBy::UrlPassword => "DATABASE_URL".to_owned(),
        _ => "API_KEY".to_owned(),
    };
    let read = if places::is_deployment(app, &secret.at.path) {
        format!("    ${{{variable}}}")
    } else if places::is_pythonic(app) {
        format!("    os.environ[\"{variable}\"]")
    } else if app.is_node() {
        format!("    process.env.{variable}")
    } else {
        format!("    {variable}")
    };
    format!(
        "replace the credential at its issuer (the history keeps the old one), then take the new one from the environment:\n{read}"
    )
}

#[cfg(test)]
mod tests {
    use xii_model::Facts;

    use super::*;
    use crate::specimen::{fact, said};

    fn secret(told_by: ToldBy, name: &str) -> SecretLiteral {
        SecretLiteral {
            kind: "password".to_owned(),
            name: Some(name.to_owned()),
            told_by,
            overridden: false,
            refused_in_production: false,
            placeholder: false,
        }
    }

    #[test]
    fn one_file_gives_one_finding_for_each_degree() {
        let mut facts = Facts::default();
        for line in 1..=4 {
            facts.push(fact("app.py", line, secret(ToldBy::Name, "password")));
        }
        let lines = said(
            &RULE,
            &App {
                facts,
                ..App::default()
            },
        );
        assert_eq!(lines.len(), 1);
        assert!(
            lines[0].contains("(and 3 more in the same way)"),
            "{lines:?}"
        );
    }
}

//! A short-lived credential is read once at start, so the app loses its identity when it rotates.
//!
//! ## What it looks for
//!
//! Reads of token and identity files (`AWS_WEB_IDENTITY_TOKEN_FILE`, a projected service account token,
//! any file that a variable such as `TOKEN_FILE` names) that stand where they run once, and paths of
//! such files that are written in the code.
//!
//! ## Why it matters
//!
//! Platforms hand out identities that live for an hour or less and replace the file in place. An app
//! that keeps the first one works until it expires, and then every connection is refused until
//! somebody restarts it. A path in the code works on one platform only.
//!
//! ## What to do instead
//!
//! Read the file each time a connection is made, at the place that a variable names:
//!
//! ```js
//! const token = () => fs.promises.readFile(process.env.IDENTITY_TOKEN_FILE, 'utf8');
//! const pool = new Pool({ password: token });
//! ```
//!
//! ```python
//! def token() -> str:
//!     return Path(os.environ["IDENTITY_TOKEN_FILE"]).read_text().strip()
//! ```

use xii_model::{App, Confidence, Severity};

use crate::{Claims, Rule};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "stale-identity",
    criteria: &["III.9"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let files: Vec<_> = app
        .facts
        .identity_files
        .iter()
        .filter(|file| file.scope.is_deployed())
        .collect();
    for file in &files {
        let place = match (&file.variable, &file.path) {
            (Some(variable), _) => format!("the credential that {variable} points to"),
            (None, Some(path)) => format!("the credential in {path}"),
            (None, None) => "a credential file".to_owned(),
        };
        if file.read_once {
            claims
                .finding(
                    &file.at,
                    format!("{place} is read once at start: when the platform rotates it, the app goes on with one that is refused"),
                )
                .confidence(Confidence::Medium)
                .subject(place)
                .help("read the file each time a connection or a request is made, or let the platform's SDK do it: it reads the file again before the credential expires");
        } else if let (None, Some(path)) = (&file.variable, &file.path) {
            // Kubernetes promises the place of its own token, so a literal is a small sin there.
            let promised = path.starts_with("/var/run/secrets/");
            claims
                .finding(
                    &file.at,
                    format!("the place of a credential is written in the code ({path}), so it is found on one platform only"),
                )
                .severity(if promised { Severity::Note } else { Severity::Warning })
                .confidence(if promised { Confidence::Low } else { Confidence::Medium })
                .subject(path.as_str())
                .help("let a variable name the place, with this path as its default");
        } else if let Some(variable) = &file.variable {
            claims.holds(
                "III.9",
                format!("the credential is read at each use from the file that {variable} names"),
                &file.at,
            );
        }
    }
    let sdk = app
        .facts
        .workload_identities
        .iter()
        .find(|identity| identity.short_lived);
    if let Some(identity) = sdk {
        claims.holds(
            "III.9",
            format!(
                "{} finds the credential by a variable and renews it by itself",
                identity.what.what
            ),
            &identity.at,
        );
    } else if files.is_empty() {
        claims.not_applicable("III.9", "no short-lived credential is used");
    }
}

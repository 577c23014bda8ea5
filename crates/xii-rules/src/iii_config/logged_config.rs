//! A secret of the app's config is written to its output.
//!
//! ## What it looks for
//!
//! Calls that log or print the whole environment (`console.log(process.env)`, `print(os.environ)`), a
//! config object that holds secrets, or a variable whose name says that it is one. What requests carry
//! (passwords, tokens of users) is XI.6.
//!
//! ## Why it matters
//!
//! Output goes to log stores, dashboards and bug reports that many more people can read than may know
//! the database's password, and it is kept for months. A secret that was logged once must be replaced.
//!
//! ## What to do instead
//!
//! Log that a variable is set, never what it holds:
//!
//! ```js
//! logger.info({ databaseUrl: Boolean(process.env.DATABASE_URL) }, 'config read');
//! ```
//!
//! ```python
//! log.info("config read", extra={"database_url_set": "DATABASE_URL" in os.environ})
//! ```

use xii_model::{App, Confidence, Leak, LoggedSecret, Severity};

use crate::{Claims, Rule, grouping, places};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "logged-config",
    criteria: &["III.8"],
    severity: Severity::Error,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let logged: Vec<_> = app
        .facts
        .logged_secrets
        .iter()
        .filter(|logged| logged.kind == Leak::Config && logged.scope.is_deployed())
        .collect();
    for group in grouping::by_file(logged.iter().copied()) {
        let first = group.first;
        let more = match group.rest.len() {
            0 => String::new(),
            more => format!(" (and {more} more in this file)"),
        };
        let draft = claims.finding(
            &first.at,
            format!(
                "{} is written to the output{more}: whoever can read the logs can use it",
                first.what.what
            ),
        );
        draft
            .confidence(confidence(first))
            .subject(first.what.what.as_str())
            .help("log that the variable is set and never its value; if this ran in a deploy, replace the secret, because log stores keep it");
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, format!("{} is written too", other.what.what));
        }
    }
    for all in app.facts.env_reads_all.iter().filter(|all| {
        all.how == "printed"
            && all.scope.is_deployed()
            && !logged.iter().any(|one| places::same_line(&one.at, &all.at))
    }) {
        claims
            .finding(
                &all.at,
                "the whole environment is printed, and with it every secret that the deploy was given",
            )
            .confidence(Confidence::High)
            .help("print the names of the variables that are set, or nothing");
    }
    if logged.is_empty() && !(app.facts.prints.is_empty() && app.facts.log_sinks.is_empty()) {
        claims.could_not_tell(
            "III.8",
            "no call was seen that logs a secret variable, but only a run with marked secrets can show that none gets out",
        );
    }
}

fn confidence(logged: &LoggedSecret) -> Confidence {
    let everything = logged.what.contains("environment");
    if everything || xii_model::is_secret_name(&logged.what) {
        Confidence::High
    } else {
        Confidence::Medium
    }
}

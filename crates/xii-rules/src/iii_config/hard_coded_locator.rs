//! An address that differs between deploys is a constant in the code.
//!
//! ## What it looks for
//!
//! URLs and hosts in deployed code and its settings that belong to one deploy: addresses of private
//! networks, databases and queues, hosts of cloud platforms, hosts that are named for a deploy
//! (`api-staging.…`), and `http://localhost:…` that server code calls. Public addresses that are the
//! same everywhere (`api.stripe.com`, `schema.org`) are left alone, and so are defaults that a
//! variable replaces. Where a client is made from the literal, `hard-coded-resource` speaks of it.
//!
//! ## Why it matters
//!
//! Such a constant ties the build to one deploy. Staging talks to production, or a move to another
//! host needs a commit, a review and a build where a changed variable would do.
//!
//! ## What to do instead
//!
//! ```js
//! const apiUrl = process.env.API_URL;
//! ```
//!
//! ```python
//! API_URL = os.environ["API_URL"]
//! ```

use xii_model::{
    App, Confidence, ConfigFileKind, Fact, Locator, LocatorLiteral, ResourceKind, Severity, ToldBy,
};

use crate::{Claims, Rule, config_names, credentials, deploy_names, grouping, places};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "hard-coded-locator",
    criteria: &["III.2"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let bound: Vec<&Fact<LocatorLiteral>> = app
        .facts
        .locators
        .iter()
        .filter(|literal| speaks_of(app, literal) && ties(literal).is_some())
        .collect();
    if bound.is_empty() {
        holds(app, claims);
    }
    // One cause, one finding: a client that is made from it and a password inside it say more.
    let bound = bound
        .into_iter()
        .filter(|literal| !a_client_has_it(app, literal) && !a_password_is_in_it(app, literal));
    for group in grouping::by(bound, |literal| {
        (
            literal.at.path.clone(),
            ties(literal).map(|(_, confidence)| confidence),
        )
    }) {
        let Some((why, mut confidence)) = ties(group.first) else {
            continue;
        };
        if group.first.locator.is_loopback() && is_layer(app, &group.first.at.path) {
            confidence = Confidence::Low;
        }
        let more = match group.rest.len() {
            0 => String::new(),
            more => format!(" (and {more} more in this file)"),
        };
        let draft = claims.finding(
            &group.first.at,
            format!(
                "`{}` is {why}, written as a constant{more}: another deploy needs another value, and so another build",
                shown(&group.first.locator)
            ),
        );
        draft
            .confidence(confidence)
            .subject(
                group
                    .first
                    .name
                    .as_deref()
                    .unwrap_or(&group.first.locator.host),
            )
            .help(help(app, group.first));
        for other in group.rest {
            draft.related(&other.at, format!("`{}`", shown(&other.locator)));
        }
    }
}

fn speaks_of(app: &App, literal: &Fact<LocatorLiteral>) -> bool {
    let path = &literal.at.path;
    literal.scope.is_deployed()
        && !literal.overridden
        // The default of an option or argument, which whoever runs the program can replace.
        && literal.name.as_deref() != Some("default")
        && !literal.locator.is_example()
        && !places::is_env_file(path)
        && !deploy_names::named_for_development(path)
        && !places::is_deployment(app, path)
        // A committed config file of one deploy is one finding: `committed-config`.
        && !app.facts.config_files.iter().any(|file| {
            file.at.path == literal.at.path && (file.environment.is_some() || file.template)
        })
}

/// Whether the file is data: a layer of defaults that a deploy's own file or variables go over.
fn is_layer(app: &App, path: &str) -> bool {
    app.facts
        .config_files
        .iter()
        .any(|file| *file.at.path == *path && file.kind == ConfigFileKind::Data)
}

/// Whether a client is made from the same address, which `hard-coded-resource` reports.
fn a_client_has_it(app: &App, literal: &LocatorLiteral) -> bool {
    app.facts.resource_clients.iter().any(|client| {
        client.scope.is_deployed()
            && client.locator.literal().is_some_and(|text| {
                let host = Locator::parse(text).map_or_else(|| text.to_owned(), |one| one.host);
                host == literal.locator.host
                    || text.starts_with(&format!("{}:", literal.locator.host))
            })
    })
}

/// Whether the address holds a password, which `hard-coded-secret` reports in the same place.
fn a_password_is_in_it(app: &App, literal: &Fact<LocatorLiteral>) -> bool {
    app.facts.secrets.iter().any(|secret| {
        secret.told_by == ToldBy::UrlPassword
            && places::same_line(&secret.at, &literal.at)
            && credentials::judge(app, secret).is_some()
    })
}

/// Why the address belongs to one deploy, and how sure that is.
fn ties(literal: &Fact<LocatorLiteral>) -> Option<(&'static str, Confidence)> {
    let locator = &literal.locator;
    let host = locator.host.to_ascii_lowercase();
    let http = matches!(locator.kind(), Some(ResourceKind::Http) | None);
    if matches!(locator.kind(), Some(ResourceKind::Sqlite))
        || host.contains(['$', '{', '<', '%', '*'])
    {
        return None;
    }
    if locator.kind() == Some(ResourceKind::ObjectStore) {
        return Some(("the name of one bucket", Confidence::Medium));
    }
    if !http && !locator.scheme.is_empty() && !host.is_empty() {
        let sure = if locator.is_loopback() {
            Confidence::Medium
        } else {
            Confidence::High
        };
        return Some(("the address of a backing service", sure));
    }
    if matches!(host.as_str(), "0.0.0.0" | "::" | "[::]") {
        // All interfaces: an address to listen on.
        return None;
    }
    if locator.is_loopback() && locator.scheme.is_empty() && literal.used_by.is_none() {
        // Most often an address to listen on, or to recognise.
        return None;
    }
    if locator.is_loopback() {
        let named = literal.name.as_deref().is_some_and(names_an_address);
        let used = literal.used_by.as_deref().is_some_and(calls_out);
        let sure = if !locator.scheme.is_empty() && (named && literal.scope.top_level || used) {
            Confidence::Medium
        } else {
            Confidence::Low
        };
        return Some(("an address of this machine", sure));
    }
    if host.is_empty() {
        return None;
    }
    if places::is_private_host(&host) {
        return Some(("an address of a private network", Confidence::Medium));
    }
    if host.split(['.', '-']).any(|label| {
        deploy_names::is_production_name(label)
            && !matches!(label, "live" | "release" | "stage" | "sandbox")
            || matches!(label, "dev" | "qa")
    }) && !host.ends_with(".dev")
    {
        return Some(("the host of one deploy", Confidence::Medium));
    }
    const PLATFORMS: [&str; 17] = [
        ".herokuapp.com",
        ".rds.amazonaws.com",
        ".elb.amazonaws.com",
        ".cache.amazonaws.com",
        ".azurewebsites.net",
        ".database.windows.net",
        ".run.app",
        ".vercel.app",
        ".netlify.app",
        ".onrender.com",
        ".fly.dev",
        ".cloudfront.net",
        ".ngrok.io",
        ".ngrok-free.app",
        ".mongodb.net",
        ".supabase.co",
        ".railway.app",
    ];
    if PLATFORMS.iter().any(|end| host.ends_with(end)) {
        return Some((
            "the host of one deploy on a cloud platform",
            Confidence::Medium,
        ));
    }
    let bucket = host.contains(".s3.")
        || host.contains(".s3-")
        || host == "s3.amazonaws.com"
        || (host == "storage.googleapis.com" && locator.path.len() > 1);
    if bucket {
        return Some(("the address of one bucket", Confidence::Low));
    }
    None
}

/// The locator as a person writes it: a bare host has no scheme.
fn shown(locator: &Locator) -> String {
    locator.to_string().trim_start_matches("://").to_owned()
}

/// Whether a library sends HTTP requests.
fn calls_out(path: &str) -> bool {
    [
        "fetch",
        "axios",
        "requests.",
        "httpx.",
        "got",
        "needle",
        "superagent",
        "ky",
        "undici",
        "urllib",
        "aiohttp.",
        "http.",
        "https.",
        "node-fetch",
    ]
    .iter()
    .any(|start| path.starts_with(start))
}

/// Whether a name is one that apps give to the address of a deploy.
fn names_an_address(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "url", "uri", "host", "endpoint", "server", "origin", "domain", "broker", "addr",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}

/// Positive evidence: an address that the code takes from the environment.
fn holds(app: &App, claims: &mut Claims<'_>) {
    let read = app.facts.env_reads.iter().find(|read| {
        read.scope.is_deployed()
            && (names_an_address(&read.name) || read.name.to_ascii_lowercase().ends_with("bucket"))
    });
    if let Some(read) = read {
        claims.holds(
            "III.2",
            format!("addresses come from the environment, such as {}, and none of a deploy is a constant", read.name),
            &read.at,
        );
    }
}

fn help(app: &App, literal: &LocatorLiteral) -> String {
    let variable = match &literal.name {
        Some(name) => config_names::variable_name(name),
        None => match literal.locator.kind() {
            Some(ResourceKind::Http) | None => "API_URL".to_owned(),
            Some(ResourceKind::Redis) => "REDIS_URL".to_owned(),
            Some(_) => "DATABASE_URL".to_owned(),
        },
    };
    let read = if places::is_pythonic(app) {
        format!("os.environ[\"{variable}\"]")
    } else {
        format!("process.env.{variable}")
    };
    format!(
        "read it from the environment; the literal may stay as the default for development:\n    {read}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sure(text: &str, name: Option<&str>) -> Option<Confidence> {
        let literal = LocatorLiteral {
            locator: Locator::parse(text).unwrap(),
            name: name.map(str::to_owned),
            overridden: false,
            used_by: None,
        };
        let mut fact = crate::specimen::fact("app.js", 1, literal);
        fact.scope.top_level = true;
        ties(&fact).map(|(_, confidence)| confidence)
    }

    #[test]
    fn an_address_with_a_password_is_one_finding_and_that_the_secrets() {
        use crate::specimen::{brief, fact};

        let mut app = App::default();
        app.facts.push(fact(
            "config.js",
            5,
            LocatorLiteral {
                locator: Locator::parse("postgres://db.acme.internal/main").unwrap(),
                name: Some("database".to_owned()),
                overridden: false,
                used_by: None,
            },
        ));
        assert_eq!(brief(&RULE, &app), ["config.js:5:1 III.2 warning/high"]);
        app.facts.push(fact(
            "config.js",
            5,
            xii_model::SecretLiteral {
                kind: "password in a URL".to_owned(),
                name: Some("database".to_owned()),
                told_by: ToldBy::UrlPassword,
                overridden: false,
                refused_in_production: false,
                placeholder: false,
            },
        ));
        assert_eq!(brief(&RULE, &app), [""; 0]);
    }

    #[test]
    fn addresses_of_one_deploy_are_told_from_public_ones() {
        assert_eq!(sure("https://api.stripe.com/v1", Some("API_URL")), None);
        assert_eq!(sure("http://www.w3.org/2000/svg", None), None);
        assert_eq!(sure("https://web.dev/vitals", None), None);
        assert_eq!(
            sure("postgres://app@10.0.3.7/main", None),
            Some(Confidence::High)
        );
        assert_eq!(
            sure("http://localhost:4000", Some("apiUrl")),
            Some(Confidence::Medium)
        );
        assert_eq!(sure("http://localhost:4000", None), Some(Confidence::Low));
        assert_eq!(
            sure("https://api-staging.acme.io", None),
            Some(Confidence::Medium)
        );
        assert_eq!(
            sure("https://acme.herokuapp.com", None),
            Some(Confidence::Medium)
        );
    }
}

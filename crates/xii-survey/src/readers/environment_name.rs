//! The deploy that a file's name speaks of.

/// Names of deploys, as files are called after them.
const NAMES: [&str; 22] = [
    "production",
    "prod",
    "live",
    "staging",
    "stage",
    "preprod",
    "uat",
    "qa",
    "sandbox",
    "preview",
    "development",
    "dev",
    "develop",
    "local",
    "test",
    "testing",
    "e2e",
    "ci",
    "integration",
    "acceptance",
    "demo",
    "beta",
];

/// The deploy in a path: from the file's name (`production.json`, `application-prod.yml`, `.env.local`),
/// or from its folder (`.envs/.production/.django`, `config/environments/staging.toml`).
pub(super) fn of(path: &str) -> Option<String> {
    let lower = path.to_ascii_lowercase();
    let mut parts = lower.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let in_name = name
        .split(['.', '-', '_'])
        .find(|word| NAMES.contains(word));
    let folder = parts.next().unwrap_or_default().trim_start_matches('.');
    in_name
        .or_else(|| NAMES.contains(&folder).then_some(folder))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_folders_tell_the_deploy() {
        for (path, deploy) in [
            (".env.production", Some("production")),
            ("config/staging.json", Some("staging")),
            ("application-prod.yml", Some("prod")),
            (".envs/.local/.django", Some("local")),
            ("appsettings.Production.json", Some("production")),
            (".env", None),
            ("config/default.json", None),
            ("products.json", None),
        ] {
            assert_eq!(of(path).as_deref(), deploy, "{path}");
        }
    }
}

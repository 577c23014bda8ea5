//! Names of deploys in the names of files, jobs and branches.

/// What a deploy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deploy {
    Development,
    Test,
    Staging,
    Production,
}

/// The deploy that a word speaks of.
pub(crate) fn of_word(word: &str) -> Option<Deploy> {
    Some(match word.to_ascii_lowercase().as_str() {
        "dev" | "development" | "develop" | "local" | "debug" | "devel" => Deploy::Development,
        "test" | "testing" | "tests" | "ci" | "e2e" => Deploy::Test,
        "staging" | "stage" | "stg" | "qa" | "uat" | "preprod" | "preproduction" | "sandbox" => {
            Deploy::Staging
        }
        "prod" | "production" | "prd" | "live" => Deploy::Production,
        _ => return None,
    })
}

/// The deploy that a text of several words speaks of, such as `docker-compose.prod.yml`.
pub(crate) fn of_text(text: &str) -> Option<Deploy> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .find_map(of_word)
}

/// The deploy that a path's file name speaks of.
pub(crate) fn of_file(path: &str) -> Option<Deploy> {
    of_text(file_name(path))
}

/// Whether a path's file name says that it is for development or tests.
pub(crate) fn is_for_developers(path: &str) -> bool {
    matches!(of_file(path), Some(Deploy::Development | Deploy::Test))
        || file_name(path).contains(".override.")
        || path.split('/').any(|part| part == ".devcontainer")
}

/// Whether the path says that the file serves development or tests: `docker-compose.dev.yml`,
/// `Procfile.dev`, `Dockerfile.local`, `.devcontainer/…`, `.envs/.local/…`. Unlike
/// [`is_for_developers`] it believes the names of folders too.
pub(crate) fn named_for_development(path: &str) -> bool {
    file_name(path)
        .split(['.', '-', '_'])
        .any(|word| is_development_name(word) || word.eq_ignore_ascii_case("windows"))
        || folder(path)
            .split('/')
            .any(|folder| is_development_name(folder.trim_start_matches('.')))
}

/// Whether a deploy's name means a developer's machine or a test run, and no deploy that others use.
pub(crate) fn is_development_name(name: &str) -> bool {
    matches!(of_word(name), Some(Deploy::Development | Deploy::Test))
        || ["localhost", "override", "devcontainer"]
            .iter()
            .any(|word| name.eq_ignore_ascii_case(word))
}

/// Whether the file's own name speaks of production or a rehearsal of it.
pub(crate) fn named_for_production(path: &str) -> bool {
    file_name(path)
        .split(['.', '-', '_'])
        .any(is_production_name)
}

/// Whether a deploy's name means production or a rehearsal of it.
pub(crate) fn is_production_name(name: &str) -> bool {
    of_word(name) >= Some(Deploy::Staging) || name.eq_ignore_ascii_case("release")
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path; empty for the audited folder itself.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A name with the word of its deploy taken out, and the deploy: `server-prod.js` is
/// `server.js` for production.
pub(crate) fn without_deploy(name: &str) -> Option<(String, Deploy)> {
    let mut start = 0;
    for (index, part) in name.split(['.', '-', '_']).enumerate() {
        let end = start + part.len();
        // The first word is the thing itself: `production.js` is a thing, `server-prod.js` a copy.
        if let (true, Some(deploy)) = (index > 0, of_word(part)) {
            let before = name.get(..start.saturating_sub(1))?;
            return Some((format!("{before}{}", name.get(end..)?), deploy));
        }
        start = end + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_the_deploy_is_taken_out() {
        let out = |name| without_deploy(name);
        assert_eq!(
            out("server-prod.js"),
            Some(("server.js".to_owned(), Deploy::Production))
        );
        assert_eq!(
            out("app_staging.py"),
            Some(("app.py".to_owned(), Deploy::Staging))
        );
        assert_eq!(out("product.js"), None);
        assert_eq!(out("production.js"), None);
    }

    #[test]
    fn names_tell_deploys_apart() {
        assert!(named_for_development("deploy/docker-compose.dev.yml"));
        assert!(!named_for_development("device/docker-compose.yml"));
        assert!(named_for_development(".envs/.local/.django"));
        assert!(named_for_production("config/settings.production.json"));
        assert!(!named_for_production("src/products.py"));
    }

    #[test]
    fn files_for_developers_are_known_by_name() {
        assert!(is_for_developers("docker/Dockerfile.dev"));
        assert!(is_for_developers("docker-compose.local.yml"));
        assert!(!is_for_developers("dev/Dockerfile"));
        assert!(!is_for_developers("device.js"));
    }
}

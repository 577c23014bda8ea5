//! Which deploy a file is for, as far as its name and folders say.

use xii_model::Facts;

/// The deploy that a word speaks of: `development`, `test`, `staging`, `production`.
pub(super) fn of_word(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "dev" | "develop" | "development" | "local" | "localdev" | "devcontainer" | "override"
        | "debug" | "hot" | "watch" => "development",
        "test" | "tests" | "testing" | "e2e" | "ci" | "integration" | "smoke" => "test",
        "stag" | "stage" | "staging" | "preprod" | "uat" | "qa" => "staging",
        "prod" | "production" | "live" | "release" => "production",
        _ => return None,
    })
}

/// Folders whose name is a word for a deploy in a file's name only.
const OTHER_FOLDERS: [&str; 9] = [
    "override",
    "debug",
    "hot",
    "watch",
    "live",
    "release",
    "integration",
    "smoke",
    "stage",
];

/// The deploy that a variant such as `postgres.prod` or `dev-full` speaks of.
pub(super) fn of_variant(variant: &str) -> Option<&'static str> {
    variant.split(['.', '-', '_']).find_map(of_word)
}

/// The deploy that a file is for: by its variant, else by the innermost folder that names one.
pub(super) fn of_file(variant: Option<&str>, path: &str) -> Option<&'static str> {
    let by_folder = || {
        let (folders, _) = path.rsplit_once('/')?;
        let folders: Vec<&str> = folders.split('/').collect();
        let speaks = |index: usize| {
            let folder = folders.get(index)?.trim_start_matches('.');
            let before = index.checked_sub(1).and_then(|before| folders.get(before));
            // `usr/local` is a place of every image.
            if before == Some(&"usr") || OTHER_FOLDERS.contains(&folder) {
                return None;
            }
            // `docker-testing` is for tests; `test-results` may be an app.
            let end = ["docker-", "compose-", "deploy-"]
                .iter()
                .find_map(|start| folder.strip_prefix(start));
            of_word(end.unwrap_or(folder))
        };
        (0..folders.len()).rev().find_map(speaks)
    };
    variant.and_then(of_variant).or_else(by_folder)
}

/// Marks the facts of a file that is for development or tests only.
pub(super) fn scope(facts: &mut Facts, deploy: Option<&str>) {
    if matches!(deploy, Some("development" | "test")) {
        facts.each_scope(|_, scope| scope.development = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_folders_speak_of_deploys() {
        assert_eq!(
            of_file(Some("prod"), "compose.prod.yml"),
            Some("production")
        );
        assert_eq!(of_file(Some("relational.test"), "x"), Some("test"));
        assert_eq!(
            of_file(None, "compose/local/django/Dockerfile"),
            Some("development")
        );
        assert_eq!(
            of_file(None, ".devcontainer/Dockerfile"),
            Some("development")
        );
        assert_eq!(of_file(None, "docker/Dockerfile"), None);
        assert_eq!(of_file(None, "rootfs/usr/local/bin/start.sh"), None);
        assert_eq!(of_file(None, "docker-testing/compose.yml"), Some("test"));
        assert_eq!(of_file(Some("worker"), "Dockerfile.worker"), None);
    }
}

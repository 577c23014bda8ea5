//! Which files hold config values, by name and folder: data of other kinds must not be taken for it.

use super::reader::file_name;

/// The format of a file of config values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Yaml,
    Toml,
    Properties,
}

/// Folders whose files are other people's settings, translations or data.
const OTHER_FOLDERS: [&str; 22] = [
    "locales",
    "locale",
    "i18n",
    "lang",
    "langs",
    "languages",
    "translations",
    "messages",
    "public",
    "static",
    "assets",
    "fixtures",
    "data",
    "schemas",
    "schema",
    "charts",
    "templates",
    "k8s",
    "kubernetes",
    "helm",
    "manifests",
    "docs",
];

/// Folders that hold an app's config.
const CONFIG_FOLDERS: [&str; 6] = [
    "config",
    "configs",
    "conf",
    "configuration",
    "settings",
    "env",
];

/// The first words of names that say config wherever the file is.
const CONFIG_WORDS: [&str; 9] = [
    "config",
    "configuration",
    "settings",
    "secrets",
    "credentials",
    "application",
    "appsettings",
    "appconfig",
    "databases",
];

/// Names of files in a config folder that hold an app's config.
const IN_FOLDER: [&str; 30] = [
    "default",
    "defaults",
    "base",
    "common",
    "database",
    "db",
    "redis",
    "mongo",
    "mongodb",
    "mail",
    "mailer",
    "email",
    "smtp",
    "storage",
    "app",
    "server",
    "aws",
    "s3",
    "services",
    "queue",
    "cache",
    "auth",
    "session",
    "jwt",
    "custom",
    "runtime",
    "override",
    "global",
    "elasticsearch",
    "rabbitmq",
];

/// Names of deploys, as files in a config folder are called after them.
const DEPLOYS: [&str; 16] = [
    "production",
    "prod",
    "live",
    "staging",
    "stage",
    "preprod",
    "uat",
    "qa",
    "sandbox",
    "development",
    "dev",
    "develop",
    "local",
    "test",
    "testing",
    "docker",
];

/// The format of a file of config values; `None` for every other file.
pub(super) fn format_of(path: &str) -> Option<Format> {
    let name = file_name(path);
    let (stem, extension) = name.rsplit_once('.')?;
    let format = match extension {
        "json" => Format::Json,
        "yml" | "yaml" => Format::Yaml,
        "toml" => Format::Toml,
        "properties" => Format::Properties,
        _ => return None,
    };
    let lower = path.to_ascii_lowercase();
    let folders: Vec<&str> = lower.split('/').collect();
    let folders = folders.get(..folders.len().saturating_sub(1))?;
    let elsewhere = folders
        .iter()
        .any(|folder| OTHER_FOLDERS.contains(folder) || folder.starts_with('.'));
    if elsewhere {
        return None;
    }
    let stem = stem
        .trim_start_matches('.')
        .replace("app-config", "appconfig");
    let stem = stem.replace("app_config", "appconfig");
    let words: Vec<&str> = stem
        .split(['.', '-', '_'])
        .filter(|word| !word.is_empty())
        .collect();
    let first = *words.first()?;
    let is_deploy = |word: &&str| DEPLOYS.contains(word);
    let is_rest = |word: &&str| {
        is_deploy(word)
            || matches!(
                *word,
                "example" | "sample" | "template" | "dist" | "default" | "local"
            )
    };
    let rest = words.get(1..).unwrap_or_default();
    if CONFIG_WORDS.contains(&first) && rest.iter().all(is_rest) {
        return Some(format);
    }
    // `production.config.json`
    if is_deploy(&first) && rest.len() == 1 && CONFIG_WORDS.contains(rest.first()?) {
        return Some(format);
    }
    let in_config = folders
        .iter()
        .rev()
        .take(2)
        .any(|folder| CONFIG_FOLDERS.contains(folder));
    let known = stem == "custom-environment-variables"
        || ((IN_FOLDER.contains(&first) || is_deploy(&first)) && rest.iter().all(is_rest));
    (in_config && known).then_some(format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_config_is_recognised() {
        for path in [
            "config/default.json",
            "config/production.yml",
            "config/env/staging.json",
            "config/custom-environment-variables.json",
            "config.json",
            "api/config.example.json",
            "src/main/resources/application-prod.properties",
            "appsettings.Production.json",
            "settings.prod.toml",
            ".secrets.toml",
            "app-config.production.yaml",
            "config/database.yml",
        ] {
            assert!(format_of(path).is_some(), "{path}");
        }
        for path in [
            "package.json",
            "tsconfig.json",
            ".vscode/settings.json",
            ".circleci/config.yml",
            "src/locales/config.json",
            "data/products.json",
            "config/locales/en.yml",
            "config/jest.json",
            "nest-cli.json",
            "config/webpack.config.json",
            "settings.py",
            "config/routes.yml",
        ] {
            assert!(format_of(path).is_none(), "{path}");
        }
    }
}

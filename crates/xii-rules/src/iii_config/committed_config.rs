//! The config of a deploy is committed to the code base.
//!
//! ## What it looks for
//!
//! Files under version control that hold values of one deploy: a `.env` with hosts, locators or
//! credentials, `config/production.json`, `application-prod.yml`, `settings/production.py` with
//! literals. Templates (`.env.example`) are fine, and so are files whose values are not config of
//! deploys. Values that point at the developer's own machine count less.
//!
//! ## Why it matters
//!
//! A deploy's config in the code base ties every build to that deploy, gives its secrets to all who
//! can read the code, and makes a changed host or password a commit. The manifesto's test: could the
//! code be made open source now, without giving away a credential?
//!
//! ## What to do instead
//!
//! Keep the names in a template, and the values in the environment of each deploy:
//!
//! ```sh
//! git rm --cached .env
//! echo .env >> .gitignore
//! cp .env .env.example   # then empty the values
//! ```

use xii_model::{
    App, Confidence, ConfigFile, ConfigFileKind, DeclarationSource, Fact, FileClass, Locator,
    Severity,
};

use crate::{Claims, Rule, credentials, deploy_names, places, wording};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "committed-config",
    criteria: &["III.6"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut found = false;
    for file in app.facts.config_files.iter().filter(|file| speaks_of(file)) {
        let Some((severity, confidence)) = judge(app, file) else {
            continue;
        };
        found = true;
        let deploy = match file.environment.as_deref() {
            Some(name) => format!("the {name} deploy's config"),
            None => "config of a deploy".to_owned(),
        };
        let message = if file.deploy_keys.is_empty() {
            "a `.env` file is under version control: it holds nothing of a deploy now, and is where such values are put next".to_owned()
        } else {
            format!(
                "{deploy} is under version control ({}): every build is tied to it, and all who can read the code can read its values",
                wording::list(&file.deploy_keys, 4)
            )
        };
        let draft = claims.finding(&file.at, message);
        if file.deploy_keys.is_empty() {
            draft.strict();
        }
        draft
            .severity(severity)
            .confidence(confidence)
            .subject(places::file_name(&file.at.path))
            .help(help(file));
    }
    if !found {
        holds(app, claims);
    }
}

fn speaks_of(file: &Fact<ConfigFile>) -> bool {
    file.tracked == Some(true)
        && !file.template
        && !matches!(
            file.scope.class,
            FileClass::Template
                | FileClass::Example
                | FileClass::Documentation
                | FileClass::Test
                | FileClass::Vendored
                | FileClass::Generated
        )
}

fn judge(app: &App, file: &Fact<ConfigFile>) -> Option<(Severity, Confidence)> {
    let path = &file.at.path;
    let for_development = deploy_names::named_for_development(path)
        || file
            .environment
            .as_deref()
            .is_some_and(deploy_names::is_development_name);
    let for_production = file
        .environment
        .as_deref()
        .is_some_and(deploy_names::is_production_name);
    if file.deploy_keys.is_empty() {
        // `.env` is where deploy config ends up, so even a harmless one is worth a word to some.
        return (places::file_name(path) == ".env" && !for_development && file.keys > 0)
            .then_some((Severity::Note, Confidence::Low));
    }
    if for_development {
        return (file.kind == ConfigFileKind::Env).then_some((Severity::Note, Confidence::Low));
    }
    let secret = credentials::is_in(app, path);
    match file.kind {
        ConfigFileKind::Env if only_local(app, file) && !secret => {
            Some((Severity::Warning, Confidence::Low))
        }
        ConfigFileKind::Env if for_production || secret => {
            Some((Severity::Error, Confidence::High))
        }
        ConfigFileKind::Env => Some((Severity::Error, Confidence::Medium)),
        ConfigFileKind::Data | ConfigFileKind::Code if for_production => Some((
            if secret {
                Severity::Error
            } else {
                Severity::Warning
            },
            if secret {
                Confidence::High
            } else {
                Confidence::Medium
            },
        )),
        // Without a deploy in its name it may be a layer of defaults.
        ConfigFileKind::Data | ConfigFileKind::Code => None,
    }
}

/// Whether every value that looks like deploy config points at the developer's machine. A value that
/// is not known may point anywhere.
fn only_local(app: &App, file: &Fact<ConfigFile>) -> bool {
    file.deploy_keys.iter().all(|key| {
        let declared = app.facts.declarations.iter().find(|one| {
            one.source == DeclarationSource::EnvFile
                && one.at.path == file.at.path
                && one.name == *key
        });
        match declared.and_then(|one| one.value.as_deref()) {
            Some(value) => value
                .split([',', ' '])
                .map(|one| one.trim_matches(['[', ']', '"', '\'']))
                .all(is_local),
            None => credentials::host_in(app, &file.at.path, key)
                .is_some_and(|host| places::is_local_host(&host)),
        }
    })
}

fn is_local(value: &str) -> bool {
    match Locator::parse(value) {
        Some(locator) => places::is_local_host(&locator.host) || locator.is_example(),
        None => places::is_local_host(value),
    }
}

fn holds(app: &App, claims: &mut Claims<'_>) {
    let ignored = app.facts.ignore_lists.iter().find(|list| {
        list.name == ".gitignore"
            && list.patterns.iter().any(|pattern| {
                let pattern = pattern.trim_start_matches("**/").trim_matches('/');
                matches!(pattern, ".env" | ".env*" | "*.env" | ".env.*")
            })
    });
    let template = app
        .facts
        .declarations
        .iter()
        .find(|one| one.source == DeclarationSource::EnvTemplate);
    if app.git.is_none() {
        claims.could_not_tell(
            "III.6",
            "the app is not under git, so nothing says what is committed",
        );
    } else if let Some(list) = ignored {
        claims.holds(
            "III.6",
            "`.env` is kept out of version control, and no deploy's config is in it",
            &list.at,
        );
    } else if let Some(one) = template {
        claims.holds(
            "III.6",
            "the variables stand in a template, and no deploy's config is committed",
            &one.at,
        );
    }
}

fn help(file: &Fact<ConfigFile>) -> String {
    let path = &file.at.path;
    match file.kind {
        ConfigFileKind::Env => format!(
            "keep the names in a template and the values in each deploy's environment:\n    git rm --cached {path}\n    echo {} >> .gitignore\nCredentials that were in it stay in the history: replace them at their issuer",
            places::file_name(path)
        ),
        ConfigFileKind::Data | ConfigFileKind::Code => format!(
            "move the values ({}) to variables that each deploy sets, and read those in one config file for all deploys",
            wording::list(&file.deploy_keys, 4)
        ),
    }
}

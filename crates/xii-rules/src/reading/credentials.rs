//! How bad and how sure it is that a text is a credential that opens something.

use xii_model::{App, Confidence, Fact, FileClass, Locator, SecretLiteral, Severity, ToldBy};

use crate::{config_names, deploy_names, places};

/// How bad and how sure; `None` when it is nothing to speak of, or for another rule.
pub(crate) fn judge(app: &App, secret: &Fact<SecretLiteral>) -> Option<(Severity, Confidence)> {
    use Confidence::{High, Low, Medium};
    use Severity::{Error, Note, Warning};
    if secret.placeholder {
        return None;
    }
    let path = &secret.at.path;
    let known_format = secret.told_by == ToldBy::Format || secret.told_by == ToldBy::PrivateKey;
    if secret.overridden && !known_format {
        return None;
    }
    match secret.scope.class {
        FileClass::Generated | FileClass::Vendored => return None,
        FileClass::Test | FileClass::Example | FileClass::Documentation | FileClass::Template => {
            return (secret.told_by == ToldBy::Format).then_some((Warning, Low));
        }
        FileClass::Migration if !known_format => return None,
        FileClass::Source | FileClass::Tooling | FileClass::Migration => {}
    }
    let named_for_tests = is_for_tests(secret);
    if known_format {
        // Google's browser keys are public by design; what guards them is a list of allowed sites.
        let public = secret.scope.browser && secret.kind.to_ascii_lowercase().contains("google");
        return Some(match public {
            true => (Note, Low),
            // A key that a script or a test stand brings along may open nothing else.
            false if secret.scope.class == FileClass::Tooling => (Error, Medium),
            false => (Error, High),
        });
    }
    // What an enum's member stands for is an identifier, however random it looks.
    if secret
        .name
        .as_deref()
        .is_some_and(|name| is_member(path, name))
    {
        return None;
    }
    if places::is_pipeline(path) || secret.scope.browser || named_for_tests {
        return (secret.told_by == ToldBy::Entropy).then_some((Warning, Low));
    }
    if secret.scope.development || secret.refused_in_production {
        return None;
    }
    if deploy_names::named_for_development(path) {
        let random = secret.told_by == ToldBy::Entropy && !places::is_env_file(path);
        return Some(if random {
            (Warning, Medium)
        } else {
            (Note, Low)
        });
    }
    let tooling = secret.scope.class == FileClass::Tooling;
    // The values that compose gives to the databases that it starts are local to that machine.
    let local_compose = places::is_compose(path) && !deploy_names::named_for_production(path);
    match secret.told_by {
        ToldBy::UrlPassword => match host_of(app, secret) {
            _ if is_remark(secret) || is_page(path) => None,
            Some(host) if is_example_host(&host) => None,
            Some(host) if places::is_local_host(&host) => Some((Note, Low)),
            _ if local_compose || tooling => Some((Warning, Low)),
            Some(_) => Some((Error, High)),
            None => Some((Error, Medium)),
        },
        ToldBy::Entropy if tooling || local_compose => Some((Warning, Medium)),
        ToldBy::Entropy => {
            let name = secret.name.as_deref().unwrap_or_default();
            if replaced_in_production(app, secret) {
                return Some((Warning, Low));
            }
            // A settings module for production beside it may replace the value in a way that is not
            // followed, such as reading a file.
            let sure = says_secret(name)
                && !read_elsewhere(app, secret)
                && !beside_production(app, secret);
            Some(match (ends_as_key(name), sure) {
                (true, true) => (Error, High),
                (true, false) => (Error, Medium),
                (false, _) => (Warning, Low),
            })
        }
        // A `.env` file with a chosen password is one finding: `committed-config`.
        ToldBy::Name if tooling || local_compose || places::is_env_file(path) => Some((Note, Low)),
        ToldBy::Name => {
            let plain = secret.name.as_deref().is_some_and(ends_as_secret);
            // Beside a variable of the same name it is a default, or what the start refuses.
            let sure = plain && !is_variable(app, secret);
            // A name such as `CACHE_KEY` speaks of many things besides credentials.
            plain.then_some(if sure {
                (Error, Medium)
            } else {
                (Warning, Low)
            })
        }
        ToldBy::Format | ToldBy::PrivateKey => None,
    }
}

/// Whether another file reads a variable for the same value, as a settings file for production does
/// over one with the common settings.
fn read_elsewhere(app: &App, secret: &Fact<SecretLiteral>) -> bool {
    let Some(name) = &secret.name else {
        return false;
    };
    let variable = config_names::variable_name(name);
    app.facts.env_reads.iter().any(|read| {
        read.scope.is_deployed()
            && read.at.path != secret.at.path
            && read.name.to_ascii_uppercase().ends_with(&variable)
    })
}

/// Whether a settings file for production beside this one reads a variable for the same value, so that
/// what stands here serves development alone.
fn replaced_in_production(app: &App, secret: &Fact<SecretLiteral>) -> bool {
    let folder = |path: &str| {
        path.rsplit_once('/')
            .map_or("", |(folder, _)| folder)
            .to_owned()
    };
    let Some(name) = &secret.name else {
        return false;
    };
    let variable = config_names::variable_name(name);
    app.facts.env_reads.iter().any(|read| {
        deploy_names::named_for_production(&read.at.path)
            && folder(&read.at.path) == folder(&secret.at.path)
            && read.name.to_ascii_uppercase().ends_with(&variable)
    })
}

/// Whether a settings module for production stands in the same folder as the Python module with the
/// secret.
fn beside_production(app: &App, secret: &Fact<SecretLiteral>) -> bool {
    let Some((folder, _)) = secret.at.path.rsplit_once('/') else {
        return false;
    };
    secret.at.path.ends_with(".py")
        && app.files.iter().any(|file| {
            file.path.ends_with(".py")
                && file
                    .path
                    .rsplit_once('/')
                    .is_some_and(|(other, _)| other == folder)
                && deploy_names::named_for_production(&file.path)
                && file.path != secret.at.path
        })
}

/// Whether the file or the name says that the value is for tests, samples or a developer's tools.
fn is_for_tests(secret: &Fact<SecretLiteral>) -> bool {
    const FOLDERS: [&str; 12] = [
        "seed",
        "seeds",
        "seeders",
        "fixtures",
        "factories",
        "mocks",
        "extra",
        "artifacts",
        "tools",
        "scripts",
        "samples",
        "hack",
    ];
    const WORDS: [&str; 11] = [
        "dummy", "fake", "mock", "test", "example", "sample", "demo", "seed", "seeds", "fixture",
        "reset",
    ];
    let says = |text: &str| {
        text.to_ascii_lowercase()
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| WORDS.contains(&word))
    };
    let path = &secret.at.path;
    path.split('/').any(|part| FOLDERS.contains(&part))
        || says(&places::file_name(path))
        || secret.name.as_deref().is_some_and(says)
        // An option of fetch, not a credential.
        || secret.name.as_deref() == Some("credentials")
}

/// Whether the name is that of an enum's member, such as `OnePassword`, and not of a variable. In data
/// files of .NET names of settings look like that too.
fn is_member(path: &str, name: &str) -> bool {
    let code = [".js", ".mjs", ".cjs", ".ts", ".tsx", ".py"]
        .iter()
        .any(|end| path.ends_with(end));
    code && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().any(|c| c.is_ascii_lowercase())
}

/// Whether a variable of the same name is read or declared.
fn is_variable(app: &App, secret: &SecretLiteral) -> bool {
    secret.name.as_deref().is_some_and(|name| {
        app.facts.env_reads.iter().any(|read| read.name == name)
            || app.facts.declarations.iter().any(|one| one.name == name)
    })
}

/// Whether the line is a comment, where a URL shows a form.
fn is_remark(secret: &Fact<SecretLiteral>) -> bool {
    let line = secret.at.excerpt.trim_start();
    ["*", "//", "#", "/*", "<!--", "--", ";"]
        .iter()
        .any(|mark| line.starts_with(mark))
}

/// Whether the file is a page for a browser, where a URL is a hint in a form.
fn is_page(path: &str) -> bool {
    [".vue", ".svelte", ".html", ".jsx", ".tsx"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// Whether a file holds a credential that is surely one and opens more than the developer's machine.
pub(crate) fn is_in(app: &App, path: &str) -> bool {
    app.facts.secrets.iter().any(|secret| {
        *secret.at.path == *path
            && matches!(
                judge(app, secret),
                Some((Severity::Error, Confidence::High))
            )
    })
}

/// The host that the URL of a name in a file points at, when it holds a password.
pub(crate) fn host_in(app: &App, path: &str, name: &str) -> Option<String> {
    app.facts
        .secrets
        .iter()
        .find(|secret| *secret.at.path == *path && secret.name.as_deref() == Some(name))
        .and_then(|secret| host_of(app, secret))
}

/// The host that a URL with a password names: from the locator in the same line.
fn host_of(app: &App, secret: &Fact<SecretLiteral>) -> Option<String> {
    if let Some(locator) = app
        .facts
        .locators
        .iter()
        .find(|locator| locator.at == secret.at)
        .or_else(|| {
            app.facts
                .locators
                .iter()
                .find(|locator| places::same_line(&locator.at, &secret.at))
        })
    {
        return Some(locator.locator.host.clone());
    }
    let line = secret.at.excerpt.lines().next()?;
    let scheme = line.find("://")?;
    let start = line
        .get(..scheme)?
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)))
        .map_or(0, |at| at + 1);
    let text: String = line
        .get(start..)?
        .chars()
        .take_while(|c| !c.is_whitespace() && !"\"'`,;)".contains(*c))
        .collect();
    let locator = Locator::parse(&text)?;
    text.contains('@').then_some(locator.host)
}

fn is_example_host(host: &str) -> bool {
    Locator::parse(&format!("x://{host}")).is_some_and(|locator| locator.is_example())
        || host.contains(['$', '{', '<', '%'])
        || host.contains(',')
        || ["host", "hostname", "server", "myhost", "your-host"]
            .contains(&host.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// Whether the name leaves no doubt that its value is a credential.
fn says_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "secret",
        "password",
        "passwd",
        "private",
        "apikey",
        "api_key",
        "api-key",
        "access_key",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// Whether the name of a random value ends in a word for what such values are.
fn ends_as_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["key", "token", "pass", "passphrase", "credentials", "salt"]
        .iter()
        .any(|word| name.ends_with(word))
        || ends_as_secret(&name)
}

/// Whether the name ends in a word for a credential: `dbPassword`, not `passwordField`.
fn ends_as_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "password",
        "passwd",
        "pwd",
        "secret",
        "secret_key",
        "secretkey",
        "api_key",
        "apikey",
    ]
    .iter()
    .any(|word| name.ends_with(word))
}

#[cfg(test)]
mod tests {
    use xii_model::{Facts, LocatorLiteral, Scope};

    use super::*;
    use crate::specimen::fact;

    #[test]
    fn only_names_that_end_so_are_sure() {
        assert!(ends_as_secret("dbPassword") && ends_as_secret("SECRET_KEY"));
        assert!(!ends_as_secret("passwordField") && !ends_as_secret("secretName"));
    }

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

    fn judged(fact: Fact<SecretLiteral>, locator: Option<&str>) -> Option<(Severity, Confidence)> {
        let mut facts = Facts::default();
        if let Some(locator) = locator.and_then(Locator::parse) {
            let literal = LocatorLiteral {
                locator,
                name: None,
                overridden: false,
                used_by: None,
            };
            let mut beside = crate::specimen::fact("app.py", 1, literal);
            beside.at = fact.at.clone();
            facts.push(beside);
        }
        judge(
            &App {
                facts,
                ..App::default()
            },
            &fact,
        )
    }

    #[test]
    fn a_password_counts_by_the_host_that_it_opens() {
        let url = || fact("app.py", 1, secret(ToldBy::UrlPassword, "URL"));
        assert_eq!(
            judged(url(), Some("postgres://a@db1.acme-shop.net/x")),
            Some((Severity::Error, Confidence::High))
        );
        assert_eq!(
            judged(url(), Some("postgres://a@db/x")),
            Some((Severity::Note, Confidence::Low))
        );
        assert_eq!(judged(url(), Some("postgres://a@db.example.com/x")), None);
    }

    #[test]
    fn a_member_of_an_enum_is_no_credential() {
        let named = |name| judged(fact("app.ts", 1, secret(ToldBy::Entropy, name)), None);
        assert_eq!(named("OnePassword"), None);
        assert!(named("onePassword").is_some());
    }

    #[test]
    fn tests_placeholders_and_defaults_are_told_apart() {
        let scoped = |class, told_by| {
            let mut one = fact("app.py", 1, secret(told_by, "api_secret"));
            one.scope = Scope {
                class,
                ..Scope::default()
            };
            judged(one, None)
        };
        assert_eq!(
            scoped(FileClass::Source, ToldBy::Entropy),
            Some((Severity::Error, Confidence::High))
        );
        assert_eq!(scoped(FileClass::Test, ToldBy::Entropy), None);
        assert_eq!(
            scoped(FileClass::Test, ToldBy::Format),
            Some((Severity::Warning, Confidence::Low))
        );
        let mut default = secret(ToldBy::Name, "password");
        default.overridden = true;
        assert_eq!(judged(fact("app.py", 1, default), None), None);
        let mut placeholder = secret(ToldBy::Entropy, "password");
        placeholder.placeholder = true;
        assert_eq!(judged(fact("app.py", 1, placeholder), None), None);
    }
}

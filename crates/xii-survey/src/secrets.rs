//! Secrets that their form alone gives away, in any text file.

use std::sync::LazyLock;

use regex::Regex;
use xii_model::{
    Facts, FileClass, Locator, SecretLiteral, ToldBy, ValueLook, look_of_value, secrets_by_form,
};

use crate::source::Source;

/// More secrets than this in one file are a list of something else.
const MAX_SECRETS: usize = 50;

/// The name that a value is bound to, when it stands just before it.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"([A-Za-z_][A-Za-z0-9_.-]{0,80})["'\]]{0,2}\s*(?::=|=>|[=:])\s*["'`]?$"#)
        .unwrap_or_else(|error| unreachable!("the pattern is constant: {error}"))
});

/// Whether files like this one are looked at although no reader and no language knows them.
pub(crate) fn looks_at(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(
        name.rsplit_once('.').map_or("", |(_, extension)| extension),
        "json"
            | "yml"
            | "yaml"
            | "toml"
            | "ini"
            | "cfg"
            | "conf"
            | "properties"
            | "xml"
            | "pem"
            | "key"
            | "sh"
            | "tf"
            | "tfvars"
            | "env"
            | "go"
            | "rb"
            | "java"
            | "kt"
            | "php"
            | "rs"
            | "cs"
            | "ex"
            | "exs"
            | "vue"
            | "svelte"
            | "html"
    )
}

/// Reads the secrets of a text.
pub(crate) fn read(source: &Source<'_>, facts: &mut Facts) {
    let found = secrets_by_form(source.text);
    // A key has many lines: what form tells of one of them alone is not enough to keep it out of
    // evidence.
    for secret in &found {
        source.mask(secret.bytes.clone());
    }
    if matches!(
        source.class,
        FileClass::Documentation | FileClass::Generated | FileClass::Vendored
    ) {
        return;
    }
    for secret in found.into_iter().take(MAX_SECRETS) {
        let value = source.text.get(secret.bytes.clone()).unwrap_or_default();
        let line = source
            .text
            .get(..secret.bytes.start)
            .and_then(|before| before.rsplit('\n').next());
        let (before, placeholder) = match secret.told_by {
            ToldBy::UrlPassword => {
                let url = line.map(last_word);
                let host = source
                    .text
                    .get(secret.bytes.end..)
                    .and_then(|rest| rest.split(['/', '"', '\'', '`', ' ', '\n']).next());
                let address = Locator::parse(&format!("x://u:p{}", host.unwrap_or_default()));
                let nowhere = address.is_some_and(|locator| locator.is_example());
                let opens_nothing = look_of_value(value) == ValueLook::Placeholder
                    || is_same_as_user(url.unwrap_or_default(), value);
                let before = line
                    .zip(url)
                    .map(|(line, url)| &line[..line.len() - url.len()]);
                (before, nowhere || opens_nothing)
            }
            _ => (line, look_of_value(value) == ValueLook::Placeholder),
        };
        let name = before
            .and_then(|before| NAME.captures(before))
            .map(|found| found[1].to_owned());
        facts.push(source.fact(
            secret.place,
            SecretLiteral {
                kind: secret.kind.to_owned(),
                name,
                told_by: secret.told_by,
                overridden: false,
                refused_in_production: false,
                placeholder,
            },
        ));
    }
}

/// What follows the last blank, quote, bracket or equals sign of a line.
fn last_word(line: &str) -> &str {
    let start = line.rfind(|c: char| "\"'`= \t(".contains(c));
    line.get(start.map_or(0, |at| at + 1)..).unwrap_or_default()
}

/// `postgres:postgres`, `root:root`, `user:user`: the password that everyone tries first.
fn is_same_as_user(url: &str, password: &str) -> bool {
    let user = url
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split(':').next());
    user == Some(password)
}

/// Leaves one fact where several ways told the same secret: what is told by form outranks what is
/// told by name.
pub(crate) fn deduplicate(facts: &mut Facts) {
    let rank = |told_by: ToldBy| match told_by {
        ToldBy::Format | ToldBy::PrivateKey => 0,
        ToldBy::UrlPassword => 1,
        ToldBy::Entropy => 2,
        ToldBy::Name => 3,
    };
    // What a language knows of the surroundings (a default, a branch) goes with the one that stays.
    facts.secrets.sort_by(|a, b| {
        (&a.at.path, a.at.start.line, rank(a.what.told_by)).cmp(&(
            &b.at.path,
            b.at.start.line,
            rank(b.what.told_by),
        ))
    });
    facts.secrets.dedup_by(|later, first| {
        let same = later.at.path == first.at.path && later.at.start.line == first.at.start.line;
        if same {
            first.what.overridden |= later.what.overridden;
            first.what.refused_in_production |= later.what.refused_in_production;
            first.what.placeholder |= later.what.placeholder && later.what.told_by != ToldBy::Name;
            if first.what.name.is_none() {
                first.what.name = later.what.name.take();
            }
            if first.scope.function.is_none() && later.scope != xii_model::Scope::default() {
                first.scope = later.scope.clone();
            }
        }
        same
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(path: &str, text: &str) -> Vec<String> {
        let path = path.into();
        let mut facts = Facts::default();
        read(
            &Source::new(&path, text, crate::classify::by_path(&path), None),
            &mut facts,
        );
        facts
            .secrets
            .iter()
            .map(|one| format!("{one:?} | {}", one.at.excerpt))
            .collect()
    }

    #[test]
    fn the_name_is_told_and_the_value_is_not() {
        let found = read_all("a.yml", "db:\n  url: postgres://app:Zk3kd9@db.internal/x\n");
        assert_eq!(
            found,
            [
                "a.yml:2:23 SecretLiteral { kind: \"password in a URL\", name: Some(\"url\"), told_by: UrlPassword, overridden: false, refused_in_production: false, placeholder: false } |   url: postgres://app:******@db.internal/x"
            ]
        );
        assert!(
            read_all("a.yml", "url: postgres://postgres:postgres@db/x")[0]
                .contains("placeholder: true")
        );
        let key = format!(
            "-----BEGIN RSA PRIVATE KEY-----\n{0}\n{0}\n-----END RSA PRIVATE KEY-----\n",
            "MIIEvQIB".repeat(8)
        );
        let found = read_all("server.key", &key);
        assert!(found.len() == 1 && !found[0].contains("MIIE"), "{found:?}");
        assert!(read_all("README.md", "postgres://app:Zk3kd9@db.internal/x").is_empty());
    }
}

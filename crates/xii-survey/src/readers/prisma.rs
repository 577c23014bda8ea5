//! schema.prisma: which database, and where its locator comes from.

use std::ops::Range;

use xii_model::{EnvRead, EnvValue, Facts, Origin, ResourceClient, ResourceKind, Setting};

use super::reader::{Reader, file_name};
use super::value;
use crate::source::Source;

pub(super) static READER: Reader = Reader {
    name: "schema.prisma",
    recognises: |path| file_name(path).ends_with(".prisma"),
    read,
};

/// A line of the datasource's block: key, value and place.
struct Line<'a> {
    key: &'a str,
    given: &'a str,
    place: Range<usize>,
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let Some(lines) = datasource(source.text) else {
        return;
    };
    let find = |key: &str| lines.iter().find(|line| line.key == key);
    let Some(provider) = find("provider") else {
        return;
    };
    let Some(name) = string(provider.given) else {
        return source.unread(
            facts,
            provider.place.start,
            "the datasource's provider is not a string, so its kind is not known",
        );
    };
    let kind = match name {
        "cockroachdb" => ResourceKind::Postgres,
        other => ResourceKind::from_scheme(other).unwrap_or(ResourceKind::Sql),
    };
    let url = find("url");
    if let Some(url) = url
        && let Some(text) = string(url.given)
    {
        value::mask(source, "url", text, url.place.clone());
    }
    let variable = url.and_then(|url| variable(url.given));
    let locator = match (url, variable) {
        (_, Some(name)) => Origin::Env(EnvValue {
            name: name.to_owned(),
            default: None,
        }),
        (Some(url), None) => string(url.given)
            .and_then(|text| value::quotable(source, "url", text))
            .map_or(Origin::Computed, Origin::Literal),
        // Since version 7 the address stands in prisma.config.ts.
        (None, None) => Origin::Config("prisma.config.ts".to_owned()),
    };
    let place = url.unwrap_or(provider).place.clone();
    let at = source.evidence(place.clone());
    if let Some(name) = variable {
        let read = EnvRead {
            name: name.to_owned(),
            default: Origin::Absent,
            // The client checks it, but at its first query: a server listens until then.
            required: None,
            checked: true,
            through: "prisma",
        };
        facts.push(source.fact_at(at.clone(), read));
    }
    let client = ResourceClient {
        kind,
        library: "prisma".to_owned(),
        locator,
        timeout: Setting::Unknown,
        // The engine pools and reconnects by itself.
        pool: Setting::DefaultGood,
        retry: Setting::DefaultGood,
        per_request: false,
    };
    facts.push(source.fact_at(at, client));
    if let Some(url) = url
        && let Some(text) = string(url.given)
    {
        value::push_literals(source, facts, "url", text, place);
    }
}

/// The lines of the first `datasource name { … }`.
fn datasource(text: &str) -> Option<Vec<Line<'_>>> {
    let mut lines: Option<Vec<Line<'_>>> = None;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let code = line.trim();
        if code.starts_with("//") {
            continue;
        }
        match &mut lines {
            None if code.starts_with("datasource ") && code.ends_with('{') => {
                lines = Some(Vec::new());
            }
            None => {}
            Some(_) if code.starts_with('}') => break,
            Some(found) => {
                if let Some((key, given)) = code.split_once('=') {
                    let lead = line.len() - line.trim_start().len();
                    found.push(Line {
                        key: key.trim(),
                        given: given.trim(),
                        place: start + lead..start + lead + code.len(),
                    });
                }
            }
        }
    }
    lines
}

/// The text of a string literal.
fn string(given: &str) -> Option<&str> {
    given.strip_prefix('"')?.split('"').next()
}

/// The variable in `env("X")`.
fn variable(given: &str) -> Option<&str> {
    string(given.strip_prefix("env(")?.trim_start()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn a_locator_from_the_environment_and_a_literal_one_are_told_apart() {
        let facts = read_text(
            &READER,
            "prisma/schema.prisma",
            "generator client {\n  provider = \"prisma-client-js\"\n}\n\ndatasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\") // main\n}\n",
        );
        assert_eq!(
            facts.lines(),
            [
                r#"prisma/schema.prisma:7:3 EnvRead { name: "DATABASE_URL", default: Absent, required: None, checked: true, through: "prisma" }"#,
                r#"prisma/schema.prisma:7:3 ResourceClient { kind: Postgres, library: "prisma", locator: Env(EnvValue { name: "DATABASE_URL", default: None }), timeout: Unknown, pool: DefaultGood, retry: DefaultGood, per_request: false }"#,
            ]
        );
        let facts = read_text(
            &READER,
            "schema.prisma",
            "datasource db {\n  provider = \"mysql\"\n  url = \"mysql://root:hunter2@db/x\"\n}\n",
        );
        assert_eq!(
            facts.resource_clients[0].locator,
            Origin::Literal("mysql://root:***@db/x".to_owned())
        );
        assert_eq!((facts.secrets.len(), facts.locators.len()), (1, 1));
        assert!(!facts.secrets[0].at.excerpt.contains("hunter2"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|["={}\n]|env\("|url = |provider = ){0,60}"#) {
            let text = format!("datasource db {{\n{text}");
            read_text(&READER, "schema.prisma", &text);
        }
    }
}

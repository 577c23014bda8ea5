//! Files of config values: `config/production.json`, `application-prod.yml`, `appsettings.json` …

use std::ops::Range;

use xii_model::{
    ConfigDeclaration, ConfigFile, ConfigFileKind, DeclarationSource, EnvRead, Facts, Origin,
};

use super::config_files::{Format, format_of};
use super::reader::{Reader, file_name};
use super::{environment_name, properties, value};
use crate::document::{self, Node, Value};
use crate::source::Source;

pub(super) static READER: Reader = Reader {
    name: "config data",
    recognises: |path| format_of(path).is_some(),
    read,
};

/// A larger file is data and not somebody's settings.
const MAX_SIZE: usize = 256 << 10;

/// How many of the keys above a value its name is made of, and how many characters of each.
const NAME_PARTS: usize = 4;
const NAME_CHARACTERS: usize = 60;

/// A value with its name, the keys above it joined with dots.
struct Leaf {
    name: String,
    text: String,
    /// The key and the value.
    place: Range<usize>,
    /// The value.
    span: Range<usize>,
    /// It stands in a section for development or tests: `{"development": {…}}`.
    development: bool,
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let Some(format) = format_of(source.path).filter(|_| source.text.len() <= MAX_SIZE) else {
        return;
    };
    let mut leaves = Vec::new();
    match format {
        Format::Json => match document::json(source.text) {
            Ok(root) => gather(&root, &mut leaves),
            Err(error) => return source.unread(facts, error.offset, error.message),
        },
        Format::Toml => match document::toml(source.text) {
            Ok(root) => gather(&root, &mut leaves),
            Err(error) => return source.unread(facts, error.offset, error.message),
        },
        Format::Yaml => {
            let (documents, error) = document::yaml(source.text);
            if let Some(error) = error {
                source.unread(facts, error.offset, error.message);
            }
            documents.iter().for_each(|root| gather(root, &mut leaves));
        }
        Format::Properties => {
            leaves.extend(properties::entries(source.text).map(|entry| Leaf {
                name: entry.key.to_owned(),
                text: entry.value.to_owned(),
                place: entry.place.start..entry.value_span.end,
                span: entry.value_span,
                development: false,
            }));
        }
    }
    if leaves.is_empty() {
        return;
    }
    for leaf in &leaves {
        value::mask(source, &leaf.name, &leaf.text, leaf.span.clone());
    }
    let name = file_name(source.path);
    if name.starts_with("custom-environment-variables") {
        return mapped_variables(source, facts, &leaves);
    }
    let given = |leaf: &&Leaf| !leaf.text.trim().is_empty() && !value::is_reference(&leaf.text);
    let template = name
        .split(['.', '-', '_'])
        .any(|word| matches!(word, "example" | "sample" | "template" | "dist" | "tmpl"));
    facts.push(
        source.fact_of_file(ConfigFile {
            environment: environment_name::of(source.path),
            kind: ConfigFileKind::Data,
            tracked: source.tracked,
            template,
            keys: leaves.iter().filter(given).count(),
            deploy_keys: leaves
                .iter()
                .filter(given)
                .filter(|leaf| value::is_deploy_value(&leaf.name, &leaf.text))
                .map(|leaf| leaf.name.clone())
                .collect(),
        }),
    );
    for leaf in leaves.iter().filter(|_| !template) {
        push_leaf(source, facts, leaf);
    }
}

fn push_leaf(source: &Source<'_>, facts: &mut Facts, leaf: &Leaf) {
    // Sequelize takes the address from the variable that is named here.
    if leaf.name.ends_with("use_env_variable") {
        let read = EnvRead {
            name: leaf.text.clone(),
            default: Origin::Absent,
            required: None,
            checked: false,
            through: "sequelize",
        };
        facts.push(source.fact(leaf.place.clone(), read));
        return;
    }
    let (secrets, locators) = (facts.secrets.len(), facts.locators.len());
    value::push_literals(source, facts, &leaf.name, &leaf.text, leaf.place.clone());
    if leaf.development {
        let secrets = facts.secrets.iter_mut().skip(secrets);
        secrets.for_each(|fact| fact.scope.development = true);
        let locators = facts.locators.iter_mut().skip(locators);
        locators.for_each(|fact| fact.scope.development = true);
    }
}

/// The scalars of a document; nothing of one that another tool reads.
fn gather(root: &Node, leaves: &mut Vec<Leaf>) {
    let of_another_tool = [
        "openapi",
        "swagger",
        "compilerOptions",
        "$schema",
        "apiVersion",
    ]
    .iter()
    .any(|key| root.get(key).is_some());
    let is_workflow = root.get("jobs").is_some()
        || root.get("services").is_some_and(|services| {
            services
                .entries()
                .iter()
                .any(|one| one.value.get("image").is_some() || one.value.get("build").is_some())
        });
    if !of_another_tool && !is_workflow {
        walk(root, &mut Vec::new(), leaves);
    }
}

/// Recursion goes no deeper than a document may nest.
fn walk<'a>(node: &'a Node, path: &mut Vec<&'a str>, leaves: &mut Vec<Leaf>) {
    for entry in node.entries() {
        path.push(&entry.key);
        match &entry.value.value {
            Value::Map(_) => walk(&entry.value, path, leaves),
            Value::List(items) => {
                for item in items {
                    match leaf(item, path, item.span.start) {
                        Some(leaf) => leaves.push(leaf),
                        None => walk(item, path, leaves),
                    }
                }
            }
            _ => leaves.extend(leaf(&entry.value, path, entry.key_span.start)),
        }
        path.pop();
    }
}

fn leaf(node: &Node, path: &[&str], start: usize) -> Option<Leaf> {
    let text = node.as_text()?.into_owned();
    let kept = path.get(path.len().saturating_sub(NAME_PARTS)..)?;
    let name: Vec<String> = kept
        .iter()
        .map(|part| part.chars().take(NAME_CHARACTERS).collect())
        .collect();
    Some(Leaf {
        name: name.join("."),
        text,
        // An alias's value stands elsewhere, perhaps before its key.
        place: start.min(node.span.start)..node.span.end,
        span: node.span.clone(),
        development: path.first().is_some_and(|section| {
            matches!(
                *section,
                "development" | "dev" | "test" | "testing" | "local"
            )
        }),
    })
}

/// node-config's map from its keys to variables: each value is the name of a variable that it reads.
fn mapped_variables(source: &Source<'_>, facts: &mut Facts, leaves: &[Leaf]) {
    for leaf in leaves {
        // `{"__name": "PORT", "__format": "number"}` says how the text is parsed.
        if leaf.name.ends_with("__format") {
            continue;
        }
        let name = leaf.text.trim();
        let valid = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if name.is_empty() || !valid {
            continue;
        }
        let at = source.evidence(leaf.place.clone());
        let declaration = ConfigDeclaration {
            name: name.to_owned(),
            source: DeclarationSource::Platform,
            has_value: false,
            value: None,
            required: Some(false),
            comment: None,
        };
        facts.push(source.fact_at(at.clone(), declaration));
        let read = EnvRead {
            name: name.to_owned(),
            default: Origin::Config(leaf.name.trim_end_matches(".__name").to_owned()),
            required: Some(false),
            checked: false,
            through: "node-config",
        };
        facts.push(source.fact_at(at, read));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn a_config_of_production_is_read() {
        let text = r#"{
  "server": { "port": 8080, "logLevel": "info" },
  "db": { "url": "postgres://app:hunter2@db.acme.io/app", "password": "kf83hf02hHHf93jf0w3jf" },
  "mail": { "host": "smtp.acme.io", "from": "${MAIL_FROM}" },
  "features": ["a", "b"]
}"#;
        let facts = read_text(&READER, "config/production.json", text);
        insta::assert_snapshot!(facts.lines().join("\n"));
        assert!(!format!("{:?}", facts.lines()).contains("hunter2"));
        assert!(
            facts
                .secrets
                .iter()
                .all(|one| !one.at.excerpt.contains("kf83"))
        );
    }

    #[test]
    fn yaml_toml_and_properties_are_read_alike() {
        for (path, text) in [
            (
                "src/main/resources/application-prod.yml",
                "db:\n  host: db.acme.io\n",
            ),
            ("settings.prod.toml", "[db]\nhost = 'db.acme.io'\n"),
            (
                "src/main/resources/application-prod.properties",
                "# x\ndb.host=db.acme.io\n",
            ),
        ] {
            let facts = read_text(&READER, path, text);
            let file = &facts.config_files[0];
            assert_eq!(file.environment.as_deref(), Some("prod"), "{path}");
            assert_eq!(
                (file.keys, file.deploy_keys.as_slice()),
                (1, &["db.host".to_owned()][..]),
                "{path}"
            );
        }
    }

    #[test]
    fn node_configs_map_declares_variables() {
        let text =
            r#"{"db": {"host": "DB_HOST"}, "port": {"__name": "PORT", "__format": "number"}}"#;
        let facts = read_text(&READER, "config/custom-environment-variables.json", text);
        let names: Vec<_> = facts
            .declarations
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        assert_eq!(names, ["DB_HOST", "PORT"]);
        assert_eq!(
            facts.env_reads[1].default,
            Origin::Config("port".to_owned())
        );
        assert!(facts.config_files.is_empty());
    }

    #[test]
    fn sections_of_deploys_are_told_apart() {
        let text = r#"{"development": {"password": "hunter2"}, "production": {"password": "hunter3", "use_env_variable": "DATABASE_URL"}}"#;
        let facts = read_text(&READER, "config/config.json", text);
        let secrets: Vec<_> = facts
            .secrets
            .iter()
            .map(|one| {
                (
                    one.name.as_deref().unwrap_or_default(),
                    one.scope.development,
                )
            })
            .collect();
        assert_eq!(
            secrets,
            [
                ("development.password", true),
                ("production.password", false)
            ]
        );
        assert_eq!(facts.env_reads[0].name, "DATABASE_URL");
    }

    #[test]
    fn files_of_other_tools_give_nothing() {
        let facts = read_text(
            &READER,
            "config/default.yml",
            "apiVersion: v1\nkind: ConfigMap\ndata: {HOST: x}\n",
        );
        assert_eq!(facts.count(), 0);
        let facts = read_text(&READER, "config/default.yml", "a: [\n");
        assert_eq!((facts.count(), facts.unread.len()), (1, 1));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[{}\[\]":,=\n]|password: |\n  ){0,60}"#) {
            for path in ["config.json", "config.yml", "config.toml", "application.properties"] {
                read_text(&READER, path, &text);
            }
        }
    }
}

//! Recognises compose files and reads them.

use std::collections::HashSet;

use xii_model::{Fact, Facts};

use super::service::{Shared, built_image, read as read_service};
use crate::readers::reader::{Reader, file_name};
use crate::readers::variables::mask_tree;
use crate::readers::{deploy_name, yaml_file};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "compose",
    recognises: |path| variant(&file_name(path)).is_some(),
    read,
};

/// More services than this in one file are not a person's.
const MAX_SERVICES: usize = 500;

/// The variant in a compose file's name: `Some(None)` for `compose.yml`, `Some(Some("prod"))` for
/// `docker-compose.prod.yml` and `prod.compose.yml`; `None` for the name of another file.
fn variant(name: &str) -> Option<Option<String>> {
    let stem = name
        .strip_suffix(".yml")
        .or_else(|| name.strip_suffix(".yaml"))?;
    for word in ["docker-compose", "docker-stack", "compose"] {
        if stem == word {
            return Some(None);
        }
        let marks = ['.', '-', '_'];
        let after = stem
            .strip_prefix(word)
            .and_then(|rest| rest.strip_prefix(marks));
        let before = stem
            .strip_suffix(word)
            .and_then(|rest| rest.strip_suffix(marks));
        if let Some(variant) = after.or(before) {
            return Some(Some(variant.to_owned()));
        }
    }
    None
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let mut own = Facts::default();
    let variant = variant(&file_name(source.path)).flatten();
    let deploy = deploy_name::of_file(variant.as_deref(), source.path);
    for document in yaml_file::documents(source, &mut own) {
        mask_tree(source, &document);
        let Some(services) = document.get("services") else {
            continue;
        };
        let built = services
            .entries()
            .iter()
            .take(MAX_SERVICES)
            .filter_map(|entry| built_image(source, services, &entry.value))
            .collect();
        let shared = Shared {
            services,
            variant: variant.clone(),
            deploy,
            built,
        };
        for entry in services.entries().iter().take(MAX_SERVICES) {
            if !entry.value.entries().is_empty() {
                read_service(source, entry, &shared, &mut own);
            }
        }
    }
    once(&mut own.declarations);
    once(&mut own.secrets);
    once(&mut own.buffering);
    once(&mut own.health);
    once(&mut own.proxy_settings);
    deploy_name::scope(&mut own, deploy);
    facts.append(own);
}

/// Services that share lines through an anchor say the same of them: one fact stays for each app.
fn once<T>(facts: &mut Vec<Fact<T>>) {
    let mut seen = HashSet::new();
    facts.retain(|fact| seen.insert((fact.at.start, fact.at.end, fact.belongs.clone())));
}

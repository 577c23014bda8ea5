//! `[prove]`: what cannot be inferred about proving the app.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use xii_probes::{Auth, Settings, Stand};
use xii_survey::document::{Entry, Node};

use super::faults::Faults;

/// Keys of `[prove]`.
const PROVE: [&str; 11] = [
    "build",
    "build-within",
    "start-within",
    "scenario",
    "env",
    "resources",
    "auth",
    "idempotent",
    "deploys",
    "tools",
    "folders",
];
/// Keys of `[prove.resources.NAME]`.
const RESOURCE: [&str; 4] = ["locator", "command", "kind", "none"];
/// Keys of `[prove.auth]`.
const AUTH: [&str; 8] = [
    "secret", "issuer", "audience", "subject", "roles", "role", "header", "claims",
];
/// The longest time that anything may be given.
const LONGEST: Duration = Duration::from_secs(7200);
const SHORTEST: Duration = Duration::from_millis(100);

/// Reads the table.
pub(super) fn prove(root: &Node, faults: &mut Faults<'_>) -> Settings {
    let mut settings = Settings::default();
    let Some(node) = root.get("prove") else {
        return settings;
    };
    let entries = faults.table(Some(node), "`[prove]`");
    faults.keys(entries, &PROVE, "`[prove]`");
    if node.get("build").is_some() {
        settings.build = Some(one_or_more(node.get("build"), "a command", faults));
    }
    let mut time = |key, known: Duration| {
        faults
            .duration(node.get(key), SHORTEST..=LONGEST)
            .unwrap_or(known)
    };
    settings.build_within = time("build-within", settings.build_within);
    settings.start_within = time("start-within", settings.start_within);
    settings.scenario = one_or_more(
        node.get("scenario"),
        "the path of a file of requests, relative to the app's folder",
        faults,
    )
    .into_iter()
    .map(PathBuf::from)
    .collect();
    settings.env = texts(node.get("env"), "`[prove.env]`", faults);
    for entry in faults.table(node.get("resources"), "`[prove.resources]`") {
        if let Some(stand) = stand(entry, faults) {
            settings.resources.insert(entry.key.clone(), stand);
        }
    }
    settings.auth = node.get("auth").map(|node| auth(node, faults));
    settings.idempotent = faults.texts(
        node.get("idempotent"),
        "a request, such as \"POST /orders\"",
    );
    settings.deploys = texts(node.get("deploys"), "`[prove.deploys]`", faults)
        .into_iter()
        .map(|(name, path)| (name, PathBuf::from(path)))
        .collect();
    settings.tools = faults.texts(node.get("tools"), "a program's name");
    settings.folders = faults.texts(node.get("folders"), "a folder, relative to the app's");
    settings
}

/// A text, or a list of them.
fn one_or_more(node: Option<&Node>, wanted: &str, faults: &mut Faults<'_>) -> Vec<String> {
    match node {
        Some(one) if one.as_str().is_some() => faults.text(node, wanted).into_iter().collect(),
        _ => faults.texts(node, wanted),
    }
}

/// A table of texts.
fn texts(node: Option<&Node>, place: &str, faults: &mut Faults<'_>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for entry in faults.table(node, place) {
        match entry.value.as_text() {
            Some(text) => {
                all.insert(entry.key.clone(), text.into_owned());
            }
            None => faults.add(entry.value.span.clone(), "this wants a text"),
        }
    }
    all
}

/// What stands for a resource: exactly one of the keys says it.
fn stand(entry: &Entry, faults: &mut Faults<'_>) -> Option<Stand> {
    let node = &entry.value;
    let place = format!("`[prove.resources.{}]`", entry.key);
    faults.keys(node.entries(), &RESOURCE, &place);
    let locator = faults.text(
        node.get("locator"),
        "a locator, such as \"redis://localhost:6379\"",
    );
    let command = faults.text(node.get("command"), "a command that listens on PORT");
    let kind = faults.text(node.get("kind"), "a kind, such as \"redis\"");
    let none = faults.boolean(node.get("none")).filter(|none| *none);
    let said = [
        locator.map(Stand::Locator),
        command.map(Stand::Command),
        kind.map(Stand::Kind),
        none.map(|_| Stand::Nothing),
    ];
    let mut said: Vec<Stand> = said.into_iter().flatten().collect();
    if said.len() != 1 {
        faults.add(
            entry.key_span.clone(),
            format!("{place} wants one of `locator`, `command`, `kind` or `none = true`"),
        );
        return None;
    }
    said.pop()
}

fn auth(node: &Node, faults: &mut Faults<'_>) -> Auth {
    let entries = faults.table(Some(node), "`[prove.auth]`");
    faults.keys(entries, &AUTH, "`[prove.auth]`");
    let mut text = |key, wanted| faults.text(node.get(key), wanted);
    Auth {
        secret: text("secret", "the name of the variable that holds the key"),
        issuer: text("issuer", "the `iss` claim"),
        audience: text("audience", "the `aud` claim"),
        subject: text("subject", "the `sub` claim"),
        roles: text("roles", "the name of the claim that lists roles"),
        role: text("role", "a role"),
        header: text("header", "a header's name"),
        claims: texts(node.get("claims"), "`[prove.auth.claims]`", faults),
    }
}

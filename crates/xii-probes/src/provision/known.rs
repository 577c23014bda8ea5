//! Everything that the facts say of one variable.

use std::collections::BTreeMap;

use xii_model::{
    App, ConfigDeclaration, DeclarationSource, EnvRead, Fact, FileClass, Origin, ResourceClient,
    ResourceKind, is_secret_name,
};

use super::given::Needed;
use super::written::Written;

/// A variable that the app reads, or that is declared.
pub(super) struct Known<'a> {
    pub(super) name: &'a str,
    /// Where deployed code reads it.
    reads: Vec<&'a Fact<EnvRead>>,
    declarations: Vec<&'a Fact<ConfigDeclaration>>,
    /// Clients of resources whose locator it is.
    clients: Vec<&'a Fact<ResourceClient>>,
    /// Where a check at start names it that stops the start.
    checked: Option<String>,
    /// Values that stand in its declarations, secrets left out; the most telling first.
    pub(super) examples: Vec<Example>,
}

/// A value that a declaration has for a variable.
#[derive(Clone)]
pub(super) struct Example {
    pub(super) value: String,
    /// The file and line.
    pub(super) place: String,
    pub(super) source: DeclarationSource,
    /// It stands for a value that is still to be given.
    pub(super) placeholder: bool,
}

/// The most variables that are looked at.
const MOST: usize = 2_000;

/// What is known of every variable, by its name. Values are read again from the staged folder, since
/// facts hold no credential, and a URL without its query.
pub(super) fn known<'a>(app: &'a App, written: &Written<'_>) -> BTreeMap<&'a str, Known<'a>> {
    let mut all: BTreeMap<&str, Known<'_>> = BTreeMap::new();
    let facts = &app.facts;
    for read in facts.env_reads.iter().filter(|one| one.scope.is_deployed()) {
        if let Some(known) = entry(&mut all, &read.name) {
            known.reads.push(read);
        }
    }
    for declaration in &facts.declarations {
        if !is_of_a_deploy(declaration) {
            continue;
        }
        if let Some(known) = entry(&mut all, &declaration.name) {
            known.declarations.push(declaration);
        }
    }
    for client in facts
        .resource_clients
        .iter()
        .filter(|one| one.scope.is_deployed())
    {
        let Some(name) = client.locator.env() else {
            continue;
        };
        if let Some(known) = entry(&mut all, name) {
            known.clients.push(client);
        }
    }
    for check in facts
        .config_checks
        .iter()
        .filter(|one| one.stops && one.scope.is_deployed())
    {
        for name in &check.names {
            if let Some(known) = entry(&mut all, name) {
                known.checked = Some(place(&check.at));
            }
        }
    }
    for known in all.values_mut() {
        known.declarations.sort_by_key(|one| rank(one.source));
        known.examples = known
            .declarations
            .iter()
            .filter_map(|declaration| written.example(declaration))
            .collect();
    }
    all
}

fn entry<'m, 'a>(
    all: &'m mut BTreeMap<&'a str, Known<'a>>,
    name: &'a str,
) -> Option<&'m mut Known<'a>> {
    // A name that no environment can hold is nobody's variable.
    let valid = !name.is_empty() && !name.contains(['=', '\0']) && name.len() < 256;
    if !valid || (all.len() >= MOST && !all.contains_key(name)) {
        return None;
    }
    Some(all.entry(name).or_insert_with(|| Known {
        name,
        reads: Vec::new(),
        declarations: Vec::new(),
        clients: Vec::new(),
        checked: None,
        examples: Vec::new(),
    }))
}

/// Whether a declaration speaks of what a deploy is given: not of a pipeline's own steps, of tests, of
/// the image that builds the documentation.
fn is_of_a_deploy(declaration: &Fact<ConfigDeclaration>) -> bool {
    let class = matches!(
        declaration.scope.class,
        FileClass::Source | FileClass::Template
    );
    let folders = declaration.at.path.split('/').rev().skip(1);
    let mut beside = folders.flat_map(|folder| folder.split(['-', '_', '.']));
    class
        && declaration.source != DeclarationSource::Pipeline
        && !beside.any(|word| {
            matches!(
                word,
                "docs" | "doc" | "test" | "tests" | "e2e" | "ci" | "examples"
            )
        })
}

/// Whose value counts before whose.
fn rank(source: DeclarationSource) -> u8 {
    match source {
        DeclarationSource::XiiToml => 0,
        DeclarationSource::EnvTemplate => 1,
        DeclarationSource::AppJson => 2,
        DeclarationSource::Platform => 3,
        DeclarationSource::Kubernetes => 4,
        DeclarationSource::Compose => 5,
        DeclarationSource::Dockerfile => 6,
        DeclarationSource::EnvFile => 7,
        DeclarationSource::Pipeline => 8,
    }
}

impl Known<'_> {
    /// Whether deployed code reads it by its name.
    pub(super) fn is_read(&self) -> bool {
        !self.reads.is_empty() || !self.clients.is_empty()
    }

    /// Whether something declares that whoever deploys the app must, or may, give it.
    pub(super) fn is_asked_for(&self) -> bool {
        self.declarations.iter().any(|one| {
            matches!(
                one.source,
                DeclarationSource::XiiToml
                    | DeclarationSource::EnvTemplate
                    | DeclarationSource::AppJson
                    | DeclarationSource::Platform
                    | DeclarationSource::Kubernetes
            ) && one.required != Some(false)
        })
    }

    /// Whether its value is a secret.
    pub(super) fn is_secret(&self) -> bool {
        // `[config.X] secret = true` keeps the value out of the facts.
        let hidden = self.declarations.iter().any(|one| {
            one.source == DeclarationSource::XiiToml && one.has_value && one.value.is_none()
        });
        hidden || (is_secret_name(self.name) && !self.name.ends_with("_ENDPOINT"))
    }

    /// The value that the code uses when it is not set.
    pub(super) fn default(&self) -> Option<&str> {
        self.reads
            .iter()
            .filter_map(|read| match &read.default {
                Origin::Literal(text) => Some(text.as_str()),
                other => other.fallback(),
            })
            .chain(self.clients.iter().filter_map(|one| one.locator.fallback()))
            .find(|text| !text.is_empty())
    }

    /// Whether the code has something to use when it is not set, known or not.
    pub(super) fn has_default(&self) -> bool {
        self.default().is_some() || self.reads.iter().any(|read| read.default != Origin::Absent)
    }

    /// The kind of resource whose locator it is, as a client in the code has it.
    pub(super) fn client_kind(&self) -> Option<&ResourceKind> {
        self.clients.first().map(|client| &client.kind)
    }

    /// Whether the app cannot start without it.
    pub(super) fn needed(&self) -> Needed {
        let says = |wanted: bool| {
            let read = self
                .reads
                .iter()
                .find(|read| read.required == Some(wanted))
                .map(|read| place(&read.at));
            read.or_else(|| {
                let declared = self
                    .declarations
                    .iter()
                    .find(|one| one.required == Some(wanted));
                declared.map(|one| place(&one.at))
            })
        };
        // What a platform is told to ask for may be what the code does without.
        let optional = self.reads.iter().find(|read| read.required == Some(false));
        if let (Some(read), true) = (optional, self.has_default()) {
            let demanded = self.reads.iter().find(|read| read.required == Some(true));
            return match demanded {
                Some(demanded) => Needed::Yes(place(&demanded.at)),
                None => Needed::No(place(&read.at)),
            };
        }
        if let Some(place) = says(true) {
            return Needed::Yes(place);
        }
        if let Some(place) = says(false) {
            return Needed::No(place);
        }
        match &self.checked {
            Some(_) if self.has_default() => Needed::Unknown,
            Some(place) => Needed::Yes(place.clone()),
            None => Needed::Unknown,
        }
    }

    /// The value of a declaration that may be given as it is.
    pub(super) fn declared_value(&self) -> Option<&Example> {
        self.examples.iter().find(|example| !example.placeholder)
    }

    /// Values that it was seen with, for their form.
    pub(super) fn seen(&self) -> Vec<&str> {
        self.examples
            .iter()
            .filter(|example| !example.placeholder)
            .map(|example| example.value.as_str())
            .chain(self.default())
            .collect()
    }
}

/// `path:line` of a piece of evidence.
fn place(at: &xii_model::Evidence) -> String {
    format!("{}:{}", at.path, at.start.line)
}

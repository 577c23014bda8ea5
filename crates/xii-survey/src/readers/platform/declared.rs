//! What the manifests of platforms have in common: variables, processes and attached resources.

use std::ops::Range;

use xii_model::{
    AttachedResource, ConfigDeclaration, DeclarationSource, Facts, ProcessType, ResourceKind,
};

use crate::document::{Entry, Node};
use crate::readers::value;
use crate::source::Source;

/// The place of a key with its value.
pub(super) fn place(entry: &Entry) -> Range<usize> {
    entry.key_span.start..entry.value.span.end
}

/// A variable with its value, if a literal one is given.
pub(super) struct Variable<'a> {
    pub(super) name: &'a str,
    /// The value and its place.
    pub(super) value: Option<(String, Range<usize>)>,
    pub(super) required: Option<bool>,
    pub(super) comment: Option<String>,
    pub(super) place: Range<usize>,
}

/// Reads a map of names to values, as most platforms write their variables. Values are kept out of
/// excerpts before the first declaration is made.
pub(super) fn push_map(map: Option<&Node>, source: &Source<'_>, facts: &mut Facts) {
    let entries = map.map(Node::entries).unwrap_or_default();
    let variables: Vec<Variable<'_>> = entries
        .iter()
        .map(|entry| Variable {
            name: &entry.key,
            value: entry
                .value
                .as_text()
                .map(|text| (text.into_owned(), entry.value.span.clone())),
            required: None,
            comment: None,
            place: place(entry),
        })
        .collect();
    variables.iter().for_each(|one| one.mask(source));
    for variable in variables {
        variable.push(source, facts, DeclarationSource::Platform);
    }
}

impl Variable<'_> {
    /// Keeps the value out of excerpts if it may be a secret. Call it for all variables first.
    pub(super) fn mask(&self, source: &Source<'_>) {
        if let Some((text, span)) = &self.value {
            value::mask(source, self.name, text, span.clone());
        }
    }

    /// Pushes the declaration, and the credential that the value is.
    pub(super) fn push(self, source: &Source<'_>, facts: &mut Facts, by: DeclarationSource) {
        let text = self
            .value
            .as_ref()
            .map(|(text, _)| text.trim())
            .filter(|text| !text.is_empty());
        let declaration = ConfigDeclaration {
            name: self.name.to_owned(),
            source: by,
            has_value: text
                .is_some_and(|text| !value::is_placeholder(text) && !value::is_reference(text)),
            value: text.and_then(|text| value::quotable(source, self.name, text)),
            required: self.required,
            comment: self.comment.map(|comment| source.redacted(&comment)),
        };
        if let Some(secret) = text.and_then(|text| value::secret(self.name, text)) {
            facts.push(source.fact(self.place.clone(), secret));
        }
        facts.push(source.fact(self.place, declaration));
    }
}

/// Pushes a process type.
pub(super) fn push_process(
    source: &Source<'_>,
    facts: &mut Facts,
    name: &str,
    command: &str,
    place: Range<usize>,
    by: &str,
) {
    if command.trim().is_empty() {
        return;
    }
    let at = source.evidence(place);
    let process = ProcessType {
        name: name.to_owned(),
        command: source.redacted(command.trim()),
        at: at.clone(),
        source: by.to_owned(),
    };
    facts.push(source.fact_at(at, process));
}

/// Pushes an add-on in Heroku's form: `"heroku-postgresql:mini"` or `{plan: …, as: …}`.
pub(super) fn push_addon(
    source: &Source<'_>,
    facts: &mut Facts,
    addon: &Node,
    deploy: Option<&str>,
    by: &'static str,
) {
    let plan = addon.get("plan").unwrap_or(addon);
    let Some(plan) = plan.as_str() else {
        return;
    };
    let service = plan.split(':').next().unwrap_or(plan);
    let name = addon.get("as").and_then(Node::as_str).unwrap_or(service);
    let version = addon
        .at(&["options", "version"])
        .and_then(Node::as_text)
        .map(|version| version.into_owned());
    let resource = AttachedResource {
        kind: addon_kind(service),
        version,
        deploy: deploy.map(str::to_owned),
        source: by,
        name: name.to_owned(),
    };
    facts.push(source.fact(addon.span.clone(), resource));
}

/// The kind of resource that an add-on of Heroku's market provides.
fn addon_kind(service: &str) -> ResourceKind {
    match service {
        "heroku-postgresql" | "heroku-postgres" | "crunchybridge" | "neon" => {
            ResourceKind::Postgres
        }
        "heroku-redis" | "heroku-kvs" | "rediscloud" | "redistogo" | "openredis" | "redisgreen" => {
            ResourceKind::Redis
        }
        "cleardb" | "jawsdb" | "jawsdb-maria" | "stackhero-mysql" => ResourceKind::MySql,
        "mongolab" | "mongohq" | "ormongo" | "mongodb-atlas" => ResourceKind::Mongo,
        "cloudamqp" | "rabbitmq-bigwig" | "stackhero-rabbitmq" => ResourceKind::Amqp,
        "heroku-kafka" | "cloudkarafka" => ResourceKind::Kafka,
        "memcachier" | "memcachedcloud" => ResourceKind::Memcached,
        "sendgrid" | "mailgun" | "postmark" | "sparkpost" | "mailtrap" | "mailjet" => {
            ResourceKind::Mail
        }
        "bonsai" | "searchbox" | "foundelasticsearch" | "algoliasearch" => ResourceKind::Search,
        "bucketeer" | "cloudcube" => ResourceKind::ObjectStore,
        "sentry" | "rollbar" | "honeybadger" | "airbrake" | "bugsnag" => ResourceKind::ErrorTracker,
        other => ResourceKind::Other(other.to_owned()),
    }
}

//! An export request in JSON, as the OTLP specification maps it: names in lower camel case, ids in
//! hexadecimal, unknown names ignored.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::export::{Export, Signal, Unreadable};
use super::span::{self, Kind, Span};

/// How many elements of one list are kept; the rest is counted. A list of `{}` would take fifty times its
/// size in memory.
const MOST_ELEMENTS: usize = 10_000;

pub(super) fn read(signal: Signal, bytes: &[u8]) -> Result<Export, Unreadable> {
    let request: Request = serde_json::from_slice(bytes).map_err(|error| Unreadable::Json {
        line: error.line(),
        column: error.column(),
    })?;
    let resources = match signal {
        Signal::Traces => request.resource_spans,
        Signal::Metrics => request.resource_metrics,
        Signal::Logs => request.resource_logs,
    };
    let mut export = Export::default();
    for resource in resources.kept {
        let service = resource.resource.service();
        let scopes = match signal {
            Signal::Traces => resource.scope_spans,
            Signal::Metrics => resource.scope_metrics,
            Signal::Logs => resource.scope_logs,
        };
        for scope in scopes.kept {
            scope.add_to(signal, service.as_deref(), &mut export);
        }
    }
    Ok(export)
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Request {
    resource_spans: Few<ResourceItems>,
    resource_metrics: Few<ResourceItems>,
    resource_logs: Few<ResourceItems>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ResourceItems {
    resource: Resource,
    scope_spans: Few<ScopeItems>,
    scope_metrics: Few<ScopeItems>,
    scope_logs: Few<ScopeItems>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Resource {
    attributes: Few<Attribute>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Attribute {
    key: String,
    value: AnyValue,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct AnyValue {
    string_value: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ScopeItems {
    scope: Named,
    spans: Few<JsonSpan>,
    metrics: Few<Named>,
    log_records: Few<IgnoredAny>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Named {
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct JsonSpan {
    trace_id: String,
    span_id: String,
    parent_span_id: Option<String>,
    name: String,
    kind: JsonKind,
}

/// Exporters write the number; the mapping of protobuf to JSON would allow the name.
#[derive(Deserialize)]
#[serde(untagged)]
enum JsonKind {
    Number(u64),
    Name(String),
}

impl Default for JsonKind {
    fn default() -> Self {
        JsonKind::Number(0)
    }
}

impl Resource {
    fn service(&self) -> Option<String> {
        let attributes = &self.attributes.kept;
        let named = attributes.iter().find(|one| one.key == "service.name")?;
        named.value.string_value.as_deref().map(span::name)
    }
}

impl ScopeItems {
    fn add_to(self, signal: Signal, service: Option<&str>, export: &mut Export) {
        let scope = span::name(&self.scope.name);
        match signal {
            Signal::Traces => {
                for one in self.spans.kept {
                    export.span(one.span(service, &scope));
                }
                export.items += self.spans.more;
            }
            Signal::Metrics => {
                for one in self.metrics.kept {
                    export.metric(&one.name);
                }
                export.items += self.metrics.more;
            }
            Signal::Logs => {
                export.items += self.log_records.kept.len() as u64 + self.log_records.more;
            }
        }
    }
}

impl JsonSpan {
    fn span(self, service: Option<&str>, scope: &str) -> Option<Span> {
        Some(Span {
            trace_id: id(&self.trace_id, 16)?,
            span_id: id(&self.span_id, 8)?,
            parent_id: self.parent_span_id.and_then(|parent| id(&parent, 8)),
            name: span::name(&self.name),
            kind: match self.kind {
                JsonKind::Number(number) => Kind::of(number),
                JsonKind::Name(name) => Kind::named(&name),
            },
            service: service.map(str::to_owned),
            scope: scope.to_owned(),
        })
    }
}

/// An id of so many bytes in hexadecimal, in either case; none when it is not one.
fn id(text: &str, length: usize) -> Option<String> {
    let digits = text.len() == 2 * length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_one = digits && text.bytes().any(|byte| byte != b'0');
    is_one.then(|| text.to_ascii_lowercase())
}

/// A list of which only the first elements are kept. `null` is an empty one.
struct Few<T> {
    kept: Vec<T>,
    more: u64,
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Few {
            kept: Vec::new(),
            more: 0,
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Few<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(FewVisitor(PhantomData))
    }
}

struct FewVisitor<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for FewVisitor<T> {
    type Value = Few<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<Few<T>, E> {
        Ok(Few::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Few<T>, A::Error> {
        let mut few = Few::default();
        while few.kept.len() < MOST_ELEMENTS {
            let Some(element) = list.next_element()? else {
                return Ok(few);
            };
            few.kept.push(element);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            few.more += 1;
        }
        Ok(few)
    }
}

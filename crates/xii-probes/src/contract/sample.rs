//! Values that a schema lets through.

use serde_json::{Map, Value as Json};

use super::document::resolved;

/// How deep a made value may go.
const DEEPEST: usize = 8;
/// How many values one sample may have.
const MOST: usize = 2000;
/// The longest text that is made.
const LONGEST: usize = 4096;

/// Makes values by the schemas of a document.
#[derive(Debug)]
pub(super) struct Sampler<'a> {
    document: &'a Json,
}

impl<'a> Sampler<'a> {
    pub(super) fn new(document: &'a Json) -> Self {
        Sampler { document }
    }

    /// A value of a parameter or of a body's content: its own example, or one by its schema.
    pub(super) fn parameter(&self, parameter: &Json) -> Option<Json> {
        if let Some(example) = parameter.get("example") {
            return Some(example.clone());
        }
        let named = parameter.get("examples").and_then(Json::as_object);
        let first = named.and_then(|examples| examples.values().next());
        if let Some(value) = first
            .and_then(|example| resolved(self.document, example))
            .and_then(|example| example.get("value"))
        {
            return Some(value.clone());
        }
        // Swagger's parameters are schemas themselves; `content` holds one in OpenAPI.
        let content = parameter.get("content").and_then(Json::as_object);
        let content = content.and_then(|content| content.values().next());
        let schema = parameter.get("schema").or_else(|| content?.get("schema"));
        self.sample(schema.unwrap_or(parameter))
    }

    /// A value that the schema lets through. None when there is no telling: a pattern that no simple text fits, a
    /// schema that never ends.
    pub(super) fn sample(&self, schema: &Json) -> Option<Json> {
        self.make(schema, 0, &mut 0)
    }

    fn make(&self, schema: &Json, depth: usize, made: &mut usize) -> Option<Json> {
        *made += 1;
        if depth > DEEPEST || *made > MOST {
            return None;
        }
        let schema = resolved(self.document, schema)?;
        let given = ["example", "default", "const"]
            .iter()
            .find_map(|key| schema.get(*key));
        let first = |key: &str| {
            schema
                .get(key)
                .and_then(Json::as_array)
                .and_then(|all| all.first())
        };
        if let Some(value) = given
            .or_else(|| first("examples"))
            .or_else(|| first("enum"))
        {
            return Some(value.clone());
        }
        if schema.get("allOf").is_some() {
            return self.all(schema, depth, made);
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(choices) = schema.get(key).and_then(Json::as_array) {
                // Nothing at all is a poor example.
                let choice = choices
                    .iter()
                    .find(|choice| choice.get("type") != Some(&"null".into()))?;
                return self.make(choice, depth + 1, made);
            }
        }
        match kind(schema) {
            "object" => self.object(schema, depth, made),
            "array" => {
                let least = count(schema, "minItems").unwrap_or(1).clamp(1, 10);
                let item = match schema.get("items") {
                    Some(items) => self.make(items, depth + 1, made)?,
                    None => Json::String("example".to_owned()),
                };
                Some(Json::Array(vec![item; least]))
            }
            "integer" => integer(schema),
            "number" => {
                let number = integer(schema)?.as_i64()?;
                Some(Json::from(number))
            }
            "boolean" => Some(Json::Bool(true)),
            "null" => Some(Json::Null),
            _ => string(schema).map(Json::String),
        }
    }

    fn object(&self, schema: &Json, depth: usize, made: &mut usize) -> Option<Json> {
        let mut object = Map::new();
        let properties = schema.get("properties").and_then(Json::as_object);
        let required = schema.get("required").and_then(Json::as_array);
        for name in required.into_iter().flatten().filter_map(Json::as_str) {
            let property = properties.and_then(|properties| properties.get(name));
            if property.is_some_and(|property| property.get("readOnly") == Some(&Json::Bool(true)))
            {
                continue;
            }
            let value = match property {
                Some(property) => self.make(property, depth + 1, made)?,
                None => Json::String("example".to_owned()),
            };
            object.insert(name.to_owned(), value);
        }
        Some(Json::Object(object))
    }

    /// What fits all of several schemas: for objects, the members of all.
    fn all(&self, schema: &Json, depth: usize, made: &mut usize) -> Option<Json> {
        let parts = schema.get("allOf").and_then(Json::as_array)?;
        let mut object = Map::new();
        let mut other = None;
        for part in parts {
            match self.make(part, depth + 1, made)? {
                Json::Object(members) => object.extend(members),
                value => other = other.or(Some(value)),
            }
        }
        if let Some(Json::Object(own)) = self.object(schema, depth, made) {
            object.extend(own);
        }
        match other {
            Some(value) if object.is_empty() => Some(value),
            _ => Some(Json::Object(object)),
        }
    }
}

/// The type that a schema wants; what it does not say shows in its keywords.
fn kind(schema: &Json) -> &str {
    let said = match schema.get("type") {
        Some(Json::String(kind)) => Some(kind.as_str()),
        Some(Json::Array(kinds)) => kinds
            .iter()
            .filter_map(Json::as_str)
            .find(|kind| *kind != "null"),
        _ => None,
    };
    match said {
        Some(kind) => kind,
        None if schema.get("properties").is_some() => "object",
        None if schema.get("items").is_some() => "array",
        None => "string",
    }
}

fn count(schema: &Json, key: &str) -> Option<usize> {
    usize::try_from(schema.get(key)?.as_u64()?).ok()
}

/// An integer within the bounds, 1 where it may be.
fn integer(schema: &Json) -> Option<Json> {
    let bound = |key: &str| schema.get(key).and_then(Json::as_f64);
    let strict = |key: &str| schema.get(key).and_then(Json::as_bool).unwrap_or(false);
    let mut low = bound("minimum").map_or(i64::MIN, |low| low.ceil() as i64);
    let mut high = bound("maximum").map_or(i64::MAX, |high| high.floor() as i64);
    // In OpenAPI 3.0 these are flags, and later numbers.
    if strict("exclusiveMinimum") {
        low = low.saturating_add(1);
    }
    if strict("exclusiveMaximum") {
        high = high.saturating_sub(1);
    }
    if let Some(above) = bound("exclusiveMinimum") {
        low = low.max((above.floor() as i64).saturating_add(1));
    }
    if let Some(below) = bound("exclusiveMaximum") {
        high = high.min((below.ceil() as i64).saturating_sub(1));
    }
    if low > high {
        return None;
    }
    let mut value = 1.clamp(low, high);
    if let Some(step) = schema
        .get("multipleOf")
        .and_then(Json::as_i64)
        .filter(|step| *step > 0)
    {
        value = value
            .checked_add(step - 1)?
            .div_euclid(step)
            .checked_mul(step)?;
        if value > high {
            return None;
        }
    }
    Some(Json::from(value))
}

/// A text of the right form and length.
fn string(schema: &Json) -> Option<String> {
    let format = schema
        .get("format")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let text = match format {
        "uuid" => "00000000-0000-4000-8000-000000000001",
        "date" => "2026-01-01",
        "date-time" => "2026-01-01T00:00:00Z",
        "time" => "00:00:00Z",
        "duration" => "P1D",
        "email" | "idn-email" => "someone@example.org",
        "uri" | "url" | "iri" => "https://example.org/",
        "uri-reference" => "/example",
        "hostname" => "example.org",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "byte" => "ZXhhbXBsZQ==",
        "password" => "Example-Passw0rd",
        _ => "example",
    };
    let least = count(schema, "minLength").unwrap_or(0);
    let most = count(schema, "maxLength").unwrap_or(LONGEST);
    if least > most.min(LONGEST) {
        return None;
    }
    let fitted = |text: &str| {
        let mut text = text.to_owned();
        while text.len() < least {
            text.push('e');
        }
        text.truncate(most);
        text
    };
    let Some(pattern) = schema.get("pattern").and_then(Json::as_str) else {
        return Some(fitted(text));
    };
    let pattern = regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .ok()?;
    let simple = [
        text,
        "1",
        "12",
        "123",
        "12345",
        "A",
        "AB",
        "ABC",
        "a",
        "abc",
        "example-1",
        "Example1",
        "+15555550100",
        "#aabbcc",
        "1.0.0",
        "en",
        "en-US",
        "EUR",
        "12:00",
        "2026-01-01",
    ];
    simple
        .iter()
        .flat_map(|text| [(*text).to_owned(), fitted(text)])
        .find(|text| pattern.is_match(text) && (least..=most).contains(&text.chars().count()))
}

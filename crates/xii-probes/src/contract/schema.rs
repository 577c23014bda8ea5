//! The schemas of a document as JSON Schema.

use serde_json::{Value as Json, json};

/// The document with the schemas of OpenAPI 3.0 and Swagger put into words of JSON Schema, when it is `old`. In all of
/// them, members that are never answered (`writeOnly`) are not wanted of an answer.
pub(super) fn standard(mut document: Json, old: bool) -> Json {
    walk(&mut document, old);
    document
}

fn walk(value: &mut Json, old: bool) {
    match value {
        Json::Array(items) => items.iter_mut().for_each(|item| walk(item, old)),
        Json::Object(members) => {
            for (key, value) in members.iter_mut() {
                match key.as_str() {
                    // What stands there is data.
                    "example" | "examples" | "default" | "enum" | "const" => {}
                    // What stands there has names of people's own.
                    "properties" | "patternProperties" | "schemas" | "definitions" => {
                        let named = value.as_object_mut().into_iter();
                        named
                            .flat_map(|named| named.values_mut())
                            .for_each(|named| walk(named, old));
                    }
                    _ => walk(value, old),
                }
            }
            without_write_only(members);
            if old {
                nullable(members);
            }
        }
        _ => {}
    }
}

fn without_write_only(schema: &mut serde_json::Map<String, Json>) {
    let Some(Json::Object(properties)) = schema.get("properties") else {
        return;
    };
    let hidden: Vec<String> = properties
        .iter()
        .filter(|(_, property)| property.get("writeOnly") == Some(&Json::Bool(true)))
        .map(|(name, _)| name.clone())
        .collect();
    if let Some(Json::Array(required)) = schema.get_mut("required") {
        required.retain(|name| !hidden.iter().any(|hidden| name == hidden));
        // Draft 4 knows no empty list there.
        if required.is_empty() {
            schema.remove("required");
        }
    }
}

/// `nullable: true`, and the same as it is written beside a reference and in Swagger.
fn nullable(schema: &mut serde_json::Map<String, Json>) {
    let said = |key: &str| schema.get(key) == Some(&Json::Bool(true));
    if !said("nullable") && !said("x-nullable") {
        return;
    }
    let looks_like_one = ["type", "$ref", "allOf", "anyOf", "oneOf", "enum"]
        .iter()
        .any(|key| schema.contains_key(*key));
    if looks_like_one {
        let mut own = std::mem::take(schema);
        own.remove("nullable");
        own.remove("x-nullable");
        schema.insert("anyOf".to_owned(), json!([own, {"enum": [null]}]));
    }
}

/// Whether a schema leads back to itself without going into the value: it would never come to an end.
pub(super) fn is_endless(document: &Json, schema: &Json) -> bool {
    let mut steps = 0;
    endless(document, schema, &mut Vec::new(), &mut steps)
}

/// The most schemas that are looked at.
const MOST: usize = 100_000;

fn endless<'a>(
    document: &'a Json,
    schema: &'a Json,
    above: &mut Vec<&'a Json>,
    steps: &mut usize,
) -> bool {
    *steps += 1;
    if above.iter().any(|other| std::ptr::eq(*other, schema)) || above.len() > 64 || *steps > MOST {
        return true;
    }
    above.push(schema);
    let alone = ["not", "if", "then", "else"]
        .iter()
        .filter_map(|key| schema.get(*key));
    let several = ["allOf", "anyOf", "oneOf"]
        .iter()
        .filter_map(|key| schema.get(*key)?.as_array());
    let named = ["$ref", "$dynamicRef"]
        .iter()
        .filter_map(|key| schema.get(*key)?.as_str());
    let found = alone
        .chain(several.flatten())
        .chain(named.filter_map(|to| super::document::referred(document, to)))
        .any(|next| endless(document, next, above, steps));
    above.pop();
    found
}

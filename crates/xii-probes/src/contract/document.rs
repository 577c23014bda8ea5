//! A document as a tree, and the references within it.

use serde_json::Value as Json;

use super::yaml;

/// The longest document that is read, in bytes.
const LONGEST: usize = 16 << 20;
/// How many references may lead to each other.
const MOST_STEPS: usize = 32;

/// JSON or YAML as a tree.
///
/// # Errors
///
/// It is neither, or too long. The text is not quoted.
pub(super) fn parsed(text: &str) -> Result<Json, String> {
    if text.len() > LONGEST {
        return Err("the document is longer than 16 MiB".to_owned());
    }
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        let json = serde_json::from_str(text);
        // A map of YAML may stand in braces too.
        return json.or_else(|error| {
            let at = (error.line(), error.column());
            yaml::parsed(text).map_err(|_| {
                format!(
                    "the document is no JSON: see line {}, column {}",
                    at.0, at.1
                )
            })
        });
    }
    yaml::parsed(text)
}

/// The value itself, or what it refers to within the document by `$ref` (RFC 6901).
pub(super) fn resolved<'a>(document: &'a Json, value: &'a Json) -> Option<&'a Json> {
    let mut value = value;
    for _ in 0..MOST_STEPS {
        match value.get("$ref").and_then(Json::as_str) {
            None => return Some(value),
            Some(to) => value = referred(document, to)?,
        }
    }
    None
}

/// What a reference names within the document; nothing for one that leads elsewhere.
pub(super) fn referred<'a>(document: &'a Json, to: &str) -> Option<&'a Json> {
    let pointer = to.strip_prefix('#')?;
    let pointer = percent_encoding::percent_decode_str(pointer)
        .decode_utf8()
        .ok()?;
    document.pointer(&pointer)
}

//! Secrets whose values are written in a manifest.

use xii_model::{Facts, SecretLiteral, ToldBy, ValueLook, look_of_value};

use super::manifest::Manifest;
use crate::document::{Entry, Node};
use crate::readers::variables::is_placeholder;
use crate::readers::yaml_file::text;

/// More keys than this in one Secret are not looked at.
const MAX_KEYS: usize = 200;
/// The longest value that is decoded, in bytes.
const MAX_VALUE: usize = 8192;

/// Keeps the values of every Secret of a document out of excerpts.
pub(super) fn mask(manifest: &Manifest<'_, '_>, document: &Node) {
    let items = document.get("items").map(Node::items).unwrap_or_default();
    for node in std::iter::once(document).chain(items) {
        if node.get("kind").and_then(Node::as_str) == Some("Secret") {
            for (_, entry) in entries(node) {
                manifest.source.mask(entry.value.span.clone());
            }
        }
    }
}

/// The keys whose value is written down: not empty, not from a template, no reference.
pub(super) fn written(manifest: &Manifest<'_, '_>, node: &Node) -> Vec<String> {
    values(manifest, node)
        .map(|(entry, _)| entry.key.clone())
        .collect()
}

/// Pushes the secrets that are written down.
pub(super) fn tell(manifest: &Manifest<'_, '_>, node: &Node, facts: &mut Facts) {
    for (entry, value) in values(manifest, node) {
        let random = look_of_value(&value) == ValueLook::Random;
        let literal = SecretLiteral {
            kind: "value of a Kubernetes Secret".to_owned(),
            name: Some(entry.key.clone()),
            told_by: if random {
                ToldBy::Entropy
            } else {
                ToldBy::Name
            },
            overridden: false,
            refused_in_production: false,
            placeholder: is_placeholder(&value),
        };
        facts.push(manifest.source.fact(entry.key_span.clone(), literal));
    }
}

fn values<'n>(
    manifest: &Manifest<'_, '_>,
    node: &'n Node,
) -> impl Iterator<Item = (&'n Entry, String)> {
    let source = manifest.source;
    entries(node).filter_map(move |(encoded, entry)| {
        let written = text(source, &entry.value)?;
        let value = match encoded {
            true => decoded(&written)?,
            false => written,
        };
        let nothing = value.trim().is_empty()
            || value.contains("{{")
            || look_of_value(&value) == ValueLook::Reference;
        (!nothing).then_some((entry, value))
    })
}

/// The entries of `data` (encoded) and `stringData`.
fn entries(node: &Node) -> impl Iterator<Item = (bool, &Entry)> {
    [("data", true), ("stringData", false)]
        .into_iter()
        .flat_map(move |(key, encoded)| {
            let entries = node.get(key).map(Node::entries).unwrap_or_default();
            entries
                .iter()
                .take(MAX_KEYS)
                .map(move |entry| (encoded, entry))
        })
}

/// Base64, as text. `None` when it is not base64 or too long; other bytes become their number.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut bits = 0_u32;
    let mut held = 0_u32;
    for c in text.bytes().take(MAX_VALUE) {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' | b'\n' | b'\r' | b' ' => continue,
            _ => return None,
        };
        held = ((held << 6) | u32::from(six)) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap_or_default());
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded() {
        assert_eq!(decoded("cG9zdGdyZXM=").as_deref(), Some("postgres"));
        assert_eq!(decoded("").as_deref(), Some(""));
        assert_eq!(decoded("not base64!"), None);
    }
}

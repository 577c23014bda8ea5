//! JSON and YAML documents that may be contracts: reading them, and following their references.

use xii_model::{Facts, FileClass};

use crate::document::{Node, json};
use crate::readers::reader::file_name;
use crate::readers::yaml_file;
use crate::source::Source;

/// How many references are followed one after the other.
const MAX_REFERENCES: usize = 16;

/// Whether a file can hold a contract. Most JSON is data, so of that only what is called so.
pub(super) fn recognises(path: &str) -> bool {
    const NAMES: [&str; 7] = ["api", "swagger", "spec", "contract", "schema", "oas", "doc"];
    let name = file_name(path);
    if name.ends_with(".json") {
        return NAMES.iter().any(|word| name.contains(word));
    }
    (name.ends_with(".yml") || name.ends_with(".yaml")) && !name.contains("lock")
}

/// The file's document, when it has one of these keys at its top. A file that cannot be read is told
/// only when its name says that it is a contract.
pub(super) fn document(source: &Source<'_>, facts: &mut Facts, keys: &[&str]) -> Option<Node> {
    if source.class == FileClass::Vendored || !keys.iter().any(|key| mentions(source.text, key)) {
        return None;
    }
    let name = file_name(source.path);
    let named = keys.iter().any(|key| name.contains(key));
    let mut told = Facts::default();
    let root = if name.ends_with(".json") {
        match json(source.text) {
            Ok(root) => Some(root),
            Err(error) => {
                source.unread(&mut told, error.offset, error.message);
                None
            }
        }
    } else {
        yaml_file::plain_documents(source, &mut told)
            .into_iter()
            .next()
    };
    if named {
        facts.append(told);
    }
    root.filter(|root| keys.iter().any(|key| root.get(key).is_some()))
}

/// Whether a key stands in the text as a key of JSON or at the start of a line of YAML.
fn mentions(text: &str, key: &str) -> bool {
    text.match_indices(key).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + key.len()..).unwrap_or_default();
        match before.chars().next_back() {
            None | Some('\n' | '\u{feff}') => after.starts_with(':'),
            Some('"') => after.starts_with('"'),
            Some('\'') => after.starts_with('\''),
            _ => false,
        }
    })
}

/// The value that a local reference leads to: `#/components/schemas/User`. `None` when nothing is
/// there.
pub(super) fn lookup<'n>(root: &'n Node, reference: &str) -> Option<&'n Node> {
    let pointer = reference.strip_prefix('#')?;
    let mut node = root;
    for part in pointer.split('/').skip(1) {
        let key = part.replace("~1", "/").replace("~0", "~");
        let key = key
            .replace("%7B", "{")
            .replace("%7D", "}")
            .replace("%20", " ");
        node = match key
            .parse::<usize>()
            .ok()
            .filter(|_| !node.items().is_empty())
        {
            Some(index) => node.items().get(index)?,
            None => node.get(&key)?,
        };
    }
    Some(node)
}

/// The node itself, or what its `$ref` leads to within the document.
pub(super) fn resolved<'n>(root: &'n Node, node: &'n Node) -> &'n Node {
    let mut node = node;
    for _ in 0..MAX_REFERENCES {
        let target = node.get("$ref").and_then(Node::as_str);
        match target.and_then(|target| lookup(root, target)) {
            Some(next) => node = next,
            None => break,
        }
    }
    node
}

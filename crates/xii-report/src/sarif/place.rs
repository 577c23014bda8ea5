//! Places: relative URIs, regions and snippets.

use serde_json::{Value, json};
use xii_model::Evidence;

use crate::quote::Quote;

/// A path as a relative URI: all but letters, digits, `-._~` and slashes is percent-encoded.
pub(crate) fn percent_encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.trim_start_matches('/').bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

fn artifact(path: &str) -> Value {
    json!({ "uri": percent_encoded(path), "uriBaseId": "%SRCROOT%" })
}

/// A place in source, or a whole file. A viewer wants a line even then: the first one stands for it.
pub(super) fn physical(at: &Evidence) -> Value {
    let Some(quote) = Quote::of(at) else {
        return line_of(&at.path, Some(1));
    };
    let start_line = at.start.line.max(1);
    let start_column = at.start.column.max(1);
    let end_line = at.end.line.max(start_line);
    let end_column = match end_line == start_line {
        true => at.end.column.max(start_column),
        false => at.end.column.max(1),
    };
    json!({
        "artifactLocation": artifact(&at.path),
        "region": {
            "startLine": start_line,
            "startColumn": start_column,
            "endLine": end_line,
            "endColumn": end_column,
            "snippet": { "text": quote.marked() },
        },
        "contextRegion": {
            "startLine": start_line,
            "endLine": start_line + quote.lines().len().saturating_sub(1) as u32,
            "snippet": { "text": quote.text },
        },
    })
}

/// A line of a file, or the file.
pub(super) fn line_of(path: &str, line: Option<u32>) -> Value {
    match line {
        Some(line) => json!({
            "artifactLocation": artifact(path),
            "region": { "startLine": line.max(1) },
        }),
        None => json!({ "artifactLocation": artifact(path) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_relative_uris() {
        assert_eq!(percent_encoded("web/src/a b.ts"), "web/src/a%20b.ts");
        assert_eq!(percent_encoded("ü?#%:\n"), "%C3%BC%3F%23%25%3A%0A");
        assert_eq!(percent_encoded("//host/x"), "host/x");
    }
}

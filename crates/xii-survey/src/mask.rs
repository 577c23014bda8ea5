//! Masking: what keeps secrets out of excerpts and of quoted values.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use xii_model::{is_secret_name, secret_spans};

/// `name = "value"`, `name: value`, `"name": "value"`, `name => 'value'`, `--name value`.
static BINDING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"([A-Za-z_][A-Za-z0-9_.-]{1,80})["'\]]{0,2}\s*(?::=|=>|[=:])\s*(?:"([^"]+)"|'([^']+)'|`([^`]+)`|([^\s"'`,;(){}\[\]]+)(?:\s|,|;|$))"#)
        .unwrap_or_else(|error| unreachable!("the pattern is constant: {error}"))
});

/// The first `columns` characters of a line, with its secrets masked character for character.
pub(crate) fn line(
    text: &str,
    range: Range<usize>,
    masked: &[Range<usize>],
    columns: usize,
) -> String {
    let Some(line) = text.get(range.clone()) else {
        return String::new();
    };
    let end = line
        .char_indices()
        .nth(columns)
        .map_or(line.len(), |(at, _)| at);
    let head = line.get(..end).unwrap_or_default();
    // A secret that starts here may end behind, so that the whole line is looked at.
    let mut spans = spans(line);
    spans.extend(masked.iter().filter_map(|one| {
        let start = one.start.max(range.start);
        let end = one.end.min(range.end);
        (start < end).then(|| start - range.start..end - range.start)
    }));
    spans.retain(|span| span.start < end);
    cover(head, &spans)
}

/// A text with its secrets masked.
pub(crate) fn text(text: &str) -> String {
    cover(text, &spans(text))
}

fn spans(line: &str) -> Vec<Range<usize>> {
    let mut spans = secret_spans(line);
    for found in BINDING.captures_iter(line) {
        let name = found.get(1).map_or("", |name| name.as_str());
        let quoted = found.get(2).or(found.get(3)).or(found.get(4));
        let bare = found
            .get(5)
            .filter(|value| looks_like_value(value.as_str()));
        if let Some(value) = quoted.or(bare)
            && is_secret_name(name)
        {
            spans.push(value.range());
        }
    }
    spans
}

/// Whether an unquoted text after `=` or `:` is a value and not code, a type or a reference.
fn looks_like_value(text: &str) -> bool {
    let code = text.contains('.') && !text.contains(|c: char| c.is_ascii_digit());
    !code
        && !text.starts_with(['$', '%', '<', '*', '&', '!'])
        && !matches!(
            text,
            "true" | "false" | "null" | "None" | "undefined" | "string" | "str"
        )
}

fn cover(line: &str, spans: &[Range<usize>]) -> String {
    if spans.is_empty() {
        return line.to_owned();
    }
    line.char_indices()
        .map(|(at, c)| {
            if spans.iter().any(|span| span.contains(&at)) {
                '*'
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_secret_names_are_covered_and_others_are_not() {
        assert_eq!(
            text(r#"DB_PASSWORD = "hunter2hunter""#),
            r#"DB_PASSWORD = "*************""#
        );
        assert_eq!(text("SECRET_KEY=abc123"), "SECRET_KEY=******");
        assert_eq!(
            text("password: process.env.DB_PASS,"),
            "password: process.env.DB_PASS,"
        );
        assert_eq!(text("token: string;"), "token: string;");
        assert_eq!(text("port: 8080"), "port: 8080");
        assert_eq!(text("postgres://app:pa55@db/x"), "postgres://app:****@db/x");
    }

    #[test]
    fn what_starts_in_the_shown_part_is_covered_to_its_edge() {
        let text = format!(r#"password: "{}", a: 1"#, "x".repeat(500));
        let shown = line(&text, 0..text.len(), &[], 20);
        assert_eq!(shown, r#"password: "*********"#);
        let text = "é".repeat(30);
        let masked = [2..6, 40..60];
        assert_eq!(line(&text, 0..text.len(), &masked, 5), "é**éé");
    }
}

//! Variables in values, as Docker and compose write them: `$NAME`, `${NAME}`, `${NAME:-default}`.

/// How deep a default may hold another variable.
const MAX_NESTING: usize = 8;
/// The longest variable with its default, in bytes.
const MAX_VARIABLE: usize = 1000;

/// The text with every variable replaced whose value `lookup` knows, or that has a default. What is
/// not known stays as it is written, so that the result still shows that it varies.
pub(super) fn expand(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    expand_within(text, lookup, MAX_NESTING)
}

/// Whether a text takes a part of its value from a variable or a template.
pub(super) fn is_reference(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("<%") || {
        let mut rest = text;
        loop {
            let Some(at) = rest.find('$') else {
                break false;
            };
            rest = rest.get(at + 1..).unwrap_or_default();
            if rest
                .starts_with(|c: char| c == '{' || c == '(' || c == '_' || c.is_ascii_alphabetic())
            {
                break true;
            }
            rest = rest.strip_prefix('$').unwrap_or(rest);
        }
    }
}

fn expand_within(text: &str, lookup: &dyn Fn(&str) -> Option<String>, depth: usize) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        result.push_str(rest.get(..at).unwrap_or_default());
        let variable = rest.get(at..).unwrap_or_default();
        let (length, value) = one(variable, lookup, depth);
        match value {
            Some(value) => result.push_str(&value),
            None => result.push_str(variable.get(..length).unwrap_or_default()),
        }
        rest = variable.get(length..).unwrap_or_default();
    }
    result.push_str(rest);
    result
}

/// The length of the variable at the start of the text, and its value if that is known.
fn one(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
    depth: usize,
) -> (usize, Option<String>) {
    let after = text.get(1..).unwrap_or_default();
    if let Some(inner) = after.strip_prefix('{') {
        let Some(length) = closing(inner) else {
            return (1, None);
        };
        let inner = inner.get(..length).unwrap_or_default();
        let whole = length + 3;
        let end = name_length(inner);
        let (name, operator) = inner.split_at(end);
        let known = lookup(name);
        let value = match operator {
            "" => known,
            _ if name.is_empty() || depth == 0 => None,
            _ => {
                let fallback = operator
                    .strip_prefix(":-")
                    .or_else(|| operator.strip_prefix('-'));
                known.or_else(|| Some(expand_within(fallback?, lookup, depth - 1)))
            }
        };
        return (whole, value);
    }
    let end = name_length(after);
    if end == 0 {
        // `$$` is a dollar sign: both are passed over, so that the second starts no variable.
        return (if after.starts_with('$') { 2 } else { 1 }, None);
    }
    (end + 1, lookup(after.get(..end).unwrap_or_default()))
}

/// Where the brace that closes the variable stands.
fn closing(inner: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, byte) in inner.bytes().take(MAX_VARIABLE).enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' if open == 0 => return Some(at),
            b'}' => open -= 1,
            b'\n' => return None,
            _ => {}
        }
    }
    None
}

fn name_length(text: &str) -> usize {
    let starts = text.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
    if !starts {
        return 0;
    }
    text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn with_node(text: &str) -> String {
        expand(text, &|name| (name == "NODE").then(|| "20".to_owned()))
    }

    #[test]
    fn known_variables_and_defaults_are_put_in() {
        assert_eq!(with_node("node:${NODE}-alpine"), "node:20-alpine");
        assert_eq!(with_node("node:$NODE"), "node:20");
        assert_eq!(with_node("node:${NODE:-18}"), "node:20");
        assert_eq!(with_node("pg:${PG:-${MAJOR:-15}.1}"), "pg:15.1");
        assert_eq!(with_node("pg:${PG-16}"), "pg:16");
    }

    #[test]
    fn what_is_not_known_stays() {
        for text in [
            "$TAG",
            "${TAG}",
            "${TAG:?must be set}",
            "${",
            "$",
            "a$$NODE",
            "${:-x}",
        ] {
            assert_eq!(with_node(text), text);
        }
    }

    #[test]
    fn references_are_told_from_dollar_signs() {
        for text in ["$A", "x${A}", "$(cat f)", "{{ .Values.x }}"] {
            assert!(is_reference(text), "{text}");
        }
        for text in ["", "cash$", "$1", "a$$b", "5 $ 6"] {
            assert!(!is_reference(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_expanded(text in "[${}A:\\-a\n]{0,40}") {
            with_node(&text);
            is_reference(&text);
        }
    }
}

//! Which lines are audit events.

use std::cell::Cell;
use std::fmt;
use std::sync::LazyLock;

use regex::bytes::Regex;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

/// No line without this word is parsed.
static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("(?i-u)audit").expect("the pattern is right"));

/// Whether a line is an audit event: a JSON object which at its top level has
///
/// - `"audit": true`, or
/// - `kind`, `type`, `category`, `event.kind`, `event.type`, `event.category`, `log_type` or
///   `log.type` with the text `audit`, or
/// - `logger`, `target`, `name`, `log.logger`, `logger_name` or `channel` with a name of which `audit`
///   is a part, parts being divided by `.`, `::`, `/` or `:`.
///
/// Upper and lower case are the same. Of a line that was cut at the cap, what is there counts.
pub(super) fn is_audit(line: &[u8]) -> bool {
    if line.trim_ascii_start().first() != Some(&b'{') || !WORD.is_match(line) {
        return false;
    }
    let found = Cell::new(false);
    let mut json = serde_json::Deserializer::from_slice(line);
    // It ends early where something was found, and where it is no JSON.
    let _ = json.deserialize_map(Top { found: &found });
    found.get()
}

struct Top<'a> {
    found: &'a Cell<bool>,
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            let is = match key.to_ascii_lowercase().as_str() {
                "audit" => map.next_value::<Value>()?.is_true(),
                "kind" | "type" | "category" | "event.kind" | "event.type" | "event.category"
                | "log_type" | "log.type" => map.next_value::<Value>()?.is_audit(),
                "logger" | "target" | "name" | "log.logger" | "logger_name" | "channel" => {
                    map.next_value::<Value>()?.has_audit()
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    false
                }
            };
            if is {
                self.found.set(true);
                break;
            }
        }
        Ok(())
    }
}

/// A value that may be of any kind.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Value {
    Flag(bool),
    Text(String),
    Other(IgnoredAny),
}

impl Value {
    fn is_true(&self) -> bool {
        matches!(self, Value::Flag(true))
    }

    fn is_audit(&self) -> bool {
        matches!(self, Value::Text(text) if text.eq_ignore_ascii_case("audit"))
    }

    fn has_audit(&self) -> bool {
        let Value::Text(text) = self else {
            return false;
        };
        text.split(['.', ':', '/'])
            .any(|part| part.eq_ignore_ascii_case("audit"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audit_events_are_told_by_their_top_level() {
        for (line, is) in [
            (r#"{"audit":true,"who":"ada"}"#, true),
            (r#"  {"who":"ada","Audit":true}"#, true),
            (r#"{"audit":false}"#, false),
            (r#"{"audit":"yes"}"#, false),
            (r#"{"audit":{"a":[1,2]},"type":"AUDIT"}"#, true),
            (r#"{"event.kind":"audit"}"#, true),
            (r#"{"type":"auditing"}"#, false),
            (r#"{"target":"shop::audit::orders"}"#, true),
            (r#"{"logger":"shop.audit"}"#, true),
            (r#"{"logger":"shop.auditing"}"#, false),
            (r#"{"msg":"audit"}"#, false),
            (r#"{"nested":{"audit":true}}"#, false),
            (r#"{"msg":"\"audit\":true"}"#, false),
            (r#"{"audit":true,"text":"cut he"#, true),
            ("audit: true", false),
            (r#"["audit"]"#, false),
            ("{audit}", false),
            ("", false),
        ] {
            assert_eq!(is_audit(line.as_bytes()), is, "{line}");
        }
        assert!(is_audit(b"{\"audit\":true,\"bytes\":\"\xff\"}"));
    }

    #[test]
    fn deep_nesting_is_no_harm() {
        let line = format!("{{\"a\":{}\"audit\"", "[".repeat(60_000));
        assert!(!is_audit(line.as_bytes()));
    }
}

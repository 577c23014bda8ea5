use std::borrow::Cow;
use std::ops::Range;

/// A value of a JSON, YAML or TOML document, with the place it stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Bytes of the source text. For a value that a YAML alias stands for, this
    /// is where the value is written, not where the alias is.
    pub span: Range<usize>,
    /// The value itself.
    pub value: Value,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`, or nothing where YAML expects a value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is written: `8080`, `0x1F`, `1_000`, `-.inf`.
    Number(String),
    /// A string with its escapes resolved; also a TOML date or time, as written.
    String(String),
    /// A sequence of values.
    List(Vec<Node>),
    /// Keys with their values.
    Map(Map),
}

/// The entries of a map, in the order they are written.
///
/// A key may occur more than once, as JSON and the two branches of a template's
/// condition allow: every entry is kept, and [`Node::get`] answers with the last.
/// Entries that come from a YAML merge key follow the map's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Map(Vec<Entry>);

/// One key of a [`Map`] with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key with its quotes removed and its escapes resolved.
    pub key: String,
    /// Bytes of the source text that the key takes up, quotes included.
    pub key_span: Range<usize>,
    /// The value under the key.
    pub value: Node,
}

impl Map {
    pub(super) fn new(entries: Vec<Entry>) -> Self {
        Self(entries)
    }

    /// All entries, repeated keys included.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// The last entry under `key`.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.0.iter().rfind(|entry| entry.key == key)
    }

    /// The value of the last entry under `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }
}

impl Node {
    /// The value under `key`; the last one if the key is repeated. `None` when
    /// this is not a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry under `key`, for the place of the key. As [`Node::get`] otherwise.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(map) => map.entry(key),
            _ => None,
        }
    }

    /// The value reached by taking the keys of `path` one after the other.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The value of a whole number that fits, in any notation of the three
    /// formats. `None` for a string that looks like a number.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.value {
            Value::Number(text) => whole_number(text),
            _ => None,
        }
    }

    /// Any scalar but null as text: the YAML values `8080` and `"8080"` are both
    /// `8080`.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        match &self.value {
            Value::String(text) | Value::Number(text) => Some(Cow::Borrowed(text)),
            Value::Bool(true) => Some(Cow::Borrowed("true")),
            Value::Bool(false) => Some(Cow::Borrowed("false")),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The values of a list. Empty for every other kind.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a map, repeated keys included. Empty for every other kind.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(map) => map.entries(),
            _ => &[],
        }
    }
}

fn whole_number(text: &str) -> Option<i64> {
    let text = text.replace('_', "");
    let (negative, digits) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text.as_str()),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        _ => (10, digits),
    };
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    i64::try_from(if negative { -value } else { value }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<i64> {
        Node {
            span: 0..0,
            value: Value::Number(text.to_owned()),
        }
        .as_i64()
    }

    #[test]
    fn whole_numbers_are_read_in_every_notation() {
        assert_eq!(number("8080"), Some(8080));
        assert_eq!(number("-1"), Some(-1));
        assert_eq!(number("+1_000"), Some(1000));
        assert_eq!(number("0x1F"), Some(31));
        assert_eq!(number("0o17"), Some(15));
        assert_eq!(number("0b101"), Some(5));
        assert_eq!(number("-9223372036854775808"), Some(i64::MIN));
    }

    #[test]
    fn other_numbers_are_not_whole() {
        for text in [
            "9223372036854775808",
            "1.5",
            "1e3",
            ".inf",
            "0x",
            "--1",
            "-+1",
            "",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}

//! What a scenario knows: values of answers and of variables.

use std::fmt;

use jiff::Timestamp;

/// A value of an answer or of a variable.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// JSON: text, numbers, lists and the rest.
    Json(serde_json::Value),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A point in time.
    Date(Timestamp),
}

/// The longest that a value is told.
const LONGEST: usize = 120;

impl Value {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Value::Json(serde_json::Value::String(text.into()))
    }

    /// The text, when it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Json(serde_json::Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The number, when it is a number.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Json(json) => json.as_f64(),
            _ => None,
        }
    }

    /// What kind of value it is.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Json(json) => kind(json),
            Value::Bytes(_) => "bytes",
            Value::Date(_) => "a date",
        }
    }

    /// The value as it stands in an address, a header or a body.
    pub fn rendered(&self) -> String {
        match self {
            Value::Json(serde_json::Value::String(text)) => text.clone(),
            Value::Json(json) => json.to_string(),
            Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Value::Date(date) => date.to_string(),
        }
    }
}

/// What kind of JSON it is.
pub(crate) fn kind(json: &serde_json::Value) -> &'static str {
    match json {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "a boolean",
        serde_json::Value::Number(number) if number.is_f64() => "a float",
        serde_json::Value::Number(_) => "an integer",
        serde_json::Value::String(_) => "a string",
        serde_json::Value::Array(_) => "a list",
        serde_json::Value::Object(_) => "an object",
    }
}

impl fmt::Display for Value {
    /// The value, cut to a length that a message can bear.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = match self {
            Value::Json(json) => json.to_string(),
            Value::Bytes(bytes) => {
                let shown: String = bytes
                    .iter()
                    .take(LONGEST / 2)
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                format!(
                    "hex,{shown}{}",
                    if bytes.len() > LONGEST / 2 {
                        "…"
                    } else {
                        ";"
                    }
                )
            }
            Value::Date(date) => date.to_string(),
        };
        f.write_str(&cut(&whole))
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Text cut to a length that a message can bear.
pub(crate) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

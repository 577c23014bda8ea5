//! YAML as a tree of JSON: what an OpenAPI document may be written in.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value as Json};

/// How deep values may lie in each other.
const DEEPEST: usize = 128;
/// How many values a document may have, those that aliases copy included.
const MOST: usize = 500_000;

/// The first document of a text.
///
/// # Errors
///
/// It is no YAML, or too deep or too large. The text is not quoted.
pub(super) fn parsed(text: &str) -> Result<Json, String> {
    let mut tree = Tree::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = error.marker();
            format!(
                "the document is no YAML: see line {}, column {}",
                at.line(),
                at.col() + 1
            )
        })?;
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        let line = span.start.line();
        tree.event(event)
            .map_err(|why| format!("{why}: see line {line}"))?;
    }
    Ok(tree.root.unwrap_or(Json::Null))
}

#[derive(Default)]
struct Tree {
    root: Option<Json>,
    open: Vec<(Open, usize)>,
    anchors: HashMap<usize, (Json, usize)>,
    values: usize,
}

enum Open {
    List(Vec<Json>),
    Map(Map<String, Json>, Option<String>),
}

impl Tree {
    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                self.count(1)?;
                let value = scalar(text, style);
                self.remember(anchor, &value);
                self.put(value)
            }
            Event::SequenceStart(anchor, _) => self.begin(Open::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => self.begin(Open::Map(Map::new(), None), anchor),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some((open, anchor)) = self.open.pop() else {
                    return Ok(());
                };
                let value = match open {
                    Open::List(items) => Json::Array(items),
                    Open::Map(members, _) => Json::Object(members),
                };
                self.remember(anchor, &value);
                self.put(value)
            }
            Event::Alias(anchor) => {
                let Some((value, size)) = self.anchors.get(&anchor).cloned() else {
                    return Err("an alias stands inside of what it names".to_owned());
                };
                self.count(size)?;
                if self.open.len() + depth(&value) > DEEPEST {
                    return Err("the document is nested too deeply".to_owned());
                }
                self.put(value)
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, open: Open, anchor: usize) -> Result<(), String> {
        self.count(1)?;
        if self.open.len() == DEEPEST {
            return Err("the document is nested too deeply".to_owned());
        }
        self.open.push((open, anchor));
        Ok(())
    }

    fn count(&mut self, values: usize) -> Result<(), String> {
        self.values = self.values.saturating_add(values);
        if self.values > MOST {
            return Err("the document has too many values".to_owned());
        }
        Ok(())
    }

    fn remember(&mut self, anchor: usize, value: &Json) {
        if anchor != 0 {
            self.anchors.insert(anchor, (value.clone(), size(value)));
        }
    }

    fn put(&mut self, value: Json) -> Result<(), String> {
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some((Open::List(items), _)) => items.push(value),
            Some((Open::Map(_, key @ None), _)) => {
                *key = Some(match value {
                    Json::String(text) => text,
                    // `200:` is a status.
                    Json::Number(_) | Json::Bool(_) => value.to_string(),
                    Json::Null => "null".to_owned(),
                    Json::Array(_) | Json::Object(_) => {
                        return Err("a key is a list or a map".to_owned());
                    }
                });
            }
            Some((Open::Map(members, key), _)) => match (key.take(), value) {
                (Some(key), Json::Object(merged)) if key == "<<" => {
                    for (key, value) in merged {
                        members.entry(key).or_insert(value);
                    }
                }
                (Some(key), value) => {
                    members.insert(key, value);
                }
                (None, _) => {}
            },
        }
        Ok(())
    }
}

fn size(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Json::Object(members) => 1 + members.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

fn depth(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Json::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// A scalar by the core schema of YAML 1.2.
fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Json {
    if style != ScalarStyle::Plain {
        return Json::String(text.into_owned());
    }
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" => Json::Null,
        "true" | "True" | "TRUE" => Json::Bool(true),
        "false" | "False" | "FALSE" => Json::Bool(false),
        plain => number(plain).map_or_else(|| Json::String(plain.to_owned()), Json::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    let digits = text.trim_start_matches(['-', '+']);
    if !digits.starts_with(|char: char| char.is_ascii_digit() || char == '.') {
        return None;
    }
    if let Some(hex) = digits.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(Number::from);
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    let integer = text.parse::<i64>().map(Number::from);
    integer
        .or_else(|_| text.parse::<u64>().map(Number::from))
        .ok()
        .or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64))
}

//! Patterns: regular expressions and paths of JSON, bounded in what they may cost.

use regex::Regex;
use serde_json::Value as Json;
use serde_json_path::JsonPath;

use crate::scenario::plan::Pattern;
use crate::scenario::template::Variables;

/// The longest path of JSON, in bytes.
const LONGEST_PATH: usize = 500;
/// How deep parentheses and brackets may lie in each other.
const DEEPEST_PATH: usize = 16;
/// How often a path may look at all descendants: each time multiplies the work.
const MOST_DESCENTS: usize = 2;

/// A regular expression, bounded in the room that it takes.
pub(in crate::scenario) fn compiled(pattern: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "this pattern is too large".to_owned(),
            _ => "this is no regular expression".to_owned(),
        })
}

/// A path of JSON (RFC 9535).
pub(in crate::scenario) fn json_path(path: &str) -> Result<JsonPath, String> {
    let mut depth = 0usize;
    let mut deepest = 0;
    for byte in path.bytes() {
        match byte {
            b'(' | b'[' | b'!' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if path.len() > LONGEST_PATH
        || deepest > DEEPEST_PATH
        || path.matches("..").count() > MOST_DESCENTS
    {
        return Err("this JSONPath is too long or too deep".to_owned());
    }
    JsonPath::parse(path).map_err(|_| "this is no JSONPath (RFC 9535)".to_owned())
}

/// What a path finds: nothing, one value, or a list of several.
pub(super) fn found(path: &str, json: &Json) -> Result<Option<Json>, String> {
    let path = json_path(path)?;
    let nodes = path.query(json).all();
    Ok(match nodes.as_slice() {
        [] => None,
        [one] => Some((*one).clone()),
        several => Some(Json::Array(
            several.iter().map(|node| (*node).clone()).collect(),
        )),
    })
}

impl Pattern {
    /// The regular expression.
    pub(super) fn regex(&self, variables: &Variables) -> Result<Regex, String> {
        match self {
            Pattern::Written(regex) => Ok(regex.clone()),
            Pattern::Text(text) => compiled(&text.render(variables)?),
        }
    }
}

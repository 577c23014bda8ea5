//! Text with holes that variables fill: `/users/{{id}}`.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

use super::evaluate;
use super::plan::Filter;
use super::value::Value;

/// The longest text that filling holes may give, in bytes.
const LONGEST: usize = 4 << 20;

/// Variables by their names.
pub type Variables = BTreeMap<String, Value>;

/// Text with holes.
#[derive(Clone, Default, PartialEq)]
pub struct Template {
    pub(crate) pieces: Vec<Piece>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    /// As it is.
    Text(String),
    /// A hole.
    Hole(Hole),
    /// A hole within a string of JSON, where what fills it is escaped.
    Quoted(Hole),
}

/// A hole: `{{name}}`, `{{newUuid}}`, `{{name urlEncode}}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Hole {
    pub(crate) name: String,
    pub(crate) filters: Vec<Filter>,
}

impl Hole {
    /// What fills the hole.
    ///
    /// # Errors
    ///
    /// The variable is not set, or a filter does not fit its value.
    pub fn value(&self, variables: &Variables) -> Result<Value, String> {
        let value = match (variables.get(&self.name), self.name.as_str()) {
            (Some(value), _) => value.clone(),
            (None, "newUuid") => Value::text(new_uuid()),
            (None, "newDate") => Value::text(jiff::Timestamp::now().to_string()),
            (None, name) => return Err(format!("the variable `{name}` is not set")),
        };
        let filtered = evaluate::filtered(Some(value), &self.filters, variables)?;
        filtered.ok_or_else(|| format!("the filters of `{}` leave nothing", self.name))
    }
}

impl Template {
    /// Text without holes.
    pub fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        Template {
            pieces: if text.is_empty() {
                Vec::new()
            } else {
                vec![Piece::Text(text)]
            },
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The text as it is written, with its holes.
    pub fn source(&self) -> String {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Hole(hole) | Piece::Quoted(hole) => format!("{{{{{}}}}}", hole.name),
        });
        pieces.collect()
    }

    /// The text with its holes filled.
    ///
    /// # Errors
    ///
    /// A variable is not set, a filter does not fit, or the text gets too long.
    pub fn render(&self, variables: &Variables) -> Result<String, String> {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Hole(hole) => out.push_str(&hole.value(variables)?.rendered()),
                Piece::Quoted(hole) => {
                    let quoted =
                        serde_json::Value::String(hole.value(variables)?.rendered()).to_string();
                    out.push_str(&quoted[1..quoted.len() - 1]);
                }
            }
            if out.len() > LONGEST {
                return Err("the text gets too long when its variables are filled in".to_owned());
            }
        }
        Ok(out)
    }

    /// The text, when it has no holes.
    pub(crate) fn without_holes(&self) -> Option<String> {
        match self.pieces.as_slice() {
            [] => Some(String::new()),
            [Piece::Text(text)] => Some(text.clone()),
            _ => None,
        }
    }

    /// What stands before and behind the first such sign outside of holes.
    pub(crate) fn divided(&self, sign: char) -> Option<(Template, Template)> {
        let mut pieces = self.pieces.iter().enumerate();
        let (at, (before, behind)) = pieces.find_map(|(at, piece)| match piece {
            Piece::Text(text) => Some((at, text.split_once(sign)?)),
            Piece::Hole(_) | Piece::Quoted(_) => None,
        })?;
        let mut first = Template {
            pieces: self.pieces[..at].to_vec(),
        };
        first.pieces.extend(Template::plain(before).pieces);
        let mut second = Template::plain(behind);
        second.pieces.extend_from_slice(&self.pieces[at + 1..]);
        Some((first, second))
    }

    pub(crate) fn push_char(&mut self, char: char) {
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(char),
            _ => self.pieces.push(Piece::Text(char.to_string())),
        }
    }

    pub(crate) fn push_hole(&mut self, hole: Hole) {
        self.pieces.push(Piece::Hole(hole));
    }

    pub(crate) fn push_quoted(&mut self, hole: Hole) {
        self.pieces.push(Piece::Quoted(hole));
    }

    /// Without the spaces at its end.
    pub(crate) fn trimmed(mut self) -> Self {
        if let Some(Piece::Text(text)) = self.pieces.last_mut() {
            text.truncate(text.trim_end_matches([' ', '\t']).len());
            if text.is_empty() {
                self.pieces.pop();
            }
        }
        self
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.source(), f)
    }
}

/// A UUID of version 4 (RFC 9562, section 5.4).
pub(super) fn new_uuid() -> String {
    // The keys of every hasher are new, and their first ones come from the system.
    let word = || {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u128(jiff::Timestamp::now().as_nanosecond().unsigned_abs());
        hasher.finish()
    };
    let (high, low) = (word(), word());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 50),
        low & 0xffff_ffff_ffff
    )
}

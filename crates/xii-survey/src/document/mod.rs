//! One tree with the places of its values, whatever format it was written in.
//!
//! JSON, YAML and TOML are read into [`Node`]; `.env` and INI files, which
//! have no nesting, into lists of entries (`.env` by the grammar that the runtime
//! shares, in the model). Everything here is pure: text in,
//! values out.
//!
//! What holds for every format:
//!
//! * Offsets are bytes of the text that was passed in, a byte order mark
//!   included. Spans lie on character boundaries.
//! * The span of a quoted scalar, and of a quoted key, includes its quotes: it
//!   is the whole token, so that `text[span]` can be shown or replaced. Only a YAML
//!   block scalar is its lines, without the `|` or `>` before them.
//! * Input is taken to be hostile: depth, the number of values and what
//!   aliases may copy are bounded, and going over a bound is [`Malformed`].
//! * No error message quotes the text, which may hold secrets.

mod ini;
mod json;
mod limits;
mod node;
#[cfg(test)]
mod outline;
mod templates;
mod toml;
mod yaml;

pub use ini::{Ini, IniEntry, IniSection, ini};
pub use json::json;
pub use limits::{MAX_ALIAS_TEXT, MAX_ALIAS_VALUES, MAX_DEPTH};
pub use node::{Entry, Map, Node, Value};
pub use templates::{TEMPLATE_FILLER, without_templates};
pub use toml::toml;
pub use xii_model::grammar::{DotEnv, DotEnvEntry, MAX_ERRORS, MAX_VALUES, Malformed, dotenv};
pub use yaml::yaml;

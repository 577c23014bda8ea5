//! Settings in TOML: uv's and cargo's.

use std::io;
use std::path::Path;

use toml_edit::{DocumentMut, Item, TableLike};

use super::carried::{Registries, read};

/// What of uv's does.
pub(super) const UV: [&str; 9] = [
    "index",
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "allow-insecure-host",
    "native-tls",
    "system-certs",
    "keyring-provider",
];

/// What of cargo's does.
pub(super) const CARGO: [&str; 5] = ["source", "registries", "registry", "http", "net"];

impl Registries {
    pub(super) fn toml(&mut self, from: &Path, keys: &[&str], to: &Path) -> io::Result<()> {
        let Some(mut document) = read(from).and_then(|text| text.parse::<DocumentMut>().ok())
        else {
            return Ok(());
        };
        let all: Vec<String> = document.iter().map(|(key, _)| key.to_owned()).collect();
        for key in all {
            if !keys.contains(&key.as_str()) {
                document.remove(&key);
            }
        }
        self.toml_secrets(document.as_table(), false);
        self.write(to, &document.to_string())
    }

    /// Takes up the strings of a table that are secrets: all of them, or those that are called so.
    pub(super) fn toml_secrets(&mut self, table: &dyn TableLike, all: bool) {
        for (key, item) in table.iter() {
            match item {
                Item::Value(value) => {
                    if let Some(text) = value.as_str() {
                        self.note_secrets(if all { "token" } else { key }, text);
                    } else if let Some(inner) = value.as_inline_table() {
                        self.toml_secrets(inner, all);
                    }
                }
                Item::Table(inner) => self.toml_secrets(inner, all),
                Item::ArrayOfTables(tables) => {
                    for inner in tables {
                        self.toml_secrets(inner, all);
                    }
                }
                Item::None => {}
            }
        }
    }
}

//! The readers, and the reading of a file by those that recognise it.

use xii_model::Facts;

use super::reader::Reader;
use super::{env_file, npm, procfile, python};
use crate::source::Source;

/// Every reader. A file may be recognised by several.
static READERS: &[&Reader] = &[
    &env_file::READER,
    &npm::bun_lock::READER,
    &npm::npmrc::READER,
    &npm::package_json::READER,
    &npm::package_lock::READER,
    &npm::pnpm_lock::READER,
    &npm::pnpm_workspace::READER,
    &npm::yarn_lock::READER,
    &procfile::READER,
    &python::pyproject::READER,
    &python::requirements::READER,
];
use super::{dockerfile, procfile};
use super::{compose, dockerfile, procfile};
use crate::source::Source;

/// Every reader. A file may be recognised by several.
static READERS: &[&Reader] = &[&compose::READER, &dockerfile::READER, &procfile::READER];

/// Whether any reader recognises the file.
pub(crate) fn recognises(path: &str) -> bool {
    READERS.iter().any(|reader| (reader.recognises)(path))
}

/// Reads a file with every reader that recognises it.
pub(crate) fn read(source: &Source<'_>, facts: &mut Facts) {
    for reader in READERS
        .iter()
        .filter(|reader| (reader.recognises)(source.path))
    {
        (reader.read)(source, facts);
    }
}

/// Reads a text as one reader would, for tests.
#[cfg(test)]
pub(crate) fn read_text(reader: &Reader, path: &str, text: &str) -> Facts {
    let path: std::sync::Arc<str> = path.into();
    assert!(
        (reader.recognises)(&path),
        "{} does not recognise {path}",
        reader.name
    );
    let mut facts = Facts::default();
    (reader.read)(
        &Source::new(&path, text, crate::classify::by_path(&path), None),
        &mut facts,
    );
    facts
}

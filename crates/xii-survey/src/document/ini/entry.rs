use std::ops::Range;

use xii_model::grammar::comment_in;

use crate::document::Malformed;

/// What an INI file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ini {
    /// The sections in the order they are written. A name may occur twice.
    /// Entries before the first header are in a section with an empty name.
    pub sections: Vec<IniSection>,
    /// One error for each line that is not in the grammar, in order.
    pub errors: Vec<Malformed>,
}

/// A section of an INI file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IniSection {
    /// What stands between the brackets, trimmed.
    pub name: String,
    /// Bytes of the header with its brackets; empty for what precedes all headers.
    pub span: Range<usize>,
    /// The entries in the order they are written. A key may occur twice.
    pub entries: Vec<IniEntry>,
}

/// A key of an INI file with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IniEntry {
    /// The key, in the case it is written in.
    pub key: String,
    /// Bytes that the key takes up.
    pub key_span: Range<usize>,
    /// The value. Continuation lines are trimmed and follow after a line feed
    /// each; a comment behind the value is part of it. `None` for a key without
    /// `=` or `:`.
    pub value: Option<String>,
    /// Bytes from the first to the last line of the value; empty if it has none.
    pub value_span: Range<usize>,
    /// Where each line of the value that is not empty stands, trimmed.
    pub lines: Vec<Range<usize>>,
}

impl Ini {
    /// The last section of this name.
    pub fn section(&self, name: &str) -> Option<&IniSection> {
        self.sections.iter().rfind(|section| section.name == name)
    }
}

impl IniSection {
    /// The last entry under `key`.
    pub fn get(&self, key: &str) -> Option<&IniEntry> {
        self.entries.iter().rfind(|entry| entry.key == key)
    }
}

impl IniEntry {
    /// The value without what follows white space and `;` or `#`, and without
    /// the lines that are left empty. supervisord reads its file so; Python's
    /// `configparser`, and with it `setup.cfg` and `alembic.ini`, by default
    /// takes such text for part of the value.
    pub fn without_comments(&self) -> Option<String> {
        let value = self.value.as_ref()?;
        let kept: Vec<_> = value
            .split('\n')
            .map(|line| {
                comment_in(line, &[';', '#'])
                    .and_then(|end| line.get(..end))
                    .unwrap_or(line)
            })
            .filter(|line| !line.is_empty())
            .collect();
        Some(kept.join("\n"))
    }
}

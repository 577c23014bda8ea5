//! Where a claim comes from: path, span and a redacted excerpt.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A place in a text file. Lines and columns start at 1; columns count characters.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// Path, span and excerpt of something read from the repository.
///
/// The excerpt is redacted where the evidence is made, so whoever holds evidence may print it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// Path below the audited folder, with forward slashes.
    pub path: Arc<str>,
    /// Where it starts.
    pub start: Position,
    /// The position just after its end.
    pub end: Position,
    /// The lines from `start.line` on, redacted and cut to a bounded size; empty for a whole file.
    pub excerpt: Box<str>,
}

impl Evidence {
    /// Evidence that is a file as a whole: its first line stands for it and nothing is quoted.
    pub fn file(path: impl Into<Arc<str>>) -> Self {
        let first = Position { line: 1, column: 1 };
        Evidence {
            path: path.into(),
            start: first,
            end: first,
            excerpt: "".into(),
        }
    }

    /// Whether it stands for the file as a whole.
    pub fn is_whole_file(&self) -> bool {
        self.excerpt.is_empty()
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_whole_file() {
            return f.write_str(&self.path);
        }
        write!(f, "{}:{}:{}", self.path, self.start.line, self.start.column)
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

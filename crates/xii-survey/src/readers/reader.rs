//! What a reader is, and which there are.

use xii_model::Facts;

use crate::source::Source;

/// Recognises files of one format and makes facts of them.
pub(crate) struct Reader {
    /// The format's name, for tests.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests say which reader failed"))]
    pub(crate) name: &'static str,
    /// Whether a file is of this format, by its path below the audited folder (forward slashes).
    pub(crate) recognises: fn(path: &str) -> bool,
    /// Makes facts of the file's text. What cannot be understood is said with `source.unread`.
    pub(crate) read: fn(source: &Source<'_>, facts: &mut Facts),
}

/// The name of a file without its folders, in lower case.
pub(crate) fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase()
}

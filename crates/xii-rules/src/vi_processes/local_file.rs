//! Request handlers write files to the disk of one instance.
//!
//! ## What it looks for
//!
//! Writes inside request handlers, below the app's folder or at a fixed path, other than uploads
//! (`local-upload`), databases (`local-database`) and logs (XI.2). Temporary folders are fine, because
//! what stands there need not last.
//!
//! ## Why it matters
//!
//! The request that wants the file back may reach another instance, or the same one after a restart,
//! and then it is not there. Two instances that write the same name on a shared disk overwrite each
//! other.
//!
//! ## What to do instead
//!
//! Send the bytes to the client at once, keep them in an object store or the database, or write below
//! the temporary folder and delete them before the request ends:
//!
//! ```js
//! const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'report-'));
//! ```
//!
//! ```python
//! with tempfile.NamedTemporaryFile() as file: ...
//! ```

use xii_model::{App, Confidence, Fact, FilePlace, FileWrite, Severity, Written};

use crate::{Claims, Rule, grouping, places};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "local-file",
    criteria: &["VI.2"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let writes: Vec<&Fact<FileWrite>> = app
        .facts
        .file_writes
        .iter()
        .filter(|write| {
            write.scope.is_deployed()
                && write.scope.handler
                && matches!(write.what.what, Written::Other | Written::Cache)
        })
        .collect();
    let (kept, passing): (Vec<_>, Vec<_>) = writes
        .into_iter()
        .partition(|write| matches!(write.place, FilePlace::AppRoot | FilePlace::Absolute));
    if let (true, Some(write)) = (
        kept.is_empty(),
        passing
            .iter()
            .find(|write| write.place == FilePlace::Temporary),
    ) {
        claims.holds(
            "VI.2",
            "handlers write to the temporary folder only",
            &write.at,
        );
    }
    for group in grouping::by_file(kept) {
        let write = group.first;
        let cache = write.what.what == Written::Cache;
        let place = match write.path.fallback() {
            Some(path) => format!("`{path}`"),
            None => "a file".to_owned(),
        };
        let more = match group.rest.len() {
            0 => String::new(),
            more => format!(" (and {more} more in this file)"),
        };
        let draft = claims.finding(
            &write.at,
            format!(
                "a request handler writes {place} on the instance's own disk{more}: the next request may reach an instance that does not have it"
            ),
        );
        draft
            .severity(if cache { Severity::Note } else { Severity::Warning })
            .confidence(match write.place {
                _ if cache => Confidence::Low,
                FilePlace::AppRoot => Confidence::Medium,
                _ => Confidence::Low,
            })
            .subject(write.through.as_str())
            .help(if places::is_pythonic(app) {
                "keep it in an object store or the database; what is needed only during the request belongs into the temporary folder:\n    with tempfile.TemporaryDirectory() as folder: …"
            } else {
                "keep it in an object store or the database; what is needed only during the request belongs into the temporary folder:\n    await fs.mkdtemp(path.join(os.tmpdir(), 'work-'))"
            });
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, "and here");
        }
    }
}

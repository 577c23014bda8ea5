//! Uploaded files are kept on the disk of one instance.
//!
//! ## What it looks for
//!
//! Upload handling that writes below the app's folder or to a fixed path: multer's `dest`, Django's
//! `MEDIA_ROOT` with the file system storage, `file.save(…)` in Flask. Temporary folders are fine.
//!
//! ## Why it matters
//!
//! The disk of an instance is gone with it, at every deploy at the latest. Until then the file exists
//! on the one instance that took it, and the next request may go to another.
//!
//! ## What to do instead
//!
//! Hand the file on to an object store and keep its key:
//!
//! ```js
//! const upload = multer({ storage: multerS3({ s3, bucket: process.env.UPLOADS_BUCKET }) });
//! ```
//!
//! ```python
//! STORAGES = {"default": {"BACKEND": "storages.backends.s3.S3Storage"}}
//! ```

use xii_model::{
    App, Confidence, Fact, FilePlace, FileWrite, Framework, ResourceKind, Severity, Written,
};

use crate::{Claims, Rule, grouping};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "local-upload",
    criteria: &["VI.2"],
    severity: Severity::Error,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let uploads = app.facts.file_writes.iter().filter(|write| {
        write.what.what == Written::Upload
                && write.scope.is_deployed()
                // A task that an operator runs takes no uploads.
                && !write.at.path.contains("/management/commands/")
    });
    let object_store = app
        .facts
        .resource_clients
        .iter()
        .find(|client| client.scope.is_deployed() && client.kind == ResourceKind::ObjectStore);
    let storage_library = app.depends_on(&[
        "django-storages",
        "multer-s3",
        "flask-s3",
        "@google-cloud/storage",
        "multer-azure-blob-storage",
    ]);
    let (kept, passing): (Vec<_>, Vec<_>) =
        uploads.partition(|write| write.place != FilePlace::Temporary);
    if let (true, Some(client)) = (kept.is_empty(), object_store) {
        claims.holds(
            "VI.2",
            format!("{} keeps files in an object store", client.library),
            &client.at,
        );
    } else if let (true, Some(write)) = (kept.is_empty(), passing.first()) {
        claims.holds(
            "VI.2",
            "uploads pass through a temporary folder only",
            &write.at,
        );
    }
    let kept = kept
        .into_iter()
        .filter(|write| write.place != FilePlace::Unknown);
    for group in grouping::by_file(kept) {
        let write = group.first;
        let draft = claims.finding(
            &write.at,
            format!(
                "{} keeps uploaded files {}: other instances do not have them, and the next deploy deletes them",
                write.through,
                place(write)
            ),
        );
        draft
            .severity(match write.place {
                FilePlace::Configured => Severity::Warning,
                _ => Severity::Error,
            })
            .confidence(match write.place {
                // The code can use an object store as well, so which one a deploy uses is config.
                _ if object_store.is_some() || storage_library => Confidence::Low,
                FilePlace::AppRoot if volumes(app) => Confidence::Medium,
                FilePlace::AppRoot => Confidence::High,
                FilePlace::Absolute => Confidence::Medium,
                _ => Confidence::Low,
            })
            .subject(write.through.as_str())
            .help(help(app));
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, "and here");
        }
    }
}

/// Whether a manifest mounts storage that outlives the instance.
fn volumes(app: &App) -> bool {
    app.facts
        .workloads
        .iter()
        .any(|workload| !workload.persistent_volumes.is_empty())
        || app
            .facts
            .compose_services
            .iter()
            .any(|service| service.build_context.is_some() && !service.volumes.is_empty())
}

fn place(write: &Fact<FileWrite>) -> String {
    match (&write.place, write.path.fallback()) {
        (FilePlace::Configured, _) => "in a folder of the disk that config names".to_owned(),
        (_, Some(path)) => format!("in `{path}` on the instance's own disk"),
        _ => "on the instance's own disk".to_owned(),
    }
}

fn help(app: &App) -> &'static str {
    if app.uses(Framework::Django) {
        "let an object store keep them, with django-storages:\n    STORAGES = {\"default\": {\"BACKEND\": \"storages.backends.s3.S3Storage\"}, …}"
    } else if app.uses(Framework::Nest) {
        "take the file into memory and hand it on to an object store:\n    FileInterceptor('file', { storage: memoryStorage() })"
    } else if app.is_node() {
        "hand the file on to an object store and keep its key:\n    multer({ storage: multerS3({ s3, bucket: process.env.UPLOADS_BUCKET }) })"
    } else {
        "hand the file on to an object store and keep its key:\n    s3.upload_fileobj(file, os.environ[\"UPLOADS_BUCKET\"], key)"
    }
}

//! Finds dependencies whose versions no committed lock file fixes.
//!
//! ## What it looks for
//!
//! A manifest with dependencies and no lock file of its ecosystem, or one that git does not track.
//! A `requirements.txt` in which every line is pinned to one version counts as a lock.
//!
//! ## Why it matters
//!
//! Without a lock each build chooses the newest versions that fit, so two builds of one commit
//! differ, and a release of somebody else's package can break yours on a day when you changed
//! nothing.
//!
//! ## What to do instead
//!
//! Commit the lock that the package manager writes, and install from it:
//!
//! ```sh
//! npm install && git add package-lock.json     # in the image: npm ci
//! uv lock && git add uv.lock                   # in the image: uv sync --frozen
//! pip-compile --generate-hashes requirements.in
//! ```
//!
//! ## When it is fine
//!
//! A library leaves the choice of versions to the app that uses it.

use xii_model::{
    App, AppKind, Confidence, Dependency, DependencyGroup, Ecosystem, Fact, LockFile, Manifest,
    Pin, Severity,
};

use crate::wording::count;
use crate::{Claims, Rule, manifests};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "missing-lock-file",
    criteria: &["II.2"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    if app.kind == AppKind::Library {
        return;
    }
    for ecosystem in [Ecosystem::Npm, Ecosystem::Python] {
        let outside: Vec<&Fact<Dependency>> = app
            .facts
            .dependencies
            .iter()
            .filter(|dependency| {
                dependency.ecosystem == ecosystem
                    && dependency.pin != Pin::Local
                    && matches!(
                        dependency.group,
                        DependencyGroup::Run | DependencyGroup::Development
                    )
            })
            .collect();
        let manifest = manifests::main(app, ecosystem);
        let (Some(manifest), false) = (manifest, outside.is_empty()) else {
            continue;
        };
        let locks: Vec<&Fact<LockFile>> = app
            .facts
            .lock_files
            .iter()
            .filter(|lock| lock.ecosystem == ecosystem)
            .collect();
        let kept = locks
            .iter()
            .filter(|lock| lock.tracked != Some(false))
            .min_by_key(|lock| lock.at.path.matches('/').count());
        if let Some(kept) = kept {
            hold(kept, claims);
        } else if let Some(untracked) = locks.first() {
            claims
                .finding(
                    &untracked.at,
                    format!(
                        "{} is not committed, so every build chooses versions anew and no two need to be alike",
                        untracked.format
                    ),
                )
                .confidence(Confidence::High)
                .help(format!(
                    "take it out of .gitignore and commit it:\n    git add --force {}",
                    untracked.at.path
                ));
        } else if let Some(unread) = manifests::unread_lock(app, ecosystem) {
            claims.could_not_tell("II.2", format!("{unread} could not be read as a lock"));
        } else {
            missing(ecosystem, manifest, &outside, claims);
        }
    }
}

fn hold(lock: &Fact<LockFile>, claims: &mut Claims<'_>) {
    let hashes = if lock.hashes {
        ", with hashes"
    } else {
        ""
    };
    claims.holds(
        "II.2",
        format!(
            "{} locks {}{hashes}",
            lock.format,
            count(lock.packages.len(), "package")
        ),
        &lock.at,
    );
}

fn missing(
    ecosystem: Ecosystem,
    manifest: &Fact<Manifest>,
    outside: &[&Fact<Dependency>],
    claims: &mut Claims<'_>,
) {
    let open = outside
        .iter()
        .filter(|dependency| dependency.pin != Pin::Exact)
        .count();
    let sure = manifest.complete;
    let loose = match open {
        0 => "they are pinned, but what they need themselves is not".to_owned(),
        open => format!("{open} of {} dependencies may be another version", outside.len()),
    };
    let at = outside
        .iter()
        .find(|dependency| {
            manifest.format == "requirements.txt"
                && dependency.pin != Pin::Exact
                && dependency.at.path == manifest.at.path
        })
        .map_or(&manifest.at, |dependency| &dependency.at);
    let file = crate::deploy_names::file_name(&at.path);
    claims
        .finding(
            at,
            format!("no lock file belongs to {file}: with the next build {loose}"),
        )
        .confidence(if sure { Confidence::High } else { Confidence::Medium })
        .help(match ecosystem {
            Ecosystem::Npm => "commit the lock, and install from it in the image and in CI:\n    npm install && git add package-lock.json\n    npm ci".to_owned(),
            _ if manifest.format == "requirements.txt" => "pin every package, those that come along too:\n    pip-compile --generate-hashes --output-file requirements.txt requirements.in\n    pip install --require-hashes -r requirements.txt".to_owned(),
            _ => match manifest.tool.as_deref() {
                Some("poetry") => "commit the lock, and install from it:\n    poetry lock && git add poetry.lock\n    poetry install --only main".to_owned(),
                _ => "commit the lock, and install from it:\n    uv lock && git add uv.lock\n    uv sync --frozen --no-dev".to_owned(),
            },
        });
}

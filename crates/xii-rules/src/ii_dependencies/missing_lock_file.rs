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
    App, AppKind, Confidence, Dependency, DependencyGroup, Ecosystem, Fact, FileClass, LockFile,
    Manifest, Pin, Severity,
};

use crate::wording::count;
use crate::{Claims, Rule, manifests, places};

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
    let order = match places::is_pythonic(app) {
        true => [Ecosystem::Python, Ecosystem::Npm],
        false => [Ecosystem::Npm, Ecosystem::Python],
    };
    for ecosystem in order {
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
        if let Some((kept, (package, needs))) = kept.and_then(|kept| Some((kept, open_end(kept)?)))
        {
            claims
                .finding(
                    &kept.at,
                    format!(
                        "{} pins {} but not what they need themselves: `{needs}`, which {package} brings along, may be another version with the next build",
                        kept.format,
                        count(kept.packages.len(), "package")
                    ),
                )
                .severity(Severity::Note)
                .confidence(Confidence::High)
                .help("pin every package, those that come along too:\n    pip-compile --generate-hashes --output-file requirements.txt requirements.in\n    pip install --require-hashes -r requirements.txt");
        } else if let Some(kept) = kept {
            // A lock without packages is one that a template leaves to be made.
            if !kept.packages.is_empty() {
                hold(kept, claims);
            }
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
        } else if manifest.scope.class != FileClass::Template {
            // A project is locked once it has been made from its template.
            missing(ecosystem, manifest, &outside, claims);
        }
    }
}

/// Packages that always bring another along: where that one is not pinned, what is pinned is a list of
/// direct dependencies and no lock.
const BRINGS: [(&str, &str); 8] = [
    ("flask", "werkzeug"),
    ("django", "sqlparse"),
    ("fastapi", "starlette"),
    ("celery", "kombu"),
    ("requests", "urllib3"),
    ("uvicorn", "h11"),
    ("boto3", "botocore"),
    ("httpx", "httpcore"),
];

/// What a list of pins leaves open: a package, and what it brings along unpinned.
fn open_end(lock: &LockFile) -> Option<(&'static str, &'static str)> {
    let has = |name: &str| lock.packages.iter().any(|one| one == name);
    BRINGS
        .iter()
        .copied()
        .find(|(package, needs)| lock.format == "requirements.txt" && has(package) && !has(needs))
}

fn hold(lock: &Fact<LockFile>, claims: &mut Claims<'_>) {
    let hashes = if lock.hashes { ", with hashes" } else { "" };
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
        open => format!(
            "{open} of {} dependencies may be another version",
            outside.len()
        ),
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

//! The manifest that stands for an app, and lock files that were seen and not read.

use xii_model::{App, Ecosystem, Fact, FileClass, Manifest, Scope};

use crate::deploy_names::file_name;
use crate::places;

/// The manifest of an ecosystem that stands closest to the app's root.
pub(crate) fn main(app: &App, ecosystem: Ecosystem) -> Option<&Fact<Manifest>> {
    nearest(app, |manifest| manifest.ecosystem == ecosystem)
}

/// The manifest of any language that is read that stands closest to the app's root.
pub(crate) fn any(app: &App) -> Option<&Fact<Manifest>> {
    // Of manifests side by side, that of the language that most of the app is written in.
    let main = match places::is_pythonic(app) {
        true => Ecosystem::Python,
        false => Ecosystem::Npm,
    };
    let depth = |one: &Fact<Manifest>| one.at.path.matches('/').count();
    let closest = nearest(app, is_read)?;
    let of_main = nearest(app, |manifest| manifest.ecosystem == main)
        .filter(|one| is_own(&one.scope) && depth(one) <= depth(closest));
    of_main.or(Some(closest))
}

/// The manifests of languages whose source is read. Of others only the name and the version are known,
/// and what their apps need or how they start does not show.
pub(crate) fn of_read_languages(app: &App) -> impl Iterator<Item = &Fact<Manifest>> {
    app.facts.manifests.iter().filter(|one| is_read(&one.what))
}

fn is_read(manifest: &Manifest) -> bool {
    matches!(manifest.ecosystem, Ecosystem::Npm | Ecosystem::Python)
}

fn nearest(app: &App, wanted: impl Fn(&Manifest) -> bool) -> Option<&Fact<Manifest>> {
    app.facts
        .manifests
        .iter()
        .filter(|manifest| wanted(&manifest.what))
        .min_by_key(|manifest| {
            (
                !is_own(&manifest.scope),
                !is_below(&manifest.at.path, &app.root),
                manifest.at.path.matches('/').count(),
            )
        })
}

/// Whether a path lies below an app's root.
fn is_below(path: &str, root: &str) -> bool {
    root == "."
        || path
            .strip_prefix(root)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a fact speaks of the app and not of a test, an example, a skeleton or somebody else's code.
pub(crate) fn is_own(scope: &Scope) -> bool {
    matches!(
        scope.class,
        FileClass::Source | FileClass::Tooling | FileClass::Migration
    )
}

/// A lock file in the tree that gave no fact: too large, or of a kind that is not read.
pub(crate) fn unread_lock(app: &App, ecosystem: Ecosystem) -> Option<&str> {
    let names: &[&str] = match ecosystem {
        Ecosystem::Npm => &[
            "package-lock.json",
            "npm-shrinkwrap.json",
            "yarn.lock",
            "pnpm-lock.yaml",
            "bun.lock",
            "bun.lockb",
            "deno.lock",
        ],
        Ecosystem::Python => &[
            "poetry.lock",
            "uv.lock",
            "pdm.lock",
            "Pipfile.lock",
            "pylock.toml",
            "conda-lock.yml",
            "pixi.lock",
        ],
        _ => &[],
    };
    app.files
        .iter()
        .find(|file| names.contains(&file_name(&file.path)))
        .map(|file| &*file.path)
}

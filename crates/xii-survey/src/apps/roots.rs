//! Where the apps of a repository are: by manifests, process types and images.

use std::collections::{BTreeSet, HashSet};

use xii_model::{Ecosystem, Facts, FileClass, FileEntry, Script};

use super::frameworks::named_frameworks;
use super::sight::{Sight, contains};

/// The roots of the apps, in order; `.` for the folder itself. Never empty.
pub(crate) fn roots(facts: &Facts, files: &[FileEntry]) -> Vec<String> {
    let candidates: Vec<String> = candidates(facts, files).into_iter().collect();
    let paths: HashSet<&str> = files.iter().map(|file| &*file.path).collect();
    let running = running(&candidates, facts, files);
    let mut roots: Vec<String> = candidates
        .iter()
        .enumerate()
        .filter(|(number, folder)| running.contains(number) || is_app(folder, facts, &paths))
        .map(|(_, folder)| folder.clone())
        .collect();
    if roots.is_empty() {
        roots.push(".".to_owned());
    }
    roots.sort();
    roots
}

/// Folders that hold a manifest of the repository's own, a Procfile, an image, or Django's
/// `manage.py`.
fn candidates(facts: &Facts, files: &[FileEntry]) -> BTreeSet<String> {
    let mut folders = BTreeSet::new();
    let mut ecosystems: Vec<(String, Ecosystem)> = Vec::new();
    for manifest in facts.manifests.iter().filter(|one| is_own(one.scope.class)) {
        let folder = manifest_folder(&manifest.at.path);
        ecosystems.push((folder.clone(), manifest.ecosystem));
        folders.insert(folder);
    }
    for process in facts
        .process_types
        .iter()
        .filter(|one| one.what.source == "Procfile")
    {
        let folder = folder_of(&process.at.path);
        // A Procfile below the manifest starts another process of the same app.
        // The manifest of a template is its own, though it is not the repository's.
        let manifest = facts
            .manifests
            .iter()
            .any(|one| manifest_folder(&one.at.path) == folder);
        if manifest || !is_own(process.scope.class) || !nested_in_manifest(&folder, &ecosystems) {
            folders.insert(folder);
        }
    }
    for service in facts
        .compose_services
        .iter()
        .filter(|one| one.scope.class == FileClass::Source)
    {
        if let Some(folder) = &service.belongs {
            let folder = folder.trim_start_matches("./").trim_end_matches('/');
            folders.insert(if folder.is_empty() {
                ".".to_owned()
            } else {
                folder.to_owned()
            });
        }
    }
    let managed = files
        .iter()
        .filter(|file| is_own(file.class) && file.path.rsplit('/').next() == Some("manage.py"));
    for file in managed {
        let folder = folder_of(&file.path);
        if !ecosystems.iter().any(|(outer, kind)| {
            *kind == Ecosystem::Python && (contains(outer, &format!("{folder}/x")))
        }) {
            folders.insert(folder);
        }
    }
    for image in facts.images.iter().filter(|one| is_own(one.scope.class)) {
        let folder = folder_of(&image.at.path);
        // A Dockerfile apart from any source (`docker/`, `deploy/`) builds the app around it.
        let holds_source = files.iter().any(|file| {
            file.class == FileClass::Source
                && contains(&folder, &file.path)
                && crate::languages::of(&file.path).is_some()
        });
        if holds_source
            && !folders
                .iter()
                .any(|outer| outer != "." && contains(outer, &format!("{folder}/x")))
            && !nested_in_manifest(&folder, &ecosystems)
        {
            folders.insert(folder);
        }
    }
    folders
}

/// A folder below another with a manifest, and without one of its own, is part of that one.
fn nested_in_manifest(folder: &str, manifests: &[(String, Ecosystem)]) -> bool {
    !manifests.iter().any(|(own, _)| own == folder)
        && manifests
            .iter()
            .any(|(outer, _)| outer != folder && contains(outer, &format!("{folder}/x")))
}

/// The candidates that hold, outside those inside them, what listens or manages a Django project.
fn running(candidates: &[String], facts: &Facts, files: &[FileEntry]) -> HashSet<usize> {
    let sight = Sight::of(candidates);
    let listening = facts
        .listens
        .iter()
        .filter(|one| one.scope.is_deployed())
        .map(|one| &*one.at.path);
    let managed = files
        .iter()
        .filter(|file| file.path.rsplit('/').next() == Some("manage.py") && is_own(file.class))
        .map(|file| &*file.path);
    listening
        .chain(managed)
        .filter_map(|path| sight.owned_by(path))
        .collect()
}

/// Whether a candidate runs by itself: something at its root starts a process, or a browser loads it.
fn is_app(folder: &str, facts: &Facts, paths: &HashSet<&str>) -> bool {
    let at_root = |path: &str| folder_of(path) == folder;
    let manifest_here = |path: &str| manifest_folder(path) == folder;
    facts.process_types.iter().any(|one| {
        at_root(&one.at.path) && matches!(one.what.source.as_str(), "Procfile" | "Dockerfile")
            || one.what.source == "package.json"
                && at_root(&one.at.path)
                && !starts_members(&one.what.command)
    }) || facts
        .images
        .iter()
        .any(|one| at_root(&one.at.path) && is_own(one.scope.class))
        || facts.compose_services.iter().any(|one| {
            one.belongs.as_deref().is_some_and(|belongs| {
                let belongs = belongs.trim_start_matches("./").trim_end_matches('/');
                belongs == folder || belongs.is_empty() && folder == "."
            })
        })
        || is_site(folder, facts, paths)
        || facts.dependencies.iter().any(|one| {
            one.group == xii_model::DependencyGroup::Run
                && named_frameworks(&one.name)
                    .iter()
                    .any(|framework| framework.is_server())
                && manifest_here(&one.at.path)
                && !is_package(folder, facts)
        })
}

/// Whether a start only hands on to the members of a workspace: `yarn workspaces foreach run start`,
/// `turbo run start`, `npm start --workspaces`.
pub(crate) fn starts_members(command: &str) -> bool {
    let words: Vec<&str> = command.split_whitespace().collect();
    let says = |names: &[&str]| words.iter().any(|word| names.contains(word));
    says(&[
        "workspaces",
        "workspace",
        "lerna",
        "turbo",
        "nx",
        "--workspaces",
        "--recursive",
    ]) || words
        .iter()
        .any(|word| word.starts_with("--workspace=") || word.starts_with("--filter"))
        || says(&["npm"]) && says(&["-w", "--workspace"])
        || says(&["pnpm"]) && says(&["-r", "-F"])
}

/// A folder with a page for browsers and a script that builds or serves it.
fn is_site(folder: &str, facts: &Facts, paths: &HashSet<&str>) -> bool {
    const PAGES: [&str; 4] = [
        "index.html",
        "public/index.html",
        "src/index.html",
        "src/app.html",
    ];
    let page = PAGES.iter().any(|page| match folder {
        "." => paths.contains(page),
        _ => paths.contains(format!("{folder}/{page}").as_str()),
    });
    let scripted = facts.scripts.iter().any(|script| {
        let Script { name, source, .. } = &script.what;
        *source == "package.json"
            && folder_of(&script.at.path) == folder
            && matches!(name.as_str(), "build" | "start" | "dev" | "serve")
    });
    page && scripted
}

/// A member of a workspace that others import: it has an entry and no start.
fn is_package(folder: &str, facts: &Facts) -> bool {
    facts
        .manifests
        .iter()
        .any(|one| manifest_folder(&one.at.path) == folder && one.entry.is_some())
        && !facts
            .scripts
            .iter()
            .any(|one| folder_of(&one.at.path) == folder && one.what.name == "start")
}

fn is_own(class: FileClass) -> bool {
    matches!(class, FileClass::Source | FileClass::Tooling)
}

/// The folder that a manifest speaks of: `requirements/base.txt` speaks of the folder around it.
fn manifest_folder(path: &str) -> String {
    let folder = folder_of(path);
    match folder.rsplit_once('/') {
        Some((outer, "requirements")) => outer.to_owned(),
        None if folder == "requirements" => ".".to_owned(),
        _ => folder,
    }
}

fn folder_of(path: &str) -> String {
    path.rsplit_once('/')
        .map_or(".", |(folder, _)| folder)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_that_hands_on_is_told_from_one_of_its_own() {
        for command in [
            "yarn workspaces foreach -ip run start",
            "turbo run start",
            "npm start --workspaces",
            "npm run start -w api",
            "pnpm -r start",
            "pnpm --filter=api start",
        ] {
            assert!(starts_members(command), "{command}");
        }
        for command in [
            "node server.js",
            "next start",
            "npm run start:prod",
            "node -r dotenv/config app",
        ] {
            assert!(!starts_members(command), "{command}");
        }
    }
}

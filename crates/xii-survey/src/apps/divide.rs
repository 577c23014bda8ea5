//! Divides what was read among the apps of the repository.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use xii_model::{App, AppKind, Facts, FileClass, FileEntry, Framework, Git};

use super::frameworks::frameworks;
use super::orchestrated::assign;
use super::roots::{roots, starts_members};
use super::sight::Sight;
use crate::languages;

/// Languages that are named in the header although nothing is read of them, by ending.
const OTHER_LANGUAGES: [(&str, &str); 16] = [
    ("go", "go"),
    ("rb", "ruby"),
    ("java", "java"),
    ("kt", "kotlin"),
    ("scala", "scala"),
    ("php", "php"),
    ("rs", "rust"),
    ("cs", "csharp"),
    ("fs", "fsharp"),
    ("ex", "elixir"),
    ("exs", "elixir"),
    ("swift", "swift"),
    ("clj", "clojure"),
    ("cpp", "c++"),
    ("c", "c"),
    ("pl", "perl"),
];

/// Divides facts and files among the apps, in the order of their roots.
pub(crate) fn divide(
    root: &Path,
    mut facts: Facts,
    files: &[FileEntry],
    git: Option<&Git>,
) -> Vec<App> {
    let roots = roots(&facts, files);
    assign(&mut facts, &roots);
    let sight = Sight::of(&roots);
    let divided = facts.divided(roots.len(), |path, belongs| sight.seen_by(path, belongs));
    let mut seen: Vec<Vec<FileEntry>> = vec![Vec::new(); roots.len()];
    let mut owned: Vec<Vec<&FileEntry>> = vec![Vec::new(); roots.len()];
    for file in files {
        for number in sight.seen_by(&file.path, None) {
            if let Some(seen) = seen.get_mut(*number) {
                seen.push(file.clone());
            }
        }
        if let Some(owned) = sight
            .owned_by(&file.path)
            .and_then(|number| owned.get_mut(number))
        {
            owned.push(file);
        }
    }
    let mut apps: Vec<App> = roots
        .iter()
        .zip(divided)
        .zip(seen.into_iter().zip(owned))
        .enumerate()
        .map(|(number, ((own, mut facts), (files, own_files)))| {
            // What a workspace's root hands on to its members is no process of one of them.
            facts.process_types.retain(|one| {
                sight.owned_by(&one.at.path) == Some(number)
                    || one.source != "package.json"
                    || !starts_members(&one.command)
            });
            let mut app = App {
                name: name(root, own, &facts),
                languages: languages_of(&own_files),
                frameworks: frameworks(&facts, own),
                root: own.clone(),
                git: git.cloned(),
                siblings: roots.clone(),
                facts,
                ..App::default()
            };
            app.kind = kind(&app, &own_files);
            app.files = files;
            app
        })
        .collect();
    // In a repository with apps, a folder that runs nothing is not one of them.
    if apps.len() > 1 {
        apps.retain(|app| app.kind != AppKind::Library);
    }
    apps
}

/// The manifest's name at the app's root, or the folder's.
fn name(root: &Path, own: &str, facts: &Facts) -> String {
    let folder = if own == "." { "" } else { own };
    let manifest = facts
        .manifests
        .iter()
        .filter(|manifest| {
            manifest
                .at
                .path
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder)
                == folder
        })
        .find_map(|manifest| manifest.name.clone());
    let fallback = || match own {
        "." => root
            .canonicalize()
            .ok()
            .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
            .unwrap_or_else(|| "app".to_owned()),
        _ => own.rsplit('/').next().unwrap_or(own).to_owned(),
    };
    manifest
        .filter(|name| !name.is_empty())
        .unwrap_or_else(fallback)
}

/// Languages of the app's own source, the most used first.
fn languages_of(files: &[&FileEntry]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for file in files
        .iter()
        .filter(|file| matches!(file.class, FileClass::Source))
    {
        let extension = file
            .path
            .rsplit('/')
            .next()
            .and_then(|name| Some(name.rsplit_once('.')?.1))
            .unwrap_or("");
        let read = languages::of(&file.path).map(|language| (language.name)(extension));
        let other = || {
            OTHER_LANGUAGES
                .iter()
                .find(|(ending, _)| *ending == extension)
                .map(|(_, name)| *name)
        };
        if let Some(name) = read.or_else(other) {
            *counts.entry(name).or_default() += 1;
        }
    }
    let mut names: Vec<_> = counts.into_iter().collect();
    names.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    names.into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// What the app is, from what it is built on and what it runs.
fn kind(app: &App, files: &[&FileEntry]) -> AppKind {
    const FRONT: [Framework; 5] = [
        Framework::React,
        Framework::Vue,
        Framework::Angular,
        Framework::Svelte,
        Framework::Vite,
    ];
    let facts = &app.facts;
    let paths: HashSet<&str> = files.iter().map(|file| &*file.path).collect();
    let own = |path: &str| paths.contains(path);
    let back = app.frameworks.iter().any(|framework| framework.is_server());
    let runs = facts
        .listens
        .iter()
        .any(|one| one.scope.is_deployed() && own(&one.at.path))
        || facts
            .queue_consumers
            .iter()
            .any(|one| one.scope.is_deployed() && own(&one.at.path))
        || facts
            .process_types
            .iter()
            .any(|one| one.what.source == "Procfile")
        || files
            .iter()
            .any(|file| file.path.rsplit('/').next() == Some("manage.py"));
    let image = facts.images.iter().any(|one| own(&one.at.path));
    let other_language = app
        .languages
        .iter()
        .any(|name| OTHER_LANGUAGES.iter().any(|(_, other)| other == name));
    if back || runs {
        AppKind::Service
    } else if FRONT.iter().any(|framework| app.uses(*framework)) {
        AppKind::Site
    } else if image || !facts.process_types.is_empty() || other_language {
        AppKind::Service
    } else {
        AppKind::Library
    }
}

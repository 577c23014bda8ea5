//! What inference stands on: which files an app has, and what its manifests say.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use xii_model::{App, DependencyGroup, Ecosystem, Manifest};

use super::super::plan::Planned;

/// A file is read so far, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// An app and the folder that it lies in.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) app: &'a App,
    /// The audited folder.
    pub(super) folder: &'a Path,
}

/// Whether a file lies in the folder itself; both are below the audited one.
pub(crate) fn is_at(path: &str, folder: &str) -> bool {
    folder_of(path) == folder
}

/// The folder of a file, `.` for the audited one.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

/// The path of a file in a folder.
pub(super) fn join(folder: &str, name: &str) -> String {
    match folder {
        "." => name.to_owned(),
        _ => format!("{folder}/{name}"),
    }
}

impl<'a> Ground<'a> {
    /// Whether the app's folder has the file, and a clean copy of it will.
    pub(super) fn has(self, name: &str) -> bool {
        self.has_in(&self.app.root, name)
    }

    /// The same of another folder.
    pub(super) fn has_in(self, folder: &str, name: &str) -> bool {
        let path = join(folder, name);
        let known = self.app.files.iter().find(|file| *file.path == *path);
        match known {
            Some(file) => file.tracked != Some(false),
            // The survey leaves out some folders and files of others.
            None => self.app.git.is_none() && self.folder.join(&path).is_file(),
        }
    }

    /// The text of a file of the app's folder, as far as it is read.
    pub(super) fn read(self, name: &str) -> Option<String> {
        self.read_in(&self.app.root, name)
    }

    /// The same of another folder.
    pub(super) fn read_in(self, folder: &str, name: &str) -> Option<String> {
        let path = join(folder, name);
        let full = self.folder.join(path);
        if !std::fs::symlink_metadata(&full).ok()?.is_file() {
            return None;
        }
        let mut text = Vec::new();
        File::open(full)
            .ok()?
            .take(MAX_FILE)
            .read_to_end(&mut text)
            .ok()?;
        Some(String::from_utf8_lossy(&text).into_owned())
    }

    /// Where the lock file of this name is that rules the app: in its own folder, or in one around it that is the root of
    /// a workspace.
    pub(super) fn lock(self, name: &str) -> Option<&'a str> {
        let mut folder = self.app.root.as_str();
        loop {
            if self.has_in(folder, name) {
                return Some(folder);
            }
            if folder == "." {
                return None;
            }
            folder = folder_of(folder);
        }
    }

    /// The manifest of the ecosystem in the folder.
    pub(super) fn manifest(self, ecosystem: Ecosystem, folder: &str) -> Option<&'a Manifest> {
        let all = self.app.facts.manifests.iter();
        all.filter(|one| one.ecosystem == ecosystem)
            .find(|one| is_at(&one.at.path, folder))
            .map(|one| &one.what)
    }

    /// The command of a script of the manifest at the app's root.
    pub(super) fn script(self, source: &str, name: &str) -> Option<&'a str> {
        let all = self.app.facts.scripts.iter();
        all.filter(|one| one.source == source && is_at(&one.at.path, &self.app.root))
            .find(|one| one.name == name)
            .map(|one| one.command.as_str())
    }

    /// The commands that start the app.
    pub(super) fn commands(self) -> impl Iterator<Item = &'a str> {
        let all = self.app.facts.process_types.iter();
        all.map(|one| one.command.as_str())
    }

    /// Whether a package is declared for any time but as somebody else's choice.
    pub(super) fn depends_on(self, name: &str) -> bool {
        self.app
            .facts
            .dependencies
            .iter()
            .any(|one| one.name == name && one.group != DependencyGroup::Peer)
    }

    /// A step in the app's folder.
    pub(super) fn step(self, line: &str, origin: &str) -> Planned {
        Planned {
            line: line.to_owned(),
            origin: origin.to_owned(),
            folder: self.app.root.clone(),
            ..Planned::default()
        }
    }
}

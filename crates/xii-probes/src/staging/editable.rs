//! Installs of Python packages that point back into the app's folder, and so into the same folder from every copy.

use std::fs;
use std::path::{Path, PathBuf};

/// A file of site-packages that is longer is not one that an installer wrote.
const MAX_FILE: u64 = 256 * 1024;

/// The folders below the tree that an editable install made importable: named in `*.pth` files, and in the finders that
/// setuptools writes (`__editable___name_finder.py`).
pub(super) fn importable(venv: &Path, tree: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for site in site_packages(venv) {
        for entry in fs::read_dir(site).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            let finder = name.starts_with("__editable__") && name.ends_with(".py");
            if !(finder || name.ends_with(".pth"))
                || entry.metadata().map_or(0, |about| about.len()) > MAX_FILE
            {
                continue;
            }
            let text = fs::read_to_string(path).unwrap_or_default();
            if finder {
                // A mapping of packages to their folders: what holds the package is to be searched.
                let folders = text.split(['\'', '"']).map(Path::new);
                let packages = folders.filter(|folder| folder.starts_with(tree));
                found.extend(packages.filter_map(Path::parent).map(Path::to_owned));
            } else {
                let lines = text.lines().map(|line| Path::new(line.trim()));
                found.extend(
                    lines
                        .filter(|line| line.starts_with(tree))
                        .map(Path::to_owned),
                );
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The folders of the virtual environment that packages are installed into.
pub(super) fn site_packages(venv: &Path) -> Vec<PathBuf> {
    let versions = fs::read_dir(venv.join("lib"))
        .into_iter()
        .flatten()
        .flatten();
    versions
        .map(|entry| entry.path().join("site-packages"))
        .filter(|folder| folder.is_dir())
        .collect()
}

/// The same folders in another copy of the tree, as PYTHONPATH, which is searched before them.
pub(super) fn search_path(importable: &[PathBuf], tree: &Path, copy: &Path) -> Option<String> {
    let folders: Vec<String> = importable
        .iter()
        .filter_map(|folder| folder.strip_prefix(tree).ok())
        .map(|below| copy.join(below).display().to_string())
        .map(|path| path.trim_end_matches('/').to_owned())
        .collect();
    (!folders.is_empty()).then(|| folders.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_points_into_the_app_is_found_in_the_copy() {
        let scratch = tempfile::tempdir().expect("a folder");
        let (venv, tree) = (scratch.path().join("venv"), scratch.path().join("app"));
        let site = venv.join("lib/python3.11/site-packages");
        fs::create_dir_all(&site).expect("folders");
        let pth = format!("import os\n/elsewhere\n{}\n", tree.join("src").display());
        fs::write(site.join("_app.pth"), pth).expect("a file");
        let finder = format!(
            "MAPPING = {{'app': '{}'}}\n",
            tree.join("lib/app").display()
        );
        fs::write(site.join("__editable___app_1_finder.py"), finder).expect("a file");

        let found = importable(&venv, &tree);
        assert_eq!(found, [tree.join("lib"), tree.join("src")]);
        assert_eq!(
            search_path(&found, &tree, Path::new("/copy")).as_deref(),
            Some("/copy/lib:/copy/src")
        );
        assert_eq!(search_path(&[], &tree, Path::new("/copy")), None);
    }
}

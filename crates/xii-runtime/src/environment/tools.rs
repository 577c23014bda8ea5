use std::path::{Path, PathBuf};

use super::Environment;

/// Folders with the tools that an app installed for itself, as platforms put them on PATH:
/// `node_modules/.bin`, and `bin` of a Python environment in `.venv` or `venv`, unless the caller has
/// another one active (`VIRTUAL_ENV`). Of each given folder, in their order; give the process's own
/// folder before the app's. Only looks whether they are there.
pub fn tool_folders(folders: &[&Path], environment: &Environment) -> Vec<PathBuf> {
    let active = environment
        .get("VIRTUAL_ENV")
        .is_some_and(|path| !path.is_empty());
    let mut found = Vec::new();
    for folder in folders {
        let mut add = |path: PathBuf| {
            if path.is_dir() && !found.contains(&path) {
                found.push(path);
            }
        };
        let python = [".venv", "venv"]
            .map(|name| folder.join(name))
            .into_iter()
            .find(|venv| venv.join("pyvenv.cfg").is_file());
        if let Some(venv) = python.filter(|_| !active) {
            add(venv.join("bin"));
        }
        add(folder.join("node_modules/.bin"));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_the_app_installed_is_found() {
        let scratch = tempfile::tempdir().expect("a folder");
        let (app, inner) = (scratch.path(), scratch.path().join("web"));
        for folder in [
            ".venv/bin",
            "venv/bin",
            "node_modules/.bin",
            "web/node_modules/.bin",
        ] {
            fs::create_dir_all(app.join(folder)).expect("a folder");
        }
        let none = Environment::default();
        let node = [
            inner.join("node_modules/.bin"),
            app.join("node_modules/.bin"),
        ];
        assert_eq!(tool_folders(&[&inner, app, app], &none), node);
        fs::write(app.join("venv/pyvenv.cfg"), "").expect("a file");
        assert_eq!(
            tool_folders(&[app], &none),
            [app.join("venv/bin"), app.join("node_modules/.bin")]
        );
        let active = Environment::of_caller([("VIRTUAL_ENV".into(), "/x".into())]);
        assert_eq!(
            tool_folders(&[app], &active),
            [app.join("node_modules/.bin")]
        );
    }
}

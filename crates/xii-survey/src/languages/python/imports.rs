//! Imports: what a file takes from packages, and which files a module may be.

use std::collections::BTreeSet;

use xii_model::{Ecosystem, Facts, Import};

use super::stdlib::is_standard;
use crate::languages::language::File;

/// The top-level module that a module belongs to; `None` for relative ones and the language's own.
pub(super) fn package(module: &str) -> Option<String> {
    let top = module.split('.').next()?;
    let plain = top
        .chars()
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_')
        && top.chars().all(|c| c.is_alphanumeric() || c == '_');
    (plain && !is_standard(top)).then(|| top.to_owned())
}

/// Adds a fact for each module that the file imports from a package.
pub(super) fn read(file: &File<'_>, facts: &mut Facts) {
    let mut seen = BTreeSet::new();
    for import in &file.tree.imports {
        let Some(package) = package(&import.module) else {
            continue;
        };
        // `import a.b` binds `a` and loads `a.b`: one import.
        let key = (package.clone(), import.span.start);
        let loaded_before = import.local.as_deref() == Some(import.module.as_str());
        if loaded_before && seen.contains(&key) {
            continue;
        }
        if !seen.insert((import.module.clone(), import.span.start)) {
            continue;
        }
        seen.insert(key);
        facts.push(file.source.fact(
            import.span.clone(),
            Import {
                ecosystem: Ecosystem::Python,
                package,
                module: import.module.clone(),
                optional: import.optional,
                type_only: import.type_only,
            },
        ));
    }
}

/// Everything in a text that may be an imported module, found without parsing.
pub(super) fn candidates(text: &str, found: &mut dyn FnMut(&str)) {
    for at in memchr::memmem::find_iter(text.as_bytes(), b"import") {
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let before = text[start..at].trim_end();
        let after = &text[at + "import".len()..];
        if let Some(from) = before.rfind("from") {
            let module: String = before[from + "from".len()..].split_whitespace().collect();
            if !module.starts_with('.') && !module.is_empty() {
                found(module.trim_end_matches('\\'));
            }
            continue;
        }
        if !(before.is_empty() || before.ends_with([';', ':'])) {
            continue;
        }
        for line in after.split('\n') {
            let (names, goes_on) = match line.trim_end().strip_suffix('\\') {
                Some(names) => (names, true),
                None => (line, false),
            };
            let names = names.split(['#', ';']).next().unwrap_or_default();
            for name in names.split(',') {
                if let Some(module) = name.split_whitespace().next() {
                    found(module);
                }
            }
            if !goes_on {
                break;
            }
        }
    }
}

/// Where Flask apps keep what `app.config` holds.
const FLASK_SETTINGS: &[&str] = &[
    "config.py",
    "settings.py",
    "config/__init__.py",
    "config/default.py",
    "app/config.py",
    "config/config.py",
];

/// Where Django projects keep what `django.conf.settings` holds.
const DJANGO_SETTINGS: &[&str] = &[
    "settings.py",
    "settings/__init__.py",
    "settings/base.py",
    "config/settings/base.py",
    "config/settings.py",
    "core/settings.py",
    "app/settings.py",
    "project/settings.py",
    "settings/common.py",
    "conf/base.py",
];

/// The settings files in the folder of a file and in those around it, the nearest first.
fn settings_files(folder: &[&str], names: &[&str]) -> Vec<String> {
    let mut files = Vec::new();
    for depth in (0..=folder.len()).rev() {
        for name in names {
            let path: Vec<&str> = folder[..depth].iter().copied().chain([*name]).collect();
            files.push(path.join("/"));
        }
    }
    files
}

/// The files that a module may be, the likeliest first.
pub(super) fn module_files(from: &str, module: &str) -> Vec<String> {
    let folder: Vec<&str> = match from.rsplit_once('/') {
        Some((folder, _)) => folder.split('/').collect(),
        None => Vec::new(),
    };
    if matches!(module, "flask" | "quart") {
        return settings_files(&folder, FLASK_SETTINGS);
    }
    if module == "django.conf" {
        return settings_files(&folder, DJANGO_SETTINGS);
    }
    let dots = module.bytes().take_while(|byte| *byte == b'.').count();
    let names: Vec<&str> = module[dots..]
        .split('.')
        .filter(|name| !name.is_empty())
        .collect();
    if names.iter().any(|name| name.contains(['/', '\\'])) {
        return Vec::new();
    }
    let mut files = Vec::new();
    let mut add = |base: &[&str]| {
        let path: Vec<&str> = base.iter().chain(&names).copied().collect();
        let path = path.join("/");
        if !names.is_empty() {
            files.push(format!("{path}.py"));
        }
        files.push(if path.is_empty() {
            "__init__.py".to_owned()
        } else {
            format!("{path}/__init__.py")
        });
    };
    if dots > 0 {
        if let Some(depth) = (folder.len() + 1).checked_sub(dots) {
            add(&folder[..depth]);
        }
        return files;
    }
    if names.is_empty() {
        return files;
    }
    // An absolute module starts at a folder of the search path: one around the file, the audited
    // folder itself, or a `src` below it.
    for depth in (0..=folder.len()).rev() {
        add(&folder[..depth]);
    }
    add(&["src"]);
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        candidates(text, &mut |module| all.push(module.to_owned()));
        all
    }

    #[test]
    fn candidates_miss_no_import() {
        assert_eq!(found("import a, b.c as d # e\n"), ["a", "b.c"]);
        assert_eq!(
            found("  from a.b import (\n  c)\nfrom . import x\n"),
            ["a.b"]
        );
        assert_eq!(found("try: import a\nexcept: pass; import b\n"), ["a", "b"]);
        assert_eq!(found("import a, \\\n  b\n"), ["a", "b"]);
        assert_eq!(found("important = 1\nx = 'imports'\n"), ["ant"]);
    }

    #[test]
    fn modules_are_looked_for_where_python_would() {
        assert_eq!(
            module_files("app/api/views.py", ".models"),
            ["app/api/models.py", "app/api/models/__init__.py"]
        );
        assert_eq!(module_files("app/api/views.py", ".."), ["app/__init__.py"]);
        assert_eq!(module_files("a.py", "..x"), [""; 0]);
        assert_eq!(
            module_files("app/main.py", "app.config"),
            [
                "app/app/config.py",
                "app/app/config/__init__.py",
                "app/config.py",
                "app/config/__init__.py",
                "src/app/config.py",
                "src/app/config/__init__.py"
            ]
        );
    }

    #[test]
    fn a_package_is_its_top_level_module() {
        assert_eq!(package("google.cloud.storage").as_deref(), Some("google"));
        assert_eq!(package("flask").as_deref(), Some("flask"));
        for module in [
            ".models",
            ".",
            "os.path",
            "__future__",
            "",
            "a-b",
            "tomllib",
        ] {
            assert_eq!(package(module), None, "{module}");
        }
    }
}

//! The texts of the files that `xii init` writes, from what was found.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use xii_model::{App, AppKind, Ecosystem, ValueLook, is_secret_name, look_of_value};

use crate::app::{Inferred, of_app};

/// Variables that a platform sets, or that belong to a tool.
const NOT_OURS: [&str; 14] = [
    "HOME", "PATH", "USER", "PWD", "CI", "TERM", "SHELL", "HOSTNAME", "TZ", "LANG", "NODE_ENV",
    "DYNO", "TMPDIR", "PORT",
];

/// A Procfile of the process types that are known.
pub(crate) fn procfile(app: &App) -> Option<String> {
    if app.kind != AppKind::Service {
        return None;
    }
    let lines: String = of_app(app)
        .iter()
        .map(|Inferred { process, .. }| format!("{}: {}\n", process.name, process.command))
        .collect();
    (!lines.is_empty()).then_some(lines)
}

/// Every variable that the code reads: where, what kind, whether it must be given. No secret's value.
pub(crate) fn env_example(app: &App) -> Option<String> {
    struct Variable {
        places: Vec<String>,
        required: bool,
        default: Option<String>,
    }
    let mut variables: BTreeMap<&str, Variable> = BTreeMap::new();
    let reads = app
        .facts
        .env_reads
        .iter()
        .filter(|read| read.scope.is_deployed() && !NOT_OURS.contains(&read.name.as_str()));
    for read in reads {
        let variable = variables.entry(&read.name).or_insert_with(|| Variable {
            places: Vec::new(),
            required: false,
            default: None,
        });
        variable
            .places
            .push(format!("{}:{}", read.at.path, read.at.start.line));
        variable.required |= read.required == Some(true);
        if variable.default.is_none() {
            variable.default = read.default.fallback().map(str::to_owned);
        }
    }
    if variables.is_empty() {
        return None;
    }
    let mut text = String::from(
        "# The variables that the app reads. Copy to .env, which git must ignore, and fill in.\n",
    );
    let (required, optional): (Vec<_>, Vec<_>) = variables
        .iter()
        .partition(|(_, variable)| variable.required);
    for (title, group) in [("Required", required), ("Optional", optional)] {
        if group.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n## {title}");
        for (name, variable) in group {
            let kind = kind_of(name, variable.default.as_deref());
            let more = match variable.places.len() {
                0 | 1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            let place = variable.places.first().map_or("", String::as_str);
            let shown = variable
                .default
                .as_deref()
                .filter(|value| {
                    !is_secret_name(name)
                        && look_of_value(value) != ValueLook::Random
                        && !value.contains('*')
                })
                .unwrap_or_default();
            let _ = writeln!(
                text,
                "\n# {kind}; read at {place}{more}\n{name}={}",
                quoted(shown)
            );
        }
    }
    Some(text)
}

/// What kind of value a variable holds, by its name and its default.
fn kind_of(name: &str, default: Option<&str>) -> &'static str {
    let upper = name.to_uppercase();
    if is_secret_name(name) {
        "secret"
    } else if upper.ends_with("_URL")
        || upper.ends_with("_URI")
        || upper.ends_with("_DSN")
        || default.is_some_and(|value| value.contains("://"))
    {
        "URL"
    } else if upper.ends_with("PORT") || default.is_some_and(|value| value.parse::<f64>().is_ok()) {
        "number"
    } else if default.is_some_and(|value| matches!(value.to_lowercase().as_str(), "true" | "false"))
    {
        "boolean"
    } else {
        "text"
    }
}

/// A value as an env file wants it.
fn quoted(value: &str) -> String {
    let plain = value
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_-./:@,+%".contains(c));
    if plain {
        value.to_owned()
    } else {
        format!(
            "\"{}\"",
            value
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n")
        )
    }
}

/// What has no business in an image.
pub(crate) fn docker_ignore(app: &App) -> Option<String> {
    if app
        .facts
        .images
        .iter()
        .all(|image| !image.scope.is_deployed())
    {
        return None;
    }
    let mut lines = vec![
        ".git",
        ".env",
        ".env.*",
        "!.env.example",
        "Dockerfile*",
        ".dockerignore",
        "*.log",
    ];
    let has = |ecosystem| {
        app.facts
            .manifests
            .iter()
            .any(|manifest| manifest.ecosystem == ecosystem)
    };
    if has(Ecosystem::Npm) {
        lines.extend(["node_modules", "coverage"]);
    }
    if has(Ecosystem::Python) {
        lines.extend(["__pycache__", "*.pyc", ".venv", ".pytest_cache"]);
    }
    Some(lines.into_iter().map(|line| format!("{line}\n")).collect())
}

/// What cannot be inferred: whether the app can run without a variable that is read with neither
/// default nor check.
pub(crate) fn settings_file(app: &App) -> Option<String> {
    let mut open: BTreeMap<&str, String> = BTreeMap::new();
    for read in app
        .facts
        .env_reads
        .iter()
        .filter(|read| read.scope.is_deployed() && read.required.is_none())
    {
        if !NOT_OURS.contains(&read.name.as_str()) {
            open.entry(&read.name)
                .or_insert_with(|| format!("{}:{}", read.at.path, read.at.start.line));
        }
    }
    if open.is_empty() {
        return None;
    }
    let mut text = String::from(
        "# Only what xii cannot tell by itself. These variables are read with neither a default nor a check:\n# say of each whether the app can run without it.\n\n[config]\n",
    );
    for (name, place) in open {
        let _ = writeln!(text, "# {name} = {{ required = true }} # {place}");
    }
    Some(text)
}

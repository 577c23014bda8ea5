//! Finds apps that do not say which version of their language they need.
//!
//! ## What it looks for
//!
//! A version in `engines`, `.nvmrc`, `.node-version`, `requires-python`, `.python-version`,
//! `runtime.txt`, `.tool-versions` or the tag of the base image, and places that contradict each other.
//! `latest` and `*` are no versions.
//!
//! ## Why it matters
//!
//! The language is a dependency like any other. When its version is left open, the platform's default
//! decides: an upgrade that nobody asked for changes how the app behaves, or it stops starting.
//!
//! ## What to do instead
//!
//! ```json
//! { "engines": { "node": "22.x" } }
//! ```
//! ```toml
//! [project]
//! requires-python = ">=3.13,<3.14"
//! ```
//! ```dockerfile
//! FROM node:22.11-slim
//! ```

use xii_model::{App, Confidence, DependencyGroup, Ecosystem, Fact, Pin, RuntimeVersion, Severity};

use crate::deploy_names;
use crate::{Claims, Rule, manifests};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "undeclared-runtime-version",
    criteria: &["II.3"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    for (language, ecosystem, name) in [
        ("node", Ecosystem::Npm, "Node.js"),
        ("python", Ecosystem::Python, "Python"),
    ] {
        let speaks = match ecosystem {
            Ecosystem::Npm => app.is_node(),
            _ => app.is_python(),
        };
        let manifest = manifests::main(app, ecosystem);
        let (true, Some(manifest)) = (speaks, manifest) else {
            continue;
        };
        let said: Vec<&Fact<RuntimeVersion>> = app
            .facts
            .runtime_versions
            .iter()
            .filter(|version| {
                version.language == language
                    && manifests::is_own(&version.scope)
                    && !deploy_names::is_for_developers(&version.at.path)
            })
            .collect();
        if said.is_empty() && !matters(app, language, ecosystem) {
            continue;
        }
        if let (true, Some(file)) = (said.is_empty(), unread(app, language)) {
            claims.could_not_tell(
                "II.3",
                format!("{file} could not be read as a version of {name}"),
            );
            continue;
        }
        if said.is_empty() {
            claims
                .finding(
                    &manifest.at,
                    format!("no manifest, version file or image says which version of {name} the app needs, so the platform's default decides"),
                )
                .confidence(unsaid(app))
                .subject(language)
                .help(advice(language));
            continue;
        }
        let numbered: Vec<&&Fact<RuntimeVersion>> =
            said.iter().filter(|version| is_number(version)).collect();
        let (Some(first), false) = (numbered.first(), contradict(language, &numbered, claims))
        else {
            if let (Some(open), true) = (said.first(), numbered.is_empty()) {
                claims
                    .finding(
                        &open.at,
                        format!(
                            "`{}` is no fixed version of {name}: a build next month may run on another one",
                            open.requirement
                        ),
                    )
                    .confidence(if open.requirement.contains('$') { Confidence::Low } else { Confidence::High })
                    .subject(language)
                    .help(advice(language));
            }
            continue;
        };
        claims.holds(
            "II.3",
            format!("{name} {} ({})", first.requirement, first.source),
            &first.at,
        );
    }
}

/// How sure it is that nothing says the version: the image or manifest of the app above may.
fn unsaid(app: &App) -> Confidence {
    if app.root == "." {
        Confidence::High
    } else if app.siblings.iter().any(|root| root == ".") {
        Confidence::Low
    } else {
        Confidence::Medium
    }
}

/// Whether the language runs the app: it is its first, or packages are needed at run time.
fn matters(app: &App, language: &str, ecosystem: Ecosystem) -> bool {
    let first = app.languages.first().map(String::as_str);
    let is_first = match language {
        "node" => matches!(first, Some("javascript" | "typescript")),
        _ => first == Some(language),
    };
    is_first
        || app.facts.dependencies.iter().any(|dependency| {
            dependency.ecosystem == ecosystem && dependency.group == DependencyGroup::Run
        })
}

/// A file that declares a version and gave no fact.
fn unread<'a>(app: &'a App, language: &str) -> Option<&'a str> {
    let names: &[&str] = match language {
        "node" => &[
            ".nvmrc",
            ".node-version",
            ".tool-versions",
            "mise.toml",
            ".mise.toml",
        ],
        _ => &[
            ".python-version",
            "runtime.txt",
            ".tool-versions",
            "mise.toml",
            ".mise.toml",
        ],
    };
    app.files
        .iter()
        .find(|file| names.contains(&deploy_names::file_name(&file.path)))
        .map(|file| &*file.path)
}

/// Whether a version is named at all.
fn is_number(version: &RuntimeVersion) -> bool {
    version.requirement.contains(|c: char| c.is_ascii_digit())
        || version.requirement.starts_with("lts/")
        || matches!(version.pin, Pin::Exact | Pin::Range | Pin::FixedSource)
}

/// Says where two places that each name one version name different ones.
fn contradict(
    language: &str,
    versions: &[&&Fact<RuntimeVersion>],
    claims: &mut Claims<'_>,
) -> bool {
    let exact: Vec<(&Fact<RuntimeVersion>, Vec<u32>)> = versions
        .iter()
        .filter_map(|version| Some((**version, line(language, &version.requirement)?)))
        .collect();
    let Some((first, line)) = exact.first() else {
        return false;
    };
    let Some((other, _)) = exact.iter().find(|(version, other)| {
        other.len() == line.len() && other != line && version.source != first.source
    }) else {
        return false;
    };
    claims
        .finding(
            &other.at,
            format!(
                "{} says {} and {} says {}: what was tried on the one runs on the other",
                place(other),
                other.requirement,
                place(first),
                first.requirement
            ),
        )
        .confidence(Confidence::Medium)
        .subject(language)
        .related(&first.at, "the other version")
        .help("let one place decide, and repeat its version in the others");
    true
}

/// What a person calls the place of a version.
fn place(version: &Fact<RuntimeVersion>) -> &str {
    match version.source {
        "image" => deploy_names::file_name(&version.at.path),
        source => source,
    }
}

/// The release line of a version that names one: the major of Node.js, major and minor of Python.
/// `None` for ranges.
fn line(language: &str, requirement: &str) -> Option<Vec<u32>> {
    let text = requirement
        .trim()
        .trim_start_matches("python-")
        .trim_start_matches(['v', '=', ' ']);
    if !text.starts_with(|c: char| c.is_ascii_digit()) || text.contains([' ', '|', ',', '<', '>']) {
        return None;
    }
    let version = text.split('-').next().unwrap_or(text);
    let wanted = if language == "python" { 2 } else { 1 };
    let numbers: Vec<u32> = version
        .split('.')
        .take(wanted)
        .map_while(|part| part.parse().ok())
        .collect();
    (numbers.len() == wanted).then_some(numbers)
}

fn advice(language: &str) -> &'static str {
    match language {
        "node" => {
            "name the release line, and keep the image to it:\n    \"engines\": { \"node\": \"22.x\" }\n    FROM node:22-slim"
        }
        _ => {
            "name the release line, and keep the image to it:\n    requires-python = \">=3.13,<3.14\"\n    FROM python:3.13-slim"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_release_line_is_read_from_a_version_and_from_no_range() {
        assert_eq!(line("node", "v18.12.1"), Some(vec![18]));
        assert_eq!(line("node", "20-alpine"), Some(vec![20]));
        assert_eq!(line("python", "python-3.11.4"), Some(vec![3, 11]));
        assert_eq!(line("python", "3"), None);
        for range in [">=18", "^18", "18 || 20", "lts/*", ""] {
            assert_eq!(line("node", range), None, "{range}");
        }
    }
}

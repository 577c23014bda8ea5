//! One requirement in Python's notation (PEP 508), and what becomes of it.

use xii_model::{Dependency, DependencyGroup, Ecosystem, Pin};

use crate::document::Node;
use crate::readers::pin;
use crate::source::Source;

/// A requirement taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Requirement {
    /// The package's name, normalised (PEP 503).
    pub(super) name: String,
    /// What was asked for, without the name and the marker.
    pub(super) wanted: String,
    /// How far that fixes the version.
    pub(super) pin: Pin,
}

impl Requirement {
    /// Makes the fact's content. A password in an address is masked.
    pub(super) fn dependency(self, source: &Source<'_>, group: DependencyGroup) -> Dependency {
        Dependency {
            ecosystem: Ecosystem::Python,
            name: self.name,
            requirement: source.redacted(&self.wanted),
            group,
            pin: self.pin,
        }
    }
}

/// The name as PyPI compares it: lower case, with `-` for any run of `-`, `_` and `.`.
pub(super) fn normalised(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.trim().chars() {
        if matches!(c, '-' | '_' | '.') {
            if !out.ends_with('-') {
                out.push('-');
            }
        } else {
            out.push(c.to_ascii_lowercase());
        }
    }
    out
}

/// Reads `name[extra] >=1,<2 ; marker`, `name @ address`, or an address or path by itself.
/// `None` when no name can be told.
pub(super) fn parse(text: &str) -> Option<Requirement> {
    let text = text.trim();
    let address = text.contains("://") || text.starts_with("git+") || text.starts_with(['.', '/']);
    let length = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(length);
    let rest = rest.trim_start();
    let named = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !rest.starts_with([':', '/', '+', '\\']);
    if !named {
        return address.then(|| from_address(text)).flatten();
    }
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']')?.1.trim_start(),
        None => rest,
    };
    if let Some(place) = rest.strip_prefix('@') {
        let place = before_marker(place, " ;");
        return Some(Requirement {
            name: normalised(name),
            pin: place_pin(place),
            wanted: place.to_owned(),
        });
    }
    let wanted = before_marker(rest, ";");
    if !wanted.is_empty() && !wanted.starts_with(['=', '<', '>', '~', '!', '(', '^', '*']) {
        return None;
    }
    Some(Requirement {
        name: normalised(name),
        pin: pin::python(wanted),
        wanted: wanted.to_owned(),
    })
}

fn before_marker<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split(mark).next().unwrap_or(text).trim()
}

/// How far an address or a path fixes the version.
pub(super) fn place_pin(place: &str) -> Pin {
    if place.starts_with("file:") || !(place.contains("://") || place.starts_with("git@")) {
        return Pin::Local;
    }
    pin::address_pin(place)
}

/// `git+https://host/owner/name.git@ref#egg=name`, `https://host/name-1.0.tar.gz`, `./name`.
fn from_address(text: &str) -> Option<Requirement> {
    let place = before_marker(text, " ;");
    let egg = place
        .split_once('#')
        .and_then(|(_, fragment)| {
            fragment
                .split('&')
                .find_map(|part| part.strip_prefix("egg="))
        })
        .map(|egg| egg.split('[').next().unwrap_or(egg));
    let path = place.split(['#', '?']).next().unwrap_or(place);
    let last = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or(path);
    let last = last.split('@').next().unwrap_or(last);
    let stem = last.trim_end_matches(".git");
    let name = egg.unwrap_or_else(|| {
        let archive = [".tar.gz", ".zip", ".whl", ".tgz"]
            .iter()
            .any(|end| stem.ends_with(end));
        match archive {
            true => stem.split('-').next().unwrap_or(stem),
            false => stem,
        }
    });
    let name = normalised(name.split('[').next().unwrap_or(name));
    let valid = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    valid.then(|| Requirement {
        name,
        pin: place_pin(place),
        wanted: place.to_owned(),
    })
}

/// The group that a name speaks of: of an extra, a dependency group, or a requirements file's words.
pub(super) fn group_of(name: &str) -> Option<DependencyGroup> {
    let lower = name.to_ascii_lowercase();
    lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .find_map(|word| match word {
            "dev" | "devel" | "develop" | "development" | "local" | "test" | "tests"
            | "testing" | "lint" | "linting" | "ci" | "doc" | "docs" | "documentation"
            | "debug" | "typing" | "types" | "typecheck" | "format" | "style" | "qa"
            | "quality" | "mypy" | "bench" | "benchmark" | "coverage" | "e2e" | "precommit"
            | "notebook" | "rtd" => Some(DependencyGroup::Development),
            "build" | "buildsystem" => Some(DependencyGroup::Build),
            _ => None,
        })
}

/// A list of requirements in TOML, each with its place.
pub(super) fn in_list(list: &Node) -> impl Iterator<Item = (Option<Requirement>, &Node)> {
    list.items()
        .iter()
        .filter_map(|item| Some((parse(item.as_str()?), item)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<(String, String, Pin)> {
        parse(text).map(|one| (one.name, one.wanted, one.pin))
    }

    fn some(name: &str, wanted: &str, pin: Pin) -> Option<(String, String, Pin)> {
        Some((name.to_owned(), wanted.to_owned(), pin))
    }

    #[test]
    fn requirements_are_taken_apart() {
        assert_eq!(read("Django==4.2.1"), some("django", "==4.2.1", Pin::Exact));
        assert_eq!(
            read("uvicorn[standard] >=0.20,<1 ; python_version > '3.8'"),
            some("uvicorn", ">=0.20,<1", Pin::Range)
        );
        assert_eq!(
            read("zope.interface"),
            some("zope-interface", "", Pin::Open)
        );
        assert_eq!(
            read("pkg @ git+https://github.com/o/pkg@main"),
            some(
                "pkg",
                "git+https://github.com/o/pkg@main",
                Pin::FloatingSource
            )
        );
        assert_eq!(
            read("git+https://github.com/o/My_Pkg.git@0123456789abcdef#egg=my_pkg"),
            some(
                "my-pkg",
                "git+https://github.com/o/My_Pkg.git@0123456789abcdef#egg=my_pkg",
                Pin::FixedSource
            )
        );
        assert_eq!(
            read("./libs/shared"),
            some("shared", "./libs/shared", Pin::Local)
        );
        assert_eq!(read("!!"), None);
        assert_eq!(read("some prose here"), None);
        assert_eq!(read(""), None);
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart(text in "(?s:.|[\\[\\];@#=<>/. ]|git\\+https://|egg=){0,40}") {
            if let Some(one) = parse(&text) {
                assert!(!one.name.is_empty());
            }
        }
    }
}

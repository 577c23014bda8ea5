//! Files that name the version of a language's runtime: .nvmrc, .python-version, .tool-versions …

use std::ops::Range;

use xii_model::{Facts, Pin, RuntimeVersion};

use super::pin;
use super::reader::{Reader, file_name};
use crate::document::{self, Node};
use crate::source::Source;

pub(super) static READER: Reader = Reader {
    name: ".nvmrc, .node-version, .python-version, runtime.txt, .tool-versions, mise.toml",
    recognises: |path| {
        let name = file_name(path);
        plain(&name).is_some() || name == ".tool-versions" || is_mise(&name)
    },
    read,
};

/// The language of a file that holds a version and nothing else.
fn plain(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        ".nvmrc" => ("node", ".nvmrc"),
        ".node-version" => ("node", ".node-version"),
        ".python-version" => ("python", ".python-version"),
        "runtime.txt" => ("python", "runtime.txt"),
        _ => return None,
    })
}

fn is_mise(name: &str) -> bool {
    matches!(name, "mise.toml" | ".mise.toml" | "mise.local.toml")
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let name = file_name(source.path);
    if let Some((language, told_by)) = plain(&name) {
        read_plain(source, facts, language, told_by);
    } else if is_mise(&name) {
        read_mise(source, facts);
    } else {
        read_tool_versions(source, facts);
    }
}

/// How far a version in such a file fixes it: `20.11.1` is exact, `20` or `lts/iron` a range, and
/// `node`, `latest` or `lts/*` whatever is newest.
fn version_pin(version: &str) -> Pin {
    let text = version.trim_start_matches('v');
    if let Some(line) = text
        .strip_prefix("lts/")
        .or_else(|| text.strip_prefix("lts-"))
    {
        return if line == "*" { Pin::Open } else { Pin::Range };
    }
    if text.starts_with(['>', '<', '^', '~', '=']) {
        return pin::npm(text);
    }
    let number = text
        .find(|c: char| c.is_ascii_digit())
        .and_then(|at| text.get(at..))
        .unwrap_or_default();
    pin::version(number)
}

fn push(
    source: &Source<'_>,
    facts: &mut Facts,
    language: &str,
    version: &str,
    told_by: &'static str,
    place: Range<usize>,
) {
    let runtime = RuntimeVersion {
        language: language.to_owned(),
        requirement: version.to_owned(),
        source: told_by,
        pin: version_pin(version),
    };
    facts.push(source.fact(place, runtime));
}

/// The first line that is no comment.
fn read_plain(source: &Source<'_>, facts: &mut Facts, language: &str, told_by: &'static str) {
    let Some((place, line)) = lines(source.text).next() else {
        return;
    };
    let version = line.strip_prefix("python-").unwrap_or(line);
    let word = version.split_whitespace().next().unwrap_or(version);
    let plausible = word.len() <= 40
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".-/*+_<>=~^".contains(c));
    if plausible && word == version {
        push(source, facts, language, version, told_by, place);
    } else if told_by != "runtime.txt" {
        source.unread(facts, place.start, "this line is no version of a runtime");
    }
}

/// Lines that are neither empty nor comments, trimmed, with their places.
fn lines(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut offset = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = offset;
        offset += line.len();
        let kept = line.split('#').next().unwrap_or(line);
        let trimmed = kept.trim().trim_start_matches('\u{feff}');
        let lead = kept.find(trimmed).unwrap_or(0);
        (!trimmed.is_empty()).then(|| (start + lead..start + lead + trimmed.len(), trimmed))
    })
}

/// The name that facts use for a language, from the name of its plugin.
fn language(plugin: &str) -> Option<&'static str> {
    Some(match plugin {
        "node" | "nodejs" => "node",
        "python" => "python",
        "ruby" => "ruby",
        "go" | "golang" => "go",
        "java" => "java",
        "rust" => "rust",
        "php" => "php",
        "dotnet" | "dotnet-core" => "dotnet",
        "elixir" => "elixir",
        _ => return None,
    })
}

/// `nodejs 20.11.1` a line.
fn read_tool_versions(source: &Source<'_>, facts: &mut Facts) {
    for (place, line) in lines(source.text) {
        let mut words = line.split_whitespace();
        if let (Some(tool), Some(version)) = (words.next(), words.next())
            && let Some(language) = language(tool)
        {
            push(source, facts, language, version, ".tool-versions", place);
        }
    }
}

/// `[tools]` with `node = "20"`, `["20", "18"]` or `{version = "20"}`.
fn read_mise(source: &Source<'_>, facts: &mut Facts) {
    let root = match document::toml(source.text) {
        Ok(root) => root,
        Err(error) => return source.unread(facts, error.offset, error.message),
    };
    for entry in root.get("tools").map(Node::entries).unwrap_or_default() {
        let node = entry.value.items().first().unwrap_or(&entry.value);
        let version = node.get("version").unwrap_or(node).as_text();
        if let (Some(language), Some(version)) = (language(&entry.key), version) {
            let place = entry.key_span.start..entry.value.span.end;
            push(source, facts, language, &version, "mise.toml", place);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    fn read_one(path: &str, text: &str) -> Vec<(String, String, Pin)> {
        read_text(&READER, path, text)
            .runtime_versions
            .iter()
            .map(|one| (one.language.clone(), one.requirement.clone(), one.pin))
            .collect()
    }

    #[test]
    fn each_file_gives_its_version() {
        let one = |language: &str, version: &str, pin| {
            vec![(language.to_owned(), version.to_owned(), pin)]
        };
        assert_eq!(
            read_one(".nvmrc", "v20.11.1\n"),
            one("node", "v20.11.1", Pin::Exact)
        );
        assert_eq!(read_one(".nvmrc", "20"), one("node", "20", Pin::Range));
        assert_eq!(
            read_one(".nvmrc", "lts/*\n"),
            one("node", "lts/*", Pin::Open)
        );
        assert_eq!(
            read_one(".nvmrc", "lts/iron\n"),
            one("node", "lts/iron", Pin::Range)
        );
        assert_eq!(
            read_one("runtime.txt", "python-3.11.4\n"),
            one("python", "3.11.4", Pin::Exact)
        );
        assert_eq!(
            read_one(".python-version", "# pinned\n3.12\n"),
            one("python", "3.12", Pin::Range)
        );
        assert_eq!(
            read_one(".tool-versions", "nodejs 20.11.1\nterraform 1.5\n"),
            one("node", "20.11.1", Pin::Exact)
        );
        assert_eq!(
            read_one("mise.toml", "[tools]\nnode = ['22', '20']\njq = '1'\n"),
            one("node", "22", Pin::Range)
        );
    }

    #[test]
    fn what_is_no_version_is_told() {
        let facts = read_text(&READER, ".nvmrc", "use the newest one\n");
        assert_eq!((facts.runtime_versions.len(), facts.unread.len()), (0, 1));
        let facts = read_text(&READER, "runtime.txt", "Some notes of ours\n");
        assert_eq!(facts.count(), 0);
        let facts = read_text(&READER, "mise.toml", "[tools\n");
        assert_eq!(facts.unread.len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(?s:.|[\\n#. 0-9]){0,40}") {
            for path in [".nvmrc", "runtime.txt", ".tool-versions", "mise.toml"] {
                read_text(&READER, path, &text);
            }
        }
    }
}

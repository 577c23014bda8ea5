//! requirements.txt and its variants, as pip reads them.

use std::ops::Range;

use xii_model::{DependencyGroup, Ecosystem, Facts, LockFile, Manifest, Pin};

use super::requirement::{self, Requirement, group_of};
use crate::readers::reader::{Reader, file_name};
use crate::readers::value;
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "requirements.txt",
    recognises,
    read,
};

fn recognises(path: &str) -> bool {
    let name = file_name(path);
    let text = name.ends_with(".txt") || name.ends_with(".in") || name.ends_with(".pip");
    let folder = path
        .rsplit_once('/')
        .map(|(folder, _)| file_name(folder))
        .unwrap_or_default();
    text && (name.starts_with("requirements")
        || name.ends_with("requirements.txt")
        || name.ends_with("requirements.in")
        || name.starts_with("constraints")
        || folder == "requirements")
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let mut read = Read::default();
    for line in logical_lines(source.text) {
        read_line(source, facts, &line, &mut read);
    }
    let name = file_name(source.path);
    if name.starts_with("constraints") {
        // Constraints declare nothing; they fix versions of what others declare.
        push_lock(source, facts, &read, "constraints.txt");
        return;
    }
    let manifest = Manifest {
        ecosystem: Ecosystem::Python,
        format: "requirements.txt",
        name: None,
        version: None,
        workspaces: Vec::new(),
        entry: None,
        tool: None,
        complete: true,
    };
    facts.push(source.fact_of_file(manifest));
    let group = group_of(&name).unwrap_or(DependencyGroup::Run);
    if group == DependencyGroup::Run && name.ends_with(".txt") {
        push_lock(source, facts, &read, "requirements.txt");
    }
    for (requirement, place) in read.found {
        facts.push(source.fact(place, requirement.dependency(source, group)));
    }
}

#[derive(Default)]
struct Read {
    found: Vec<(Requirement, Range<usize>)>,
    hashed: usize,
}

/// A list that pins every package is a lock, as pip-compile and `pip freeze` write it.
fn push_lock(source: &Source<'_>, facts: &mut Facts, read: &Read, format: &'static str) {
    let from_elsewhere = |one: &&(Requirement, Range<usize>)| one.0.pin != Pin::Local;
    let pinned = read
        .found
        .iter()
        .filter(from_elsewhere)
        .all(|(one, _)| matches!(one.pin, Pin::Exact | Pin::FixedSource));
    let count = read.found.iter().filter(from_elsewhere).count();
    if !pinned || count == 0 {
        return;
    }
    let mut packages: Vec<String> = read.found.iter().map(|(one, _)| one.name.clone()).collect();
    packages.sort();
    packages.dedup();
    let lock = LockFile {
        ecosystem: Ecosystem::Python,
        format,
        packages,
        roots: Vec::new(),
        tracked: source.tracked,
        hashes: read.hashed >= count,
    };
    facts.push(source.fact_of_file(lock));
}

/// A line with its continuations joined.
struct Line {
    text: String,
    /// Bytes of its first line, trimmed.
    place: Range<usize>,
}

fn logical_lines(text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut continues = false;
    let mut offset = text.len() - text.trim_start_matches('\u{feff}').len();
    for line in text.get(offset..).unwrap_or_default().split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let trimmed = line.trim();
        let lead = line.len() - line.trim_start().len();
        let (body, more) = match trimmed.strip_suffix('\\') {
            Some(body) if !trimmed.starts_with('#') => (body, true),
            _ => (trimmed, false),
        };
        match lines.last_mut().filter(|_| continues) {
            Some(last) => {
                last.text.push(' ');
                last.text.push_str(body.trim());
            }
            None => lines.push(Line {
                text: body.trim().to_owned(),
                place: start + lead..start + lead + body.trim_end().len(),
            }),
        }
        continues = more;
    }
    lines
}

fn read_line(source: &Source<'_>, facts: &mut Facts, line: &Line, read: &mut Read) {
    let text = line.text.as_str();
    // A comment starts the line or follows white space: `#egg=` does neither.
    let end = if text.starts_with('#') {
        0
    } else {
        text.find(" #")
            .or_else(|| text.find("\t#"))
            .unwrap_or(text.len())
    };
    let text = text.get(..end).unwrap_or_default().trim();
    if text.is_empty() {
        return;
    }
    let place = line.place.start..line.place.end.min(line.place.start + end.max(1));
    if let Some(option) = text.strip_prefix('-') {
        read_option(source, facts, option, place, read);
        return;
    }
    let (wanted, options) = match text.find(" --") {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    match requirement::parse(wanted) {
        Some(requirement) => {
            read.hashed += usize::from(options.contains("--hash"));
            read.found.push((requirement, place));
        }
        None => source.unread(
            facts,
            place.start,
            "this line is no requirement that pip would take, so it was passed over",
        ),
    }
}

/// `-e .` adds a requirement; an index's address may hold a credential; files that `-r` and `-c`
/// name are read by themselves.
fn read_option(
    source: &Source<'_>,
    facts: &mut Facts,
    option: &str,
    place: Range<usize>,
    read: &mut Read,
) {
    let option = option.trim_start_matches('-');
    let (name, given) = option
        .split_once(['=', ' '])
        .map_or((option, ""), |(name, given)| (name, given.trim()));
    match name {
        // The app itself is no dependency of its own.
        "e" | "editable" if !matches!(given.split('[').next(), Some("." | "")) => {
            if let Some(requirement) = requirement::parse(given) {
                read.found.push((requirement, place));
            }
        }
        "i" | "index-url" | "extra-index-url" | "f" | "find-links" => {
            if let Some(secret) = value::secret(name, given) {
                value::mask(source, name, given, place.clone());
                facts.push(source.fact(place, secret));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn a_loose_list_is_read() {
        let text = "-r base.txt\n--extra-index-url https://ci:hunter2@pypi.acme.io/simple\n# web\nDjango>=4.2,<5  # LTS\nuvicorn[standard] ; python_version >= '3.8'\n-e ./libs/shared\n-e .\ngit+https://github.com/o/fork@main#egg=fork\n??\n";
        let facts = read_text(&READER, "requirements/production.txt", text);
        insta::assert_snapshot!(facts.lines().join("\n"));
        assert!(!facts.secrets[0].at.excerpt.contains("hunter2"));
    }

    #[test]
    fn a_list_that_pins_all_is_a_lock() {
        let text = "amqp==5.2.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via kombu\nKombu==5.3.4 --hash=sha256:cc\n";
        let facts = read_text(&READER, "requirements.txt", text);
        let lock = &facts.lock_files[0];
        assert_eq!(
            (lock.packages.as_slice(), lock.hashes),
            (&["amqp".to_owned(), "kombu".to_owned()][..], true)
        );
        assert_eq!(facts.dependencies[1].at.start.line, 5);
        let facts = read_text(&READER, "requirements-dev.txt", "pytest==8.0.0\n");
        assert_eq!(facts.dependencies[0].group, DependencyGroup::Development);
        assert!(facts.lock_files.is_empty());
        let facts = read_text(&READER, "constraints.txt", "pytest==8.0.0\n");
        assert_eq!((facts.manifests.len(), facts.lock_files.len()), (0, 1));
    }

    #[test]
    fn only_lists_of_requirements_are_recognised() {
        assert!(recognises("requirements/base.txt"));
        assert!(recognises("requirements.in"));
        assert!(recognises("dev-requirements.txt"));
        assert!(!recognises("requirements/README.md"));
        assert!(!recognises("utility/requirements-jammy.apt"));
        assert!(!recognises("notes.txt"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[\\\n#=<>@\[\]-]|\n-e |--hash=|git\+https://){0,60}"#) {
            read_text(&READER, "requirements.txt", &text);
        }
    }
}

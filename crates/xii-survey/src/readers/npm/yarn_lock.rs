//! yarn.lock: the format of yarn 1, and the YAML of later versions ("berry").

use xii_model::Facts;

use super::lock::{Lock, name_before_version};
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "yarn.lock",
    recognises: |path| file_name(path) == "yarn.lock",
    read,
};

/// Both formats have a line for each package at the left margin, `"name@range, name@range":`, and
/// indented lines under it. Reading lines serves both, and is cheaper than YAML.
fn read(source: &Source<'_>, facts: &mut Facts) {
    let mut lock = Lock::default();
    // Inside the dependency list of the workspace's own entry, which is berry's record of what the
    // manifest asked for.
    let mut own_entry = false;
    let mut own_list = false;
    let mut offset = 0;
    let mut strange = None;
    for line in source.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let line = line.trim_end();
        let text = line.trim_start();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let indent = line.len() - text.len();
        if indent == 0 {
            own_list = false;
            match header(text) {
                Some(specs) => {
                    own_entry = specs.iter().any(|spec| spec.ends_with("@workspace:."));
                    lock.packages.extend(
                        specs
                            .iter()
                            .filter(|spec| !spec.contains("@workspace:"))
                            .filter_map(|spec| name_before_version(spec))
                            .map(str::to_owned),
                    );
                }
                None => {
                    own_entry = false;
                    strange.get_or_insert(start);
                }
            }
            continue;
        }
        lock.hashes |= text.starts_with("integrity ") || text.starts_with("checksum:");
        if own_entry && indent == 2 {
            own_list = matches!(
                text,
                "dependencies:" | "optionalDependencies:" | "peerDependencies:"
            );
        } else if own_list && let Some((name, requirement)) = text.split_once(": ") {
            let requirement = requirement.trim_matches('"');
            lock.roots.insert((
                name.trim_matches('"').to_owned(),
                requirement
                    .strip_prefix("npm:")
                    .unwrap_or(requirement)
                    .to_owned(),
            ));
        }
    }
    if let Some(offset) = strange {
        source.unread(
            facts,
            offset,
            "this line is neither a package nor indented under one, so the lock may be damaged",
        );
    }
    lock.push(source, facts, "yarn.lock");
}

/// The specifications of a package's line; empty for `__metadata:`.
fn header(line: &str) -> Option<Vec<&str>> {
    let list = line.strip_suffix(':')?;
    if list == "__metadata" {
        return Some(Vec::new());
    }
    let specs: Vec<&str> = list
        .split(',')
        .map(|spec| spec.trim().trim_matches('"').trim())
        .collect();
    specs
        .iter()
        .any(|spec| name_before_version(spec).is_some())
        .then_some(specs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn version_1() {
        let text = "# yarn lockfile v1\n\n\"@babel/core@^7.1.0\", \"@babel/core@^7.2\":\n  version \"7.2.0\"\n  resolved \"https://registry.yarnpkg.com/x\"\n  integrity sha512-AA==\n  dependencies:\n    ms \"^2\"\n\nms@^2:\n  version \"2.0.0\"\n";
        let facts = read_text(&READER, "yarn.lock", text);
        let lock = &facts.lock_files[0];
        assert_eq!(lock.packages, ["@babel/core", "ms"]);
        assert!(lock.roots.is_empty() && lock.hashes);
        assert!(facts.unread.is_empty());
    }

    #[test]
    fn berry_records_the_requirements_of_its_workspace() {
        let text = "__metadata:\n  version: 6\n\n\"app@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"app@workspace:.\"\n  dependencies:\n    express: ^4.18.0\n    \"@types/ms\": \"npm:^2\"\n  languageName: unknown\n\n\"express@npm:^4.18.0\":\n  version: 4.18.2\n  checksum: 0a\n";
        let facts = read_text(&READER, "yarn.lock", text);
        let lock = &facts.lock_files[0];
        assert_eq!(lock.packages, ["express"]);
        assert_eq!(
            lock.roots,
            [
                ("@types/ms".to_owned(), "^2".to_owned()),
                ("express".to_owned(), "^4.18.0".to_owned())
            ]
        );
        assert!(lock.hashes);
    }

    #[test]
    fn a_conflict_marker_is_told() {
        let facts = read_text(
            &READER,
            "yarn.lock",
            "ms@^2:\n  version \"2.0.0\"\n<<<<<<< HEAD\n",
        );
        assert_eq!(facts.lock_files[0].packages, ["ms"]);
        assert_eq!(facts.unread[0].at.start.line, 3);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[":,@ ]|\n|@workspace:\.":\n|  dependencies:\n){0,60}"#) {
            read_text(&READER, "yarn.lock", &text);
        }
    }
}

//! Cargo.toml: what a Rust package is called, and its version.
//!
//! Rust source is not read, and neither are the dependencies: no rule could say what they are for.

use std::collections::BTreeMap;

use xii_model::{Ecosystem, Facts, Manifest};

use super::reader::{Reader, file_name};
use crate::document::{self, Node};
use crate::source::Source;

pub(super) static READER: Reader = Reader {
    name: "Cargo.toml",
    recognises: |path| file_name(path) == "cargo.toml",
    read,
};

/// What stands for a version that the package takes from its workspace, until [`inherit`] has put it in.
/// No version of Cargo's has such characters.
const INHERITED: &str = "{workspace}";
/// More members than this are not a person's.
const MOST_MEMBERS: usize = 1000;
/// The longest name or version that is taken for one, in bytes.
const LONGEST: usize = 200;

fn read(source: &Source<'_>, facts: &mut Facts) {
    let root = match document::toml(source.text) {
        Ok(root) => root,
        Err(error) => return source.unread(facts, error.offset, error.message),
    };
    // `[project]` is what `[package]` was called before.
    let package = root.get("package").or_else(|| root.get("project"));
    let workspace = root.get("workspace");
    if let Some(package) = package {
        let name = package.get("name").and_then(short);
        let version = package.get("version").and_then(|version| {
            let inherits = matches!(
                version.get("workspace").map(|one| &one.value),
                Some(document::Value::Bool(true))
            );
            if inherits {
                Some(INHERITED.to_owned())
            } else {
                short(version)
            }
        });
        facts.push(source.fact_of_file(manifest(name, version, Vec::new())));
    }
    if let Some(workspace) = workspace {
        let version = workspace.at(&["package", "version"]).and_then(short);
        let members = workspace.get("members").map(Node::items);
        let members = members.unwrap_or_default().iter().take(MOST_MEMBERS);
        let members = members.filter_map(short).collect();
        facts.push(source.fact_of_file(manifest(None, version, members)));
    }
}

fn manifest(name: Option<String>, version: Option<String>, workspaces: Vec<String>) -> Manifest {
    Manifest {
        ecosystem: Ecosystem::Cargo,
        format: "Cargo.toml",
        name,
        version,
        workspaces,
        entry: None,
        tool: None,
        complete: false,
    }
}

fn short(node: &Node) -> Option<String> {
    let text = node.as_str()?.trim();
    let plain = !text.is_empty() && text.len() <= LONGEST && text != INHERITED;
    plain.then(|| text.to_owned())
}

/// Puts the workspace's version in where a package takes it from there: from the file itself or from one
/// in a folder around it, the nearest first. A package whose workspace is not here has none.
pub(crate) fn inherit(facts: &mut Facts) {
    let given: BTreeMap<String, String> = facts
        .manifests
        .iter()
        .filter(|one| one.ecosystem == Ecosystem::Cargo && one.name.is_none())
        .filter_map(|one| Some((folder(&one.at.path).to_owned(), one.version.clone()?)))
        .collect();
    for manifest in &mut facts.manifests {
        if manifest.what.ecosystem != Ecosystem::Cargo
            || manifest.what.version.as_deref() != Some(INHERITED)
        {
            continue;
        }
        let mut around = Some(folder(&manifest.at.path));
        manifest.what.version = None;
        while let Some(one) = around {
            if let Some(version) = given.get(one) {
                manifest.what.version = Some(version.clone());
                break;
            }
            around = (!one.is_empty()).then(|| folder(one));
        }
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    fn told(facts: &Facts) -> Vec<(Option<&str>, Option<&str>)> {
        let manifests = facts.manifests.iter();
        manifests
            .map(|one| (one.name.as_deref(), one.version.as_deref()))
            .collect()
    }

    #[test]
    fn a_realistic_package_is_read() {
        let text = "[package]\nname = \"rustypaste\"\nversion = \"0.17.0\" # soon\nedition = \"2024\"\n\n[features]\ndefault = [\"rustls\"]\n\n[dependencies]\nactix-web = { version = \"4\" }\n\n[dependencies.config]\nversion = \"0.15\"\n";
        let facts = read_text(&READER, "Cargo.toml", text);
        assert_eq!(told(&facts), [(Some("rustypaste"), Some("0.17.0"))]);
        assert_eq!(facts.count(), 1);
    }

    #[test]
    fn a_version_is_taken_from_the_nearest_workspace() {
        let root =
            "[workspace]\nmembers = [\"crates/*\"]\n[workspace.package]\nversion = \"2.1.0\"\n";
        let mut facts = read_text(&READER, "Cargo.toml", root);
        assert_eq!(facts.manifests[0].workspaces, ["crates/*"]);
        let members = [
            ("crates/web/Cargo.toml", "version.workspace = true"),
            ("crates/log/Cargo.toml", "version = { workspace = true }"),
            ("crates/own/Cargo.toml", "version = \"1.0.0\""),
            ("crates/none/Cargo.toml", "version.workspace = false"),
        ];
        for (path, line) in members {
            let text = format!("[package]\nname = \"x\"\n{line}\n");
            facts.append(read_text(&READER, path, &text));
        }
        inherit(&mut facts);
        let versions: Vec<_> = told(&facts)
            .into_iter()
            .map(|(_, version)| version)
            .collect();
        let (given, own) = (Some("2.1.0"), Some("1.0.0"));
        assert_eq!(versions, [given, given, given, own, None]);
    }

    #[test]
    fn a_package_without_its_workspace_has_no_version() {
        let text = "[package]\nname = \"x\"\nversion.workspace = true\n";
        let mut facts = read_text(&READER, "api/Cargo.toml", text);
        facts.append(read_text(
            &READER,
            "apiary/Cargo.toml",
            "[workspace]\npackage.version = \"3.0.0\"\n",
        ));
        inherit(&mut facts);
        assert_eq!(told(&facts), [(Some("x"), None), (None, Some("3.0.0"))]);
    }

    #[test]
    fn what_is_no_name_is_left_out() {
        let long = "a".repeat(LONGEST + 1);
        for name in [
            "7",
            "[]",
            "\"\"",
            "{ workspace = true }",
            &format!("\"{long}\""),
        ] {
            let text = format!("[package]\nname = {name}\nversion = 1\n");
            let facts = read_text(&READER, "Cargo.toml", &text);
            assert_eq!(told(&facts), [(None, None)], "{name}");
        }
        let facts = read_text(&READER, "Cargo.toml", "[profile.release]\nlto = true\n");
        assert_eq!(facts.count(), 0);
    }

    #[test]
    fn a_malformed_manifest_is_told() {
        let facts = read_text(&READER, "Cargo.toml", "[package\nname = 1\n");
        assert_eq!((facts.count(), facts.unread.len()), (1, 1));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[\[\]{}=".,\n]|\[package\]\n|\[workspace\]\n|version\.workspace = true\n|name = ){0,60}"#) {
            inherit(&mut read_text(&READER, "Cargo.toml", &text));
        }
    }
}

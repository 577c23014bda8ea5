//! setup.cfg: the declarative form of setuptools.

use std::ops::Range;

use xii_model::{DependencyGroup, Ecosystem, Facts, Manifest, RuntimeVersion};

use super::requirement::{self, group_of};
use crate::document::{IniEntry, ini};
use crate::readers::pin;
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "setup.cfg",
    recognises: |path| file_name(path) == "setup.cfg",
    read,
};

fn read(source: &Source<'_>, facts: &mut Facts) {
    let file = ini(source.text);
    // Most files of this name only hold the settings of linters.
    let text = |section: &str, key: &str| file.section(section)?.get(key)?.value.clone();
    let name = text("metadata", "name");
    let requires = file
        .section("options")
        .and_then(|options| options.get("install_requires"));
    if name.is_none() && requires.is_none() {
        return;
    }
    for error in &file.errors {
        source.unread(facts, error.offset, error.message.clone());
    }
    let computed = requires
        .and_then(|entry| entry.value.as_deref())
        .is_some_and(|value| value.trim_start().starts_with("file:"));
    facts.push(source.fact_of_file(Manifest {
        ecosystem: Ecosystem::Python,
        format: "setup.cfg",
        name,
        version: text("metadata", "version").filter(|version| !version.contains(':')),
        workspaces: Vec::new(),
        entry: None,
        tool: Some("setuptools".to_owned()),
        complete: !computed,
    }));
    if let Some(entry) = requires.filter(|_| !computed) {
        push_lines(source, facts, entry, DependencyGroup::Run);
    }
    let extras = file.section("options.extras_require");
    for entry in extras
        .map(|section| section.entries.as_slice())
        .unwrap_or_default()
    {
        let group = group_of(&entry.key).unwrap_or(DependencyGroup::Optional);
        push_lines(source, facts, entry, group);
    }
    let python = file
        .section("options")
        .and_then(|options| options.get("python_requires"));
    if let Some(entry) = python
        && let Some(requirement) = entry.without_comments().filter(|text| !text.is_empty())
    {
        let runtime = RuntimeVersion {
            language: "python".to_owned(),
            pin: pin::python(&requirement),
            requirement,
            source: "python_requires",
        };
        facts.push(source.fact(entry.key_span.start..entry.value_span.end, runtime));
    }
}

fn push_lines(source: &Source<'_>, facts: &mut Facts, entry: &IniEntry, group: DependencyGroup) {
    for place in &entry.lines {
        let line = source.text.get(place.clone()).unwrap_or_default();
        let kept = line.split(" #").next().unwrap_or(line).trim_end();
        if kept.starts_with(['#', ';']) || kept.is_empty() {
            continue;
        }
        let place: Range<usize> = place.start..place.start + kept.len();
        match requirement::parse(kept) {
            Some(one) => {
                let what = one.dependency(source, group);
                facts.push(source.fact(place, what));
            }
            None => source.unread(
                facts,
                place.start,
                "this is no requirement in the form `name>=1.0`, so it was passed over",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn the_declarative_form_is_read() {
        let text = "[metadata]\nname = shop\nversion = attr: shop.__version__\n\n[options]\npython_requires = >=3.9\ninstall_requires =\n    Django>=4.2,<5\n    # web server\n    gunicorn==21.2.0\n    !!\n\n[options.extras_require]\ntest =\n    pytest\nmysql = mysqlclient\n";
        let facts = read_text(&READER, "setup.cfg", text);
        insta::assert_snapshot!(facts.lines().join("\n"));
    }

    #[test]
    fn settings_of_linters_are_no_manifest() {
        let facts = read_text(&READER, "setup.cfg", "[flake8]\nmax-line-length = 100\n");
        assert_eq!(facts.count(), 0);
        let facts = read_text(
            &READER,
            "setup.cfg",
            "[options]\ninstall_requires = file: requirements.txt\n",
        );
        assert!(!facts.manifests[0].complete && facts.dependencies.is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[\[\]=:\n]|\[options\]\n|install_requires =|\n    ){0,60}"#) {
            read_text(&READER, "setup.cfg", &text);
        }
    }
}

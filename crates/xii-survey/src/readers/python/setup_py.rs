//! setup.py, read as text: it is a program, and it is not run.

use xii_model::{DependencyGroup, Ecosystem, Facts, Manifest, RuntimeVersion};

use super::literal_list::{Code, Literal};
use super::requirement;
use crate::readers::pin;
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "setup.py",
    recognises: |path| file_name(path) == "setup.py",
    read,
};

/// Reads `install_requires=[…]` when it is a list of string literals, or the name of one in this
/// file. Anything else is computed: then the manifest says that it is not complete.
fn read(source: &Source<'_>, facts: &mut Facts) {
    if !source.text.contains("setup(") {
        return;
    }
    let code = Code::of(source.text);
    let name = keyword(&code, "name");
    let requires = code.bindings("install_requires").next();
    if name.is_none() && requires.is_none() {
        return;
    }
    let list = requires.map(|at| requirements(&code, at));
    // Keywords that come from a dictionary may hold requirements too.
    let opaque = requires.is_none() && source.text.contains("setup(**");
    facts.push(source.fact_of_file(Manifest {
        ecosystem: Ecosystem::Python,
        format: "setup.py",
        name: name.map(|name| name.value.to_owned()),
        version: keyword(&code, "version").map(|version| version.value.to_owned()),
        workspaces: Vec::new(),
        entry: None,
        tool: Some("setuptools".to_owned()),
        complete: !opaque && !matches!(list, Some(None)),
    }));
    for item in list.flatten().unwrap_or_default() {
        if let Some(one) = requirement::parse(item.value) {
            let what = one.dependency(source, DependencyGroup::Run);
            facts.push(source.fact(item.span, what));
        }
    }
    if let Some(python) = keyword(&code, "python_requires") {
        let runtime = RuntimeVersion {
            language: "python".to_owned(),
            requirement: python.value.to_owned(),
            source: "python_requires",
            pin: pin::python(python.value),
        };
        facts.push(source.fact(python.span, runtime));
    }
}

/// The string literal that is bound to a keyword.
fn keyword<'a>(code: &Code<'a>, name: &str) -> Option<Literal<'a>> {
    code.bindings(name).find_map(|at| code.literal(at))
}

fn requirements<'a>(code: &Code<'a>, at: usize) -> Option<Vec<Literal<'a>>> {
    code.list(at).or_else(|| {
        let name = code.name(at)?;
        // Bound to itself (`install_requires=install_requires`), the list is another binding.
        let mut lists = code.bindings(name).filter(|other| *other != at);
        let only = lists.next()?;
        if lists.next().is_some() {
            return None;
        }
        code.list(only)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn literal_lists_are_read() {
        let text = "from setuptools import setup\n\n# install_requires=['no']\nREQUIRED = [\n    'Django>=4.2',  # web\n    \"celery==5.3.4\",\n]\nsetup(\n    name='shop',\n    version='1.0',\n    python_requires='>=3.9',\n    install_requires=REQUIRED,\n)\n";
        let facts = read_text(&READER, "setup.py", text);
        assert_eq!(
            facts.lines(),
            [
                r#"setup.py Manifest { ecosystem: Python, format: "setup.py", name: Some("shop"), version: Some("1.0"), workspaces: [], entry: None, tool: Some("setuptools"), complete: true } class=Tooling"#,
                r#"setup.py:11:21 RuntimeVersion { language: "python", requirement: ">=3.9", source: "python_requires", pin: Open } class=Tooling"#,
                r#"setup.py:5:5 Dependency { ecosystem: Python, name: "django", requirement: ">=4.2", group: Run, pin: Open } class=Tooling"#,
                r#"setup.py:6:5 Dependency { ecosystem: Python, name: "celery", requirement: "==5.3.4", group: Run, pin: Exact } class=Tooling"#,
            ]
        );
    }

    #[test]
    fn what_is_computed_is_said_to_be_incomplete() {
        for requires in [
            "read('requirements.txt')",
            "['a'] + EXTRA",
            "[f'a=={V}']",
            "REQS",
        ] {
            let text = format!("setup(name='x', install_requires={requires})\n");
            let facts = read_text(&READER, "setup.py", &text);
            assert!(!facts.manifests[0].complete, "{requires}");
            assert!(facts.dependencies.is_empty(), "{requires}");
        }
        let facts = read_text(
            &READER,
            "setup.py",
            "from setuptools import setup\nsetup()\n",
        );
        assert_eq!(facts.count(), 0);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[\[\]()'"\\,#=\n]|setup\(|install_requires=|X){0,60}"#) {
            let text = format!("setup({text}");
            read_text(&READER, "setup.py", &text);
        }
    }
}

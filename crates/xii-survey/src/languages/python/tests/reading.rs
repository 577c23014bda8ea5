//! Reading a text as a file of an app.

use std::sync::Arc;

use proptest::prelude::*;
use xii_model::{Facts, FileClass};

use crate::languages::language::{Exports, File};
use crate::languages::python::LANGUAGE;
use crate::languages::registry::parse;
use crate::languages::routing::compose;
use crate::source::Source;

/// The facts of a text, without its imports.
pub(super) fn facts(text: &str) -> Facts {
    let mut facts = read("app/main.py", text).0;
    facts.imports.clear();
    facts
}

/// The facts of a text as lines, without its imports and without the path.
pub(super) fn lines(text: &str) -> Vec<String> {
    without_path(&facts(text))
}

/// The facts of a file with this path as lines, without its imports and without the path.
pub(super) fn lines_at(path: &str, text: &str) -> Vec<String> {
    let mut facts = read(path, text).0;
    facts.imports.clear();
    without_path(&facts)
}

fn without_path(facts: &Facts) -> Vec<String> {
    let cut = |line: String| match line.split_once(".py:") {
        Some((_, rest)) => rest.to_owned(),
        None => line,
    };
    facts.lines().into_iter().map(cut).collect()
}

/// The facts and exports of a file.
pub(super) fn read(path: &str, text: &str) -> (Facts, Exports) {
    let (facts, mut exports) = read_all(&[(path, text)]);
    (facts, exports.pop().unwrap().1)
}

/// The facts of several files of an app, and what each exports.
pub(super) fn read_all(files: &[(&str, &str)]) -> (Facts, Vec<(Arc<str>, Exports)>) {
    let mut facts = Facts::default();
    let (mut exports, mut routing) = (Vec::new(), Vec::new());
    for (path, text) in files {
        let path: Arc<str> = (*path).into();
        let source = Source::new(&path, text, FileClass::Source, None);
        let tree = parse(&LANGUAGE, "py", text).unwrap();
        let file = File {
            source: &source,
            tree: &tree,
            extension: "py",
        };
        let given = (LANGUAGE.read)(&file, &mut facts);
        exports.push((Arc::clone(&path), given.exports));
        routing.push((path, given.routing));
    }
    compose(&mut facts, &routing, &exports);
    (facts, exports)
}

proptest! {
    #[test]
    fn any_text_is_read(text in any::<String>()) {
        read("a/settings.py", &text);
    }

    #[test]
    fn any_sequence_of_words_is_read(words in prop::collection::vec(prop::sample::select(vec![
        "import os\n", "import flask\n", "from a import *\n", "os", "environ", ".", "get", "(", ")", "[", "]", "{", "}",
        "'X'", "'a://b:c@d'", ":", "\n", "\n  ", "=", "def ", "class ", "if ", "else", "try", "except", "with ", "lambda",
        "f'{", "}'", "@", ",", "await ", "not ", "in ", "is ", "==", "1", "None", "global ", "self", "signal", "open", "env",
        "DATABASES", "bind", "router = APIRouter(prefix=", "@router.get(", "router.include_router(", "urlpatterns = ", "path(",
        "include(", "from . import main as router\n", "settings", "LOGGING", "class", "print", "jwt", "decode", "password", "request", "or ", "*",
    ]), 0..80)) {
        let text = words.concat();
        for path in ["a/settings.py", "gunicorn.conf.py", "a/management/commands/b.py", "manage.py"] {
            read(path, &text);
        }
    }
}

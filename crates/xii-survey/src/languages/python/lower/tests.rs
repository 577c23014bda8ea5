use proptest::prelude::*;

use crate::languages::python::LANGUAGE;
use crate::languages::registry::parse;
use crate::languages::syntax::{Kind, Tree};

fn tree(text: &str) -> Tree {
    parse(&LANGUAGE, "py", text).unwrap()
}

fn called(text: &str) -> Vec<String> {
    tree(text)
        .calls()
        .into_iter()
        .map(|(_, path)| path)
        .collect()
}

#[test]
fn names_are_resolved_through_imports_and_assignments() {
    assert_eq!(
        called("from os import environ as e\ne.get('X')\ne['Y'].strip()\n"),
        ["os.environ.get", "os.environ.Y.strip"]
    );
    assert_eq!(
        called("import flask\napp = flask.Flask(__name__)\nif True:\n  app.run()\n"),
        ["flask.Flask", "flask.Flask().run"]
    );
    assert_eq!(
        called(
            "import os.path as p, google.cloud.storage\np.join()\ngoogle.cloud.storage.Client()\n"
        ),
        ["os.path.join", "google.cloud.storage.Client"]
    );
    assert_eq!(
        called("with open('a') as f, f2() as (a, b):\n  f.write()\n  a()\n"),
        ["open", "f2", "open().write", "~a"]
    );
    assert_eq!(
        called("import os\nimport os.path\nos.getenv('X')\n"),
        ["os.getenv"]
    );
    assert_eq!(called("a, b = x(), y()\na.z()\n"), ["x", "y", "x().z"]);
    assert_eq!(called("a = b = x()\nb.z(a.y)\n"), ["x", "x().z"]);
}

#[test]
fn names_of_the_file_are_not_taken_for_globals() {
    assert_eq!(called("def open(p): ...\nopen('x')\n"), ["~open"]);
    assert_eq!(
        called("def f(requests):\n  requests.get('x')\n"),
        ["~requests.get"]
    );
    assert_eq!(
        called("for os in range(3):\n  os.getenv('X')\n"),
        ["range", "~os.getenv"]
    );
    assert_eq!(
        called("def f():\n  open = 1\nclass C:\n  open = 2\n  def g(self): open('x')\n"),
        ["open"]
    );
}

#[test]
fn a_name_that_starts_as_none_stands_for_what_it_is_given() {
    let text = "import redis\npool = None\ndef start():\n  global pool\n  pool = redis.Redis()\ndef view():\n  pool.get('x')\n";
    assert_eq!(called(text), ["redis.Redis", "redis.Redis().get"]);
}

#[test]
fn texts_are_unescaped_and_joined() {
    let text = "a = 'x' \"y\\n\"\nb = f'{a}/z'\nc = r'\\d'\nd = b'q'\n";
    let tree = tree(text);
    let texts: Vec<_> = tree.ids().filter_map(|id| tree.as_text(id)).collect();
    assert_eq!(texts, ["xy\n", "/z", "\\d", "q"]);
    assert!(
        tree.ids()
            .any(|id| matches!(tree.kind(id), Kind::Template(parts) if parts.len() == 2))
    );
}

#[test]
fn calls_are_kept_wherever_they_stand() {
    for (text, expected) in [
        ("@d(c())\ndef f(a: t(c()) = c(), *b): pass\n", 3),
        (
            "class A(B, metaclass=c()):\n  x: int = c()\n  y: c() = 1\n",
            3,
        ),
        ("match c():\n  case 1: c()\n", 2),
        ("x = {c(): c(), **c()}\n", 3),
        ("[c() for x in c() if c()]\n", 3),
        ("lambda: c()\n", 1),
        (
            "async def f():\n  async with c() as g: await c()\n  async for x in c(): yield c()\n",
            4,
        ),
        ("try: c()\nexcept (A, B): c()\nelse: c()\nfinally: c()\n", 4),
        ("while c(): c()\nelse: c()\n", 3),
        ("if c(): pass\nelif c(): c()\nelse: c()\n", 4),
        (
            "x[c():c(), c()] = c()\nassert c(), c()\nraise c() from e\n",
            7,
        ),
        ("print(f'{c()!r:>4}', -c(), *c())\n", 3),
        ("(x := c())\ndel a[c()]\n", 2),
    ] {
        let found = called(text)
            .iter()
            .filter(|path| path.as_str() == "c")
            .count();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn deep_nesting_is_left_out() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("f(", ")"),
        ("not ", ""),
        ("-", ""),
        ("lambda: ", ""),
    ] {
        let text = format!("x = {}1{}\n", open.repeat(100_000), close.repeat(100_000));
        let tree = tree(&text);
        assert!(tree.ids().count() < 2_000);
    }
    let chain = format!("x = a{}\n", ".b()".repeat(50_000));
    assert!(tree(&chain).calls().len() < 300);
    let branches = format!("if a: b()\n{}", "elif c: d()\n".repeat(20_000));
    assert_eq!(tree(&branches).calls().len(), 20_001);
}

proptest! {
    #[test]
    fn any_text_is_lowered(text in any::<String>()) {
        tree(&text).calls();
    }

    #[test]
    fn any_sequence_of_words_is_lowered(words in prop::collection::vec(prop::sample::select(vec![
        "import", "from", "a", ".", "as", "*", "(", ")", "[", "]", "{", "}", ":", "\n", "\n  ", "=", "def",
        "class", "if", "else", "elif", "try", "except", "with", "lambda", "'", "f'", "\"", "@", ",", "await",
        "not", "in", "is", "==", "1", "None", "global", "del", "for", "while", "match", "case", "->", ":=",
    ]), 0..60)) {
        tree(&words.join(" ")).calls();
    }
}

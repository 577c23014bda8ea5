use super::reading::read;

fn imports(text: &str) -> Vec<String> {
    read("app/main.py", text)
        .0
        .imports
        .into_iter()
        .map(|import| {
            let mut line = format!("{} {}", import.package, import.module);
            if import.optional {
                line += " optional";
            }
            if import.type_only {
                line += " type-only";
            }
            line
        })
        .collect()
}

#[test]
fn packages_are_seen_in_every_form() {
    assert_eq!(
        imports("import flask, redis.asyncio as r\n"),
        ["flask flask", "redis redis.asyncio"]
    );
    assert_eq!(
        imports("import google.cloud.storage\n"),
        ["google google.cloud.storage"]
    );
    assert_eq!(imports("from a.b import c, d\n"), ["a a.b"]);
    assert_eq!(
        imports("from a import *\ndef f():\n  import b\n"),
        ["a a", "b b"]
    );
    assert_eq!(
        imports(
            "import os, json\nfrom . import x\nfrom .y import z\n'import flask'\n# import flask\n"
        ),
        [""; 0]
    );
}

#[test]
fn an_import_that_may_fail_is_optional() {
    assert_eq!(
        imports("try:\n  import ujson as json\nexcept ImportError:\n  import simplejson as json\n"),
        ["ujson ujson optional", "simplejson simplejson optional"]
    );
    assert_eq!(
        imports("try:\n  import a\nexcept ImportError:\n  raise SystemExit\n"),
        ["a a"]
    );
    assert_eq!(
        imports("try:\n  import a\nexcept ValueError:\n  pass\n"),
        ["a a"]
    );
    assert_eq!(
        imports(
            "import sys\nif sys.version_info < (3, 11):\n  import tomli\nelse:\n  import tomllib\n"
        ),
        ["tomli tomli optional"]
    );
}

#[test]
fn an_import_for_types_is_told() {
    assert_eq!(
        imports(
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  from a import B\nimport c\n"
        ),
        ["a a type-only", "c c"]
    );
}

use std::time::Instant;

use proptest::prelude::*;

use super::yaml;
use crate::document::outline::{assert_sound, assert_sound_error, outline};
use crate::document::{MAX_DEPTH, Malformed, Node};

fn one(text: &str) -> Node {
    let (mut documents, error) = yaml(text);
    assert_eq!(error, None);
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

fn read(text: &str) -> String {
    outline(text, &one(text))
}

fn refused(text: &str) -> Malformed {
    yaml(text).1.unwrap()
}

#[test]
fn a_compose_file_has_exact_places() {
    let text = "\
# é: two bytes before everything
services:
  web:
    image: \"café:1\"   # comment
    ports:
    - 8080
    - '80''80' # it's
    - -5
    tty: true
    command:
    labels: {a: b, c: [1, ~]}
  db: {}
";
    insta::assert_snapshot!(read(text));
    let node = one(text);
    let image = node.at(&["services", "web", "image"]).unwrap();
    assert_eq!(image.span, 62..71);
    assert_eq!(image.as_str(), Some("café:1"));
    let web = node.get("services").unwrap().entry("web").unwrap();
    assert_eq!(web.key_span, 46..49);
}

#[test]
fn block_scalars_end_with_their_last_line() {
    let text = "run: |\n  echo é\n  exit 1\n\n# comment\nfold: >-\n  a\n  b\nanchored: &a |-\n  c\n  d\nempty: |\nlast: |+\n  x\n\n";
    insta::assert_snapshot!(read(text));
}

#[test]
fn plain_scalars_may_run_over_lines() {
    insta::assert_snapshot!(read("a: one\n  two\n  three\nb: \"x\n  y\"\n"));
}

#[test]
fn anchors_and_tags_are_not_part_of_the_place() {
    let text = "a: &x !!str 80\nb: !Ref &y\n  c: 1\nd: &z [1]\ne: &n\nf: !t\n  - 1\n";
    insta::assert_snapshot!(read(text));
}

#[test]
fn aliases_and_merge_keys_are_resolved() {
    let text = "\
base: &base {image: a, tty: true}
more: &more
  tty: false
  user: x
web:
  <<: *base
  image: b
job:
  <<: [*more, *base]
again: *base
<<: text
? *text_key
: 1
";
    let text = text.replace("? *text_key\n: 1\n", "");
    insta::assert_snapshot!(read(&text));
    let node = one(&text);
    let tty = node.at(&["web", "tty"]).unwrap();
    assert_eq!(&text[tty.span.clone()], "true");
    assert_eq!(node.at(&["web", "image"]).unwrap().as_str(), Some("b"));
    assert_eq!(node.at(&["job", "tty"]).unwrap().as_bool(), Some(false));
    assert_eq!(node.at(&["job", "image"]).unwrap().as_str(), Some("a"));
}

#[test]
fn an_alias_can_be_a_key() {
    assert_eq!(
        read("a: &k v\n*k : 1\n"),
        "$: map of 2 at \"a: &k v\\n*k : 1\"\n$ a: string \"v\" at \"v\"\n$ v: number 1 at \"1\"\n"
    );
}

#[test]
fn documents_before_an_error_are_kept() {
    let text = "a: 1\n---\nb: 2\n---\nc: [\n---\nd: 4\n";
    let (documents, error) = yaml(text);
    let keys: Vec<_> = documents
        .iter()
        .map(|document| document.entries()[0].key.as_str())
        .collect();
    assert_eq!(keys, ["a", "b"]);
    let error = error.unwrap();
    assert!(error.message.starts_with("this is not YAML: "), "{error}");
    assert!((18..=text.len()).contains(&error.offset), "{error:?}");
}

#[test]
fn nothing_is_no_document_and_an_empty_document_is_null() {
    assert_eq!(yaml(""), (vec![], None));
    assert_eq!(yaml("# only a comment\n"), (vec![], None));
    let (documents, error) = yaml("---\n---\na: 1\n");
    assert_eq!(error, None);
    assert_eq!(documents.len(), 2);
    assert!(documents[0].is_null());
}

#[test]
fn byte_order_mark_and_carriage_returns() {
    let text = "\u{feff}a: 1\r\nb:\r\n  - \"é\"\r\n  - x\r\nc: |\r\n  one\r\n  two\r\n";
    insta::assert_snapshot!(read(text));
}

#[test]
fn errors_never_quote_the_text() {
    for text in [
        "a: `hunter2`\n",
        "a: @hunter2\n",
        "hunter2: [\n",
        "a: \"hunter2\n",
        "a: hunter2: b\n",
        "a: *hunter2\n",
        "a: \"\\hunter2\"\n",
        "%hunter2 x\na\n",
        "a: !hunter2!x y\n",
        "{a: b}: hunter2\n",
        "hunter2\0",
    ] {
        let error = refused(text);
        assert!(!error.message.contains("hunter2"), "{error}");
        assert!(!error.message.contains('@'), "{error}");
        assert_sound_error(text, &error);
    }
}

#[test]
fn keys_must_be_scalars() {
    assert_eq!(
        refused("image: {{ .Values.image }}\n").message,
        "a key is a list or a map, which is not supported"
    );
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert_sound(&nested(MAX_DEPTH), &one(&nested(MAX_DEPTH)));
    let message = "lists and maps are nested more than 128 deep";
    assert_eq!(refused(&nested(MAX_DEPTH + 1)).message, message);
    for text in [
        "[".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
    ] {
        let started = Instant::now();
        refused(&text);
        assert!(started.elapsed().as_secs() < 10);
    }
}

#[test]
fn a_long_line_costs_no_more_than_its_length() {
    for unit in ["{\"a\":[1,2]},", "[a,b],", "{a: {b: c}},", "\"x\", "] {
        let text = format!("[{}1]", unit.repeat(50_000));
        let started = Instant::now();
        assert_eq!(one(&text).items().len() % 50_000, 1);
        assert!(started.elapsed().as_secs() < 10, "{unit}");
    }
}

#[test]
fn what_aliases_copy_is_bounded() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let alias = format!("*a{}", level - 1);
        text += &format!("a{level}: &a{level} [{}]\n", vec![alias; 9].join(", "));
    }
    let message = "aliases copy more than 100000 values or 16777216 bytes of text";
    assert_eq!(refused(&text).message, message);

    let big = "x".repeat(1 << 20);
    let text = format!("a: &a {big}\nb: [{}]\n", vec!["*a"; 100].join(", "));
    assert_eq!(refused(&text).message, message);
}

#[test]
fn aliases_do_not_nest_past_the_bound() {
    let mut text = format!("a0: &a0 {}{}\n", "[".repeat(20), "]".repeat(20));
    for level in 1..20 {
        text += &format!(
            "a{level}: &a{level} {}*a{}{}\n",
            "[".repeat(20),
            level - 1,
            "]".repeat(20)
        );
    }
    let message = "lists and maps are nested more than 128 deep";
    assert_eq!(refused(&text).message, message);
}

#[test]
fn an_alias_inside_its_own_value_is_refused() {
    let message =
        "an alias stands inside the value it names, or names an anchor of another document";
    assert_eq!(
        refused("&a [*a]\n"),
        Malformed {
            message: message.to_owned(),
            offset: 4
        }
    );
    assert_eq!(refused("--- &a x\n--- *a\n").message, message);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(?s:.|[\\[\\]{}\"',:#|>&*!?%@<~ a\\n\\r\\t-]|: |- |\\n  |<<: ){0,60}") {
        let (documents, error) = yaml(&text);
        for document in &documents {
            assert_sound(&text, document);
        }
        if let Some(error) = error {
            assert_sound_error(&text, &error);
        }
    }
}

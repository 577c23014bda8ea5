use proptest::prelude::*;

use super::{Ini, ini};
use crate::document::outline::assert_sound_error;

fn clean(text: &str) -> Ini {
    let read = ini(text);
    assert_eq!(read.errors, []);
    read
}

#[test]
fn a_supervisord_file_has_exact_places() {
    let text = "\u{feff}; é\r\n[program:web] ; main\r\ncommand = gunicorn app:app ; not a shell\r\nenvironment=A=\"1\",\r\n  B=\"2;3\" ; two\r\nautostart: true\r\n";
    let read = clean(text);
    assert_eq!(read.sections.len(), 1);
    let section = read.section("program:web").unwrap();
    assert_eq!(&text[section.span.clone()], "[program:web]");
    assert_eq!(section.span, 9..22);

    let command = section.get("command").unwrap();
    assert_eq!(&text[command.key_span.clone()], "command");
    assert_eq!(
        &text[command.value_span.clone()],
        "gunicorn app:app ; not a shell"
    );
    assert_eq!(command.without_comments().unwrap(), "gunicorn app:app");

    let environment = section.get("environment").unwrap();
    assert_eq!(
        environment.value.as_deref(),
        Some("A=\"1\",\nB=\"2;3\" ; two")
    );
    assert_eq!(
        environment.without_comments().unwrap(),
        "A=\"1\",\nB=\"2;3\""
    );
    assert_eq!(&text[environment.lines[1].clone()], "B=\"2;3\" ; two");
    assert_eq!(
        section.get("autostart").unwrap().value.as_deref(),
        Some("true")
    );
}

#[test]
fn a_list_goes_on_over_empty_lines_and_comments() {
    let text =
        "[options]\ninstall_requires =\n    a>=1\n# why\n\n    [b]\n    c: d\nzip_safe = no\n";
    let read = clean(text);
    let section = read.section("options").unwrap();
    let requires = section.get("install_requires").unwrap();
    assert_eq!(requires.value.as_deref(), Some("\na>=1\n[b]\nc: d"));
    let lines: Vec<_> = requires
        .lines
        .iter()
        .map(|line| &text[line.clone()])
        .collect();
    assert_eq!(lines, ["a>=1", "[b]", "c: d"]);
    assert_eq!(
        &text[requires.value_span.clone()],
        "a>=1\n# why\n\n    [b]\n    c: d"
    );
    assert_eq!(section.entries.len(), 2);
}

#[test]
fn keys_may_lack_a_value_a_header_and_a_separator() {
    let read = clean("root = true\n[a]\n  master\n  http = :80\nempty =\n[a]\nx = 1\n");
    assert_eq!(read.sections[0].name, "");
    assert_eq!(read.sections[0].entries[0].key, "root");
    let first = &read.sections[1];
    assert_eq!(first.get("master").unwrap().value, None);
    assert_eq!(first.get("http").unwrap().value.as_deref(), Some(":80"));
    assert_eq!(first.get("empty").unwrap().value.as_deref(), Some(""));
    assert_eq!(read.section("a").unwrap().entries.len(), 1);
}

#[test]
fn what_is_outside_the_grammar_is_an_error_at_its_place() {
    let read = ini("[a\n= hunter2\nb = 1\n");
    let errors: Vec<_> = read
        .errors
        .iter()
        .map(|error| (error.offset, error.message.as_str()))
        .collect();
    assert_eq!(
        errors,
        [
            (0, "a section header is not closed by a bracket"),
            (3, "an entry has no key"),
        ]
    );
    assert_eq!(read.sections[0].entries[0].key, "b");
    assert_eq!(ini(&"=\n".repeat(100_000)).errors.len(), 1001);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(?s:.|[\\[\\]#;=: \\n\\ra]|\\n  a|\\n\\[a\\]|\\na = ){0,60}") {
        let read = ini(&text);
        for section in &read.sections {
            prop_assert!(text.get(section.span.clone()).is_some());
            for entry in &section.entries {
                prop_assert_eq!(text.get(entry.key_span.clone()), Some(entry.key.as_str()));
                prop_assert!(text.get(entry.value_span.clone()).is_some());
                for line in &entry.lines {
                    prop_assert!(text.get(line.clone()).is_some());
                }
                entry.without_comments();
            }
        }
        for error in &read.errors {
            assert_sound_error(&text, error);
        }
    }
}

use proptest::prelude::*;

use super::{DotEnv, DotEnvEntry, dotenv};

fn only(text: &str) -> DotEnvEntry {
    let mut read = dotenv(text);
    assert_eq!(read.errors, [], "{text}");
    assert_eq!(read.entries.len(), 1, "{text}");
    read.entries.remove(0)
}

fn value(text: &str) -> String {
    only(text).value
}

#[test]
fn an_entry_says_everything_about_its_line() {
    let text = "\u{feff}# stale\r\n\r\n# The é database.\r\n#Required\r\nexport DATABASE_URL = \"postgres://${HOST}/x\" # main\r\n";
    let entry = only(text);
    assert_eq!(entry.key, "DATABASE_URL");
    assert_eq!(&text[entry.key_span.clone()], "DATABASE_URL");
    assert_eq!(entry.key_span, 52..64);
    assert_eq!(entry.value, "postgres://${HOST}/x");
    assert_eq!(&text[entry.value_span], "\"postgres://${HOST}/x\"");
    assert_eq!(
        entry.comment.as_deref(),
        Some("The é database.\nRequired\nmain")
    );
    assert!(entry.exported);
    assert!(entry.interpolates);
}

#[test]
fn values_without_quotes_are_trimmed_and_end_at_a_comment() {
    assert_eq!(value("A=b"), "b");
    assert_eq!(value("A =  b c \t"), "b c");
    assert_eq!(value("A=b # c"), "b");
    assert_eq!(value("A=b#c"), "b#c");
    assert_eq!(value("A=#c"), "#c");
    assert_eq!(value("A= # c"), "");
    assert_eq!(value("A="), "");
    assert_eq!(value("A=b=c"), "b=c");
    assert_eq!(value("A=it's\\n"), "it's\\n");
    assert_eq!(value("export=1"), "1");
    assert_eq!(only("exported=1").key, "exported");
    assert_eq!(only("A=\n").value_span, 2..2);
}

#[test]
fn quotes_keep_space_comments_and_lines() {
    assert_eq!(value("A=' b # c\\n$D '"), " b # c\\n$D ");
    assert_eq!(value("A=\"x\\ny\\t\\\"\\\\\\$z\\q\""), "x\ny\t\"\\$z\\q");
    assert_eq!(
        value("A=\"-----BEGIN\nabc=\n-----END\" # key\n"),
        "-----BEGIN\nabc=\n-----END"
    );
    assert_eq!(value("A='one\r\ntwo'"), "one\r\ntwo");
    assert_eq!(value("A=`it's \"x\"`"), "it's \"x\"");
    assert_eq!(value("A=''"), "");
}

#[test]
fn only_variables_that_would_be_replaced_are_flagged() {
    for text in ["A=$B", "A=${B}", "A=\"x$B\"", "A=\\\\$B"] {
        assert!(only(text).interpolates, "{text}");
    }
    for text in [
        "A='$B'",
        "A=\"\\$B\"",
        "A=$",
        "A=5$ x",
        "A=\"$1\"",
        "A=\\$B",
        "A=`${B}`",
    ] {
        assert!(!only(text).interpolates, "{text}");
    }
}

#[test]
fn what_is_outside_the_grammar_is_an_error_at_its_place() {
    let text = "A=1\nhunter2 é\n=x\nB='x' y\nexport C\n\"D\"=1\nE=2\n";
    let DotEnv { entries, errors } = dotenv(text);
    let keys: Vec<_> = entries.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["A", "E"]);
    let errors: Vec<_> = errors
        .iter()
        .map(|error| (error.offset, error.message.as_str()))
        .collect();
    assert_eq!(
        errors,
        [
            (11, "there is no equals sign after the key"),
            (15, "this is neither an assignment nor a comment"),
            (23, "something follows the closing quote of a value"),
            (34, "there is no equals sign after the key"),
            (35, "this is neither an assignment nor a comment"),
        ]
    );
}

#[test]
fn an_open_quote_costs_only_its_own_line() {
    let DotEnv { entries, errors } = dotenv("A=\"x\nB=\"y\"\nC='z\nD=1\n");
    let keys: Vec<_> = entries.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["B", "D"]);
    let offsets: Vec<_> = errors.iter().map(|error| error.offset).collect();
    assert_eq!(offsets, [8, 13]);
}

#[test]
fn a_file_of_nonsense_gives_a_bounded_number_of_errors() {
    let read = dotenv(&"?\n".repeat(100_000));
    assert_eq!(read.errors.len(), 1001);
    assert_eq!(
        read.errors[1000].message,
        "too many lines are not assignments, the rest was not read"
    );
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(?s:.|[\"'`#=$\\\\ \\n\\rA]|export |\\nA=){0,60}") {
        let read = dotenv(&text);
        for entry in &read.entries {
            prop_assert_eq!(text.get(entry.key_span.clone()), Some(entry.key.as_str()));
            prop_assert!(text.get(entry.value_span.clone()).is_some());
        }
        for error in &read.errors {
            prop_assert!(text.is_char_boundary(error.offset) && !error.message.is_empty());
        }
    }
}

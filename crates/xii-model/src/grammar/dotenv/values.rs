//! What a process is given of a file.

use proptest::prelude::*;

use super::variables;
use crate::grammar::Malformed;

/// The caller of these tests has a home, something empty, and nothing else.
fn caller(name: &str) -> Option<String> {
    match name {
        "HOME" => Some("/home/me".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn value(text: &str) -> String {
    let made = variables(text, &caller).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
    made.last().expect("a variable").value.clone()
}

fn faults(text: &str) -> Vec<String> {
    let told = |fault: &Malformed| fault.told(".env", text.as_bytes());
    let faults = variables(text, &caller).expect_err(text);
    faults.iter().map(told).collect()
}

#[test]
fn variables_are_inserted_from_before_and_from_the_caller() {
    for (text, expected) in [
        ("A=x\nB=${A}/y", "x/y"),
        ("A=x\nB=\"${A} ${A}\"", "x x"),
        ("A=${HOME}/app", "/home/me/app"),
        ("HOME=/srv\nA=${HOME}", "/srv"),
        ("A=${B:-5432}", "5432"),
        ("A=${EMPTY:-x}", "x"),
        ("A=${EMPTY}", ""),
        ("A=${HOME:-${NOT_SET}}", "/home/me"),
        ("A=${B:-${HOME}/x}", "/home/me/x"),
        ("A=${B:-${C:-d}}e", "de"),
        ("A=${B:-a\\}b}", "a}b"),
        ("A=\"${B:-two\nlines}\"", "two\nlines"),
        ("A=${B:-}", ""),
        ("A=x\nB='${A}'", "${A}"),
        ("A=x\nB=`${A}`", "${A}"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn dollars_and_backslashes_that_mean_nothing_stay() {
    for (text, expected) in [
        ("A=\\${HOME}", "${HOME}"),
        ("A=\"\\$HOME\"", "$HOME"),
        ("A=a$", "a$"),
        ("A=$5.00", "$5.00"),
        ("A=\"$ $1 $$\"", "$ $1 $$"),
        ("A=C:\\new\\table", "C:\\new\\table"),
        ("A=\\\\${HOME}", "\\\\/home/me"),
        ("A=\"a\\\\n\\q\"", "a\\n\\q"),
        ("A='pa$word'", "pa$word"),
        ("A=a}b", "a}b"),
        ("A=x\\", "x\\"),
        ("A=\"one\r\ntwo\"", "one\ntwo"),
        ("A='one\r\ntwo'\r\n", "one\ntwo"),
        ("A=\"\\r\\n\"", "\r\n"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn everything_outside_the_grammar_is_told_at_once_and_without_values() {
    let text = "KEY hunter2\nA=$hunter2\nB=\"pre $(hunter2)\"\nC=${NOT_SET}\nD=${C:?hunter2}\nE=${C:-hunter2\nA=hunter2\nF=${}\n";
    let told = faults(text).join("\n");
    assert!(!told.contains("hunter2"), "{told}");
    insta::assert_snapshot!(told, @r"
    .env:1:4: there is no equals sign after the key
    .env:2:3: readers of .env files differ on a `$` before a name: write `${NAME}` to insert a variable, or single quotes around the value to keep the sign
    .env:3:8: `$(` would run a command, which is not done here: put the value in single quotes to keep it, or write the command's result
    .env:4:3: `NOT_SET` has no value: set it on a line before this one or in the caller's environment, or write a default, `${NOT_SET:-default}`
    .env:5:3: of what may stand in `${…}` only `${NAME}` and `${NAME:-default}` are known here
    .env:6:3: `${` is never closed: a `}` is missing
    .env:7:1: `A` is assigned on line 2 already: remove one of the two
    .env:8:3: of what may stand in `${…}` only `${NAME}` and `${NAME:-default}` are known here
    ");
}

#[test]
fn what_no_process_can_be_given_is_refused() {
    assert_eq!(
        faults("A='\0'"),
        [".env:1:3: the value holds a NUL, which no variable can"]
    );
    assert_eq!(
        faults("A=b\rB=c\n"),
        [".env:1:3: a carriage return stands inside the value: put the value in quotes"]
    );
    let mut doubling = String::from("A0=xxxxxxxxxx\n");
    for step in 1..40 {
        let before = step - 1;
        doubling.push_str(&format!("A{step}=${{A{before}}}${{A{before}}}\n"));
    }
    let told = faults(&doubling);
    assert!(told[0].contains("more than 128 KiB"), "{told:?}");
    let deep = format!("A={}", "${B:-".repeat(100_000));
    assert!(faults(&deep)[0].contains("more than 16 deep"));
    let many: String = (0..100)
        .map(|number| format!("A{number}='{}'\n", "x".repeat(100_000)))
        .collect();
    assert!(faults(&many)[0].contains("more than 2 MiB"));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(?s:.|[\"'`#=${}:\\\\ \\n\\rA-]|\\$\\{A|:-|export |\\nA=){0,60}") {
        match variables(&text, &caller) {
            Ok(made) => prop_assert!(made.iter().all(|one| !one.value.contains('\0'))),
            Err(faults) => for fault in faults {
                prop_assert!(text.is_char_boundary(fault.offset));
            },
        }
    }

    #[test]
    fn what_is_printed_is_read_back(
        made in proptest::collection::btree_map("[A-Za-z_][A-Za-z0-9_.-]{0,8}", "(?s:[^\0\r]|[\"'`#=${}\\\\ \\n]){0,20}", 1..5)
    ) {
        let print = |value: &str| {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
            format!("\"{escaped}\"")
        };
        let text: String = made.iter().map(|(name, value)| format!("{name}={}\n", print(value))).collect();
        let back: Vec<_> = variables(&text, &caller)
            .expect("what was printed is in the grammar")
            .into_iter()
            .map(|one| (one.name, one.value))
            .collect();
        prop_assert_eq!(back, made.into_iter().collect::<Vec<_>>());
    }
}

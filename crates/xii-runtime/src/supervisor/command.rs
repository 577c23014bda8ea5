//! How a command line becomes a program and its arguments.
//!
//! A line is meant for `sh`, but a shell that only waits for the program costs a process, and one that
//! does not hand on signals costs requests. So a line of plain words is run as it is, a simple command
//! replaces its shell (`exec`), and only what needs a shell keeps one.

use std::ffi::OsString;
use std::path::Path;

use crate::platform::find;

/// What stands for a shell in a command line, outside of quotes.
const CONTROL: [char; 7] = [';', '&', '|', '\n', '(', ')', '`'];
/// Words that only a shell knows, or that mean something else to it.
const SHELL_WORDS: [&str; 36] = [
    "!", ".", ":", "[[", "alias", "bg", "break", "case", "cd", "command", "continue", "eval",
    "exec", "exit", "export", "fg", "for", "function", "getopts", "hash", "if", "jobs", "local",
    "read", "readonly", "return", "set", "shift", "source", "times", "trap", "ulimit", "umask",
    "unset", "until", "wait",
];

/// The words that a command line is run with.
pub fn words(line: &str, path: Option<&str>, folder: &Path) -> Vec<OsString> {
    let plain = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c))
    };
    let line = line.trim();
    let first = line.split_whitespace().next().unwrap_or_default();
    let a_program = !SHELL_WORDS.contains(&first)
        && first != "while"
        && first != "{"
        && !first.contains('=')
        && plain(first)
        && find(first, path, folder).is_some();
    if a_program && let Some(words) = literal(line) {
        return words.into_iter().map(OsString::from).collect();
    }
    let line = if a_program && is_simple(line) {
        format!("exec {line}")
    } else {
        line.to_owned()
    };
    ["/bin/sh", "-c", &line].map(OsString::from).to_vec()
}

/// The words of a line in which nothing means anything but white space and quotes.
fn literal(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in line.chars() {
        match (quote, letter) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            // Within double quotes these mean something.
            (Some('"'), '$' | '`' | '\\' | '!') => return None,
            (Some(_), letter) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t') => words.extend(word.take()),
            (None, letter) if letter.is_ascii_alphanumeric() || "_-./:=@%+,".contains(letter) => {
                word.get_or_insert_default().push(letter);
            }
            (None, _) => return None,
        }
    }
    words.extend(word.take());
    quote.is_none().then_some(words)
}

/// Whether it is one command: no list, pipe, group or substitution that the shell must stay for.
fn is_simple(line: &str) -> bool {
    let mut quote = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None | Some('"'), '\\') => {
                letters.next();
            }
            (None, '#') => return false,
            (None, letter) if CONTROL.contains(&letter) => return false,
            _ => {}
        }
    }
    quote.is_none()
}

/// The program of a line that is one command, when it is nowhere to be found. What a shell would make
/// of anything else is left to the shell.
pub fn missing<'a>(line: &'a str, path: Option<&str>, folder: &Path) -> Option<&'a str> {
    let program = is_simple(line)
        .then(|| {
            line.split_whitespace()
                .find(|word| !word.contains('=') && *word != "exec")
        })
        .flatten()?;
    let plain = program
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_-./+@".contains(c));
    let known = SHELL_WORDS.contains(&program)
        || program == "while"
        || find(program, path, folder).is_some();
    (plain && !known).then_some(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> Vec<String> {
        words(line, Some("/bin:/usr/bin"), Path::new("/"))
            .into_iter()
            .map(|word| word.into_string().expect("text"))
            .collect()
    }

    #[test]
    fn plain_words_need_no_shell() {
        assert_eq!(shown("sleep 5"), ["sleep", "5"]);
        assert_eq!(shown("  env  A=1 sleep 5 "), ["env", "A=1", "sleep", "5"]);
        assert_eq!(
            shown("sh -c 'a $B; c' \"d e\"f ''"),
            ["sh", "-c", "a $B; c", "d ef", ""]
        );
    }

    #[test]
    fn a_simple_command_replaces_its_shell() {
        for line in [
            "sleep $TIME",
            "sleep ${TIME:-5}",
            "printf '%s; %s' a \"b & $C\"",
            "cat < /dev/null > out",
        ] {
            assert_eq!(shown(line), ["/bin/sh", "-c", &format!("exec {line}")]);
        }
    }

    #[test]
    fn what_needs_a_shell_keeps_it() {
        for line in [
            "A=1 sleep 5",
            "cd web && node server.js",
            "sleep 1; sleep 2",
            "sleep 1 | cat",
            "exec sleep 5",
            "no-such-program --flag",
            "while true; do sleep 1; done",
            "sleep 'open",
            "sleep 5 # what for",
            "exit 3",
        ] {
            assert_eq!(shown(line), ["/bin/sh", "-c", line], "{line}");
        }
    }

    #[test]
    fn a_program_that_is_nowhere_is_named() {
        let missing = |line| missing(line, Some("/bin:/usr/bin"), Path::new("/"));
        assert_eq!(missing("A=1 no-such-program --x"), Some("no-such-program"));
        assert_eq!(missing("exec ./not/there"), Some("./not/there"));
        for line in [
            "sleep 1",
            "cd web && no-such-program",
            "$SERVER",
            "exit 1",
            "exec sleep 1",
        ] {
            assert_eq!(missing(line), None, "{line}");
        }
    }
}

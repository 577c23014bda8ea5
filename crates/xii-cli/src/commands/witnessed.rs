//! `xii witnessed`: what a process is before it becomes a program that is watched.
//!
//! No command for people: `xii_witness::Witness::prefix` writes it. It stands before every program that is
//! watched, so its few options are read here, without the cost of all the other commands' help.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;

use xii_witness::Options;

use crate::output;

/// Exit codes of `env(1)` and its like: this command failed; the program cannot be run; there is none.
const FAILED: u8 = 125;
const NOT_RUN: u8 = 126;
const NOT_FOUND: u8 = 127;

/// Becomes the program; returns when that failed.
pub(crate) fn run(words: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(asked) = Asked::read(words) else {
        output::complain("`witnessed` is xii's own: use `xii witness -- COMMAND`");
        return ExitCode::from(2);
    };
    if asked.with_parent {
        die_with_parent();
    }
    let error =
        xii_witness::become_witnessed(&asked.socket, &asked.label, &asked.options, &asked.words);
    let name = asked.words.first().map(|word| word.to_string_lossy());
    let name = name.unwrap_or_default();
    let code = match error.kind() {
        ErrorKind::NotFound => {
            output::complain(&format!("cannot run `{name}`: there is no such program"));
            NOT_FOUND
        }
        ErrorKind::Other => {
            output::complain(&format!("cannot record `{name}`: {error}"));
            FAILED
        }
        _ => {
            output::complain(&format!("cannot run `{name}`: {error}"));
            NOT_RUN
        }
    };
    ExitCode::from(code)
}

/// A watched program whose recorder is killed would find that most calls fail: better it ends.
#[cfg(target_os = "linux")]
fn die_with_parent() {
    use rustix::process::{Signal, set_parent_process_death_signal};
    // Refused by no kernel; then it would live on.
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent() {}

/// What the words ask for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    socket: PathBuf,
    label: String,
    options: Options,
    /// The program is killed when who started it dies.
    with_parent: bool,
    words: Vec<OsString>,
}

impl Asked {
    fn read(mut words: impl Iterator<Item = OsString>) -> Option<Self> {
        let (mut socket, mut label, mut options) = (None, None, Options::default());
        let mut with_parent = false;
        loop {
            let word = words.next()?;
            match word.to_str()? {
                "--socket" => socket = Some(PathBuf::from(words.next()?)),
                "--label" => label = Some(words.next()?.into_string().ok()?),
                "--with-parent" => with_parent = true,
                "--reads" => options.reads = true,
                "--user" => options.user = Some(words.next().as_deref().and_then(number)?),
                "--" => break,
                _ => return None,
            }
        }
        let words: Vec<OsString> = words.collect();
        (!words.is_empty()).then_some(())?;
        Some(Asked {
            socket: socket?,
            label: label?,
            options,
            with_parent,
            words,
        })
    }
}

fn number(word: &OsStr) -> Option<u32> {
    word.to_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Asked> {
        Asked::read(line.split(' ').map(OsString::from))
    }

    #[test]
    fn what_a_witness_writes_is_read() {
        let asked = read("--socket /s --label web.1 --reads --user 65534 -- sh -- --label x");
        let asked = asked.expect("all is there");
        assert_eq!(asked.socket, PathBuf::from("/s"));
        assert_eq!(asked.label, "web.1");
        assert_eq!(
            (asked.options.reads, asked.options.user),
            (true, Some(65534))
        );
        assert_eq!(asked.words, ["sh", "--", "--label", "x"]);
    }

    #[test]
    fn anything_else_is_refused() {
        for wrong in [
            "sh",
            "--socket /s -- sh",
            "--label a -- sh",
            "--socket /s --label a --",
            "--socket /s --label a --user x -- sh",
            "--socket /s --label a --loud -- sh",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}

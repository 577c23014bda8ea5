//! Programs that were executed, without what only stands before them.

use std::path::Path;

use xii_model::{Deed, Event, What};

/// The most words of a command line that are shown.
const SHOWN: usize = 8;

/// A program that a process became.
#[derive(Clone, Debug)]
pub struct Program {
    /// What was told.
    pub event: Event,
    /// Its file.
    pub path: String,
    /// What it does, as a person would write it: the program first, then its arguments. An interpreter
    /// with the script of a tool is the tool: `node /usr/bin/npm start` is `npm start`.
    pub words: Vec<String>,
}

/// Interpreters whose first argument is the program that counts.
const INTERPRETERS: [&str; 9] = [
    "node", "nodejs", "python", "ruby", "php", "perl", "sh", "bash", "dash",
];

impl Program {
    /// From the program's file and its arguments.
    fn of(event: Event, path: &str, words: &[String]) -> Self {
        Program {
            words: meant(path, words),
            path: path.to_owned(),
            event,
        }
    }

    /// What it is called, without folder, ending and version.
    pub fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// Its command line, shortened.
    pub fn line(&self) -> String {
        let mut shown: Vec<&str> = self.words.iter().take(SHOWN).map(String::as_str).collect();
        if self.words.len() > SHOWN {
            shown.push("…");
        }
        shown.join(" ")
    }
}

/// The programs of a run in the order in which they were executed. What was tried and does not exist is
/// left out: a shell tries each folder of PATH.
pub fn executed(events: &[Event]) -> Vec<Program> {
    events
        .iter()
        .filter_map(|event| match &event.what {
            What::Act(act) => match &act.deed {
                Deed::Executed { path, words } if Path::new(path).is_file() => {
                    Some(Program::of(event.clone(), path, words))
                }
                _ => None,
            },
            _ => None,
        })
        .collect()
}

/// The words that say what a command line does.
pub(crate) fn meant(path: &str, words: &[String]) -> Vec<String> {
    let arguments = words.get(1..).unwrap_or_default();
    let name = bare(path);
    if name == "env" {
        let mut rest = arguments
            .iter()
            .skip_while(|one| one.starts_with('-') || one.contains('='));
        return match rest.next() {
            Some(program) => {
                let inner: Vec<String> = std::iter::once(program).chain(rest).cloned().collect();
                meant(program, &inner)
            }
            None => vec![name],
        };
    }
    if INTERPRETERS.contains(&name.as_str()) {
        // `python -m pip install` is pip's.
        let mut rest = arguments.iter().peekable();
        while let Some(word) = rest.peek() {
            match word.as_str() {
                "-m" if name == "python" => {
                    rest.next();
                    break;
                }
                "-c" | "-e" | "--eval" | "-p" | "--print" => {
                    return vec![name, word.to_string()];
                }
                "-r" | "--require" | "--import" | "--loader" | "-W" | "-X" => {
                    rest.next();
                    rest.next();
                }
                word if word.starts_with('-') => {
                    rest.next();
                }
                _ => break,
            }
        }
        if let Some(script) = rest.next() {
            let mut all = vec![bare(script)];
            all.extend(rest.cloned());
            return all;
        }
        return vec![name];
    }
    let mut all = vec![name];
    all.extend(arguments.iter().cloned());
    all
}

/// `python` of `/usr/bin/python3.12`, `npm` of `/usr/lib/node_modules/npm/bin/npm-cli.js`.
fn bare(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let file = [".js", ".cjs", ".mjs", ".exe"]
        .iter()
        .find_map(|end| file.strip_suffix(end))
        .unwrap_or(file);
    let file = match file {
        "npm-cli" => "npm",
        "npx-cli" => "npx",
        // How packages call the program that does their work.
        "cli" | "index" | "bin" | "main" => path
            .rsplit("node_modules/")
            .next()
            .filter(|_| path.contains("node_modules/"))
            .and_then(|rest| rest.split('/').next())
            .unwrap_or(file),
        other => other,
    };
    let numbered = [
        "python", "pip", "ruby", "php", "perl", "gcc", "g++", "clang",
    ];
    for name in numbered {
        if let Some(rest) = file.strip_prefix(name)
            && rest
                .trim_start_matches('-')
                .chars()
                .all(|one| one.is_ascii_digit() || one == '.')
        {
            return name.to_owned();
        }
    }
    file.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(path: &str, words: &str) -> String {
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        meant(path, &words).join(" ")
    }

    #[test]
    fn interpreters_and_wrappers_are_left_out() {
        for (path, words, wanted) in [
            ("/usr/bin/node", "node /usr/bin/npm start", "npm start"),
            (
                "/usr/bin/node",
                "node --require x.js /app/node_modules/.bin/webpack --mode production",
                "webpack --mode production",
            ),
            ("/usr/bin/env", "/usr/bin/env node server.js", "server"),
            (
                "/srv/venv/bin/python3.12",
                "python -m pip install flask",
                "pip install flask",
            ),
            (
                "/usr/bin/python3",
                "python3 manage.py migrate",
                "manage.py migrate",
            ),
            (
                "/app/node_modules/typescript/bin/tsc",
                "tsc -p .",
                "tsc -p .",
            ),
            ("/bin/sh", "sh -c exec node server.js", "sh -c"),
            ("/usr/bin/cargo", "cargo run", "cargo run"),
        ] {
            assert_eq!(line(path, words), wanted, "{words}");
        }
    }
}

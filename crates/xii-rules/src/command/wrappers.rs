//! Words that stand before a program and run it.

/// What stands before a program.
pub(super) struct Wrapper {
    /// Its name: `sudo`, `poetry run`.
    pub(super) name: String,
    /// How many words it takes.
    pub(super) words: usize,
    /// It is an interpreter that runs a module, and belongs to what a person would call the command.
    pub(super) interpreter: bool,
}

/// A word of the shell's grammar that stands before a command, or ends a block.
pub(super) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "if" | "then"
            | "elif"
            | "else"
            | "fi"
            | "while"
            | "until"
            | "do"
            | "done"
            | "{"
            | "}"
            | "!"
    )
}

/// `NAME=value` before a command.
pub(super) fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    named.then_some((name, value))
}

/// A program's name without its folder.
pub(super) fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// The wrapper at the front of a command; `None` when there is none.
pub(super) fn wrapper(words: &[String]) -> Option<Wrapper> {
    let name = base_name(words.first()?);
    let second = words.get(1).map(String::as_str);
    let count = match (name, second) {
        ("env" | "cross-env", _) => {
            1 + words
                .iter()
                .skip(1)
                .take_while(|word| assignment(word).is_some() || word.starts_with('-'))
                .count()
        }
        // `command -v` looks a program up.
        ("command", Some("-v" | "-V")) => return None,
        (
            "exec"
            | "command"
            | "nohup"
            | "tini"
            | "tini-static"
            | "dumb-init"
            | "npx"
            | "bunx"
            | "ddtrace-run"
            | "opentelemetry-instrument"
            | "time"
            | "setsid"
            | "stdbuf"
            | "sudo"
            | "catchsegv",
            _,
        ) => past_options(words, 1),
        ("gosu" | "su-exec", _) => 2,
        (
            "poetry" | "uv" | "pipenv" | "pdm" | "hatch" | "rye" | "doppler" | "dotenv",
            Some("run"),
        )
        | ("pnpm" | "yarn" | "npm", Some("exec")) => {
            return Some(Wrapper {
                name: format!("{name} {}", second.unwrap_or_default()),
                words: past_options(words, 2),
                interpreter: false,
            });
        }
        ("yarn", Some("node")) => 1,
        ("newrelic-admin", Some("run-program")) => 2,
        ("dotenv" | "dotenvx" | "infisical", _) => {
            1 + words.iter().position(|word| word == "--")?
        }
        (python, _) if python.starts_with("python") => {
            let flags = words
                .iter()
                .skip(1)
                .take_while(|word| word.starts_with('-') && *word != "-m")
                .count();
            if words.get(1 + flags)? != "-m" {
                return None;
            }
            return Some(Wrapper {
                name: "python -m".to_owned(),
                words: 2 + flags,
                interpreter: true,
            });
        }
        _ => return None,
    };
    Some(Wrapper {
        name: name.to_owned(),
        words: count,
        interpreter: false,
    })
}

/// Where the options from here on end; `--` ends them too.
fn past_options(words: &[String], from: usize) -> usize {
    let options = words
        .iter()
        .skip(from)
        .take_while(|word| word.starts_with('-') && *word != "--")
        .count();
    let end = from + options;
    end + usize::from(words.get(end).is_some_and(|word| word == "--"))
}

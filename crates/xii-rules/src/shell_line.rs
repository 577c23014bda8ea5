//! Reads a shell command line as far as the rules need it: which programs run, with which words.
//! It is a reading, not a shell: expansions stay as they are written.

/// Longer lines are cut: no command that a person wrote is longer.
const MAX_LINE: usize = 32 * 1024;
/// How deep `sh -c "sh -c …"` is followed.
const MAX_DEPTH: usize = 4;

/// Words that run the command which follows them, and whether they take options or operands first.
const WRAPPERS: [&str; 16] = [
    "exec",
    "env",
    "sudo",
    "nohup",
    "time",
    "command",
    "npx",
    "bunx",
    "cross-env",
    "dumb-init",
    "tini",
    "then",
    "do",
    "else",
    "if",
    "!",
];

/// One simple command of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Command {
    /// Variables set for it: `A=1 program`.
    pub(crate) assignments: Vec<(String, String)>,
    /// What runs it: `sudo`, `npx`, `poetry run`, `sh`.
    pub(crate) through: Vec<String>,
    /// The program and its arguments; never empty.
    pub(crate) words: Vec<String>,
}

impl Command {
    /// The program without its folder; empty for a command of assignments only.
    pub(crate) fn program(&self) -> &str {
        let first = self.words.first().map_or("", String::as_str);
        first.rsplit('/').next().unwrap_or(first)
    }

    /// The arguments.
    pub(crate) fn args(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }

    /// Whether an argument is this word.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.args().iter().any(|arg| arg == word)
    }

    /// The first argument that is no option.
    pub(crate) fn verb(&self) -> Option<&str> {
        self.operands().next()
    }

    /// The arguments that are no options.
    pub(crate) fn operands(&self) -> impl Iterator<Item = &str> {
        self.args()
            .iter()
            .map(String::as_str)
            .filter(|arg| !arg.starts_with('-'))
    }

    /// Whether it is run through this word, such as `sudo`.
    pub(crate) fn runs_through(&self, word: &str) -> bool {
        self.through.iter().any(|one| one == word)
    }

    /// The words as one line.
    pub(crate) fn line(&self) -> String {
        self.words.join(" ")
    }
}

/// The simple commands of a line, in order, whatever joins them.
pub(crate) fn commands(line: &str) -> Vec<Command> {
    let mut found = Vec::new();
    read(line, &[], 0, &mut found);
    found
}

fn read(line: &str, through: &[String], depth: usize, found: &mut Vec<Command>) {
    for words in split(line) {
        let mut command = Command {
            through: through.to_vec(),
            ..Command::default()
        };
        unwrap(words, &mut command);
        let shell = matches!(command.program(), "sh" | "bash" | "ash" | "dash" | "zsh");
        let inner = command
            .args()
            .iter()
            .position(|arg| arg.starts_with('-') && !arg.starts_with("--") && arg.ends_with('c'))
            .and_then(|at| command.args().get(at + 1));
        match inner {
            Some(inner) if shell && depth < MAX_DEPTH => {
                let mut outer = command.through.clone();
                outer.push("sh".to_owned());
                read(inner, &outer, depth + 1, found);
            }
            _ if !command.words.is_empty() => found.push(command),
            _ => {}
        }
    }
}

/// Takes assignments and wrappers off the front of a command.
fn unwrap(words: Vec<String>, command: &mut Command) {
    let mut rest = words.as_slice();
    while let Some((first, more)) = rest.split_first() {
        let bare = first.rsplit('/').next().unwrap_or(first);
        let second = more.first().map(String::as_str);
        if let Some((name, value)) = assignment(first) {
            command
                .assignments
                .push((name.to_owned(), value.to_owned()));
            rest = more;
        } else if matches!(
            bare,
            "poetry" | "pipenv" | "uv" | "pdm" | "hatch" | "dotenv"
        ) && matches!(second, Some("run"))
        {
            command.through.push(format!("{bare} run"));
            rest = past_options(more.get(1..).unwrap_or_default());
        } else if matches!(bare, "gosu" | "su-exec") {
            command.through.push(bare.to_owned());
            rest = more.get(1..).unwrap_or_default();
        } else if WRAPPERS.contains(&bare) {
            command.through.push(bare.to_owned());
            rest = past_options(more);
        } else {
            break;
        }
    }
    command.words = rest.to_vec();
}

/// What follows the options at the front.
fn past_options(words: &[String]) -> &[String] {
    let count = words
        .iter()
        .take_while(|word| word.starts_with('-'))
        .count();
    words.get(count..).unwrap_or_default()
}

/// `NAME=value`.
fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    named.then_some((name, value))
}

/// Splits at what joins commands, and each command into words, minding quotes.
fn split(line: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = line.chars().take(MAX_LINE).peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some('\''), _) => word.get_or_insert_default().push(c),
            (_, '\\') => match chars.next() {
                Some('\n') | None => {}
                Some(next) => word.get_or_insert_default().push(next),
            },
            (Some(_), _) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '$') if chars.peek() == Some(&'{') => {
                let text = word.get_or_insert_default();
                text.push('$');
                for next in chars.by_ref() {
                    text.push(next);
                    if next == '}' {
                        break;
                    }
                }
            }
            (None, '\n' | ';' | '|' | '&' | '(' | ')') => {
                // `2>&1` and `&>file` redirect; they end no command.
                let redirect = c == '&'
                    && (word.as_deref().is_some_and(|text| text.ends_with('>'))
                        || chars.peek() == Some(&'>'));
                if redirect {
                    word.get_or_insert_default().push(c);
                    continue;
                }
                words.extend(word.take());
                if !words.is_empty() {
                    found.push(std::mem::take(&mut words));
                }
            }
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            (None, '#') if word.is_none() => {
                while chars.peek().is_some_and(|next| *next != '\n') {
                    chars.next();
                }
            }
            (None, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if !words.is_empty() {
        found.push(words);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(line: &str) -> Vec<String> {
        commands(line).iter().map(Command::line).collect()
    }

    #[test]
    fn a_line_is_split_at_its_joints() {
        assert_eq!(
            lines("npm ci && npm run build; node server.js 2>&1 | tee log"),
            ["npm ci", "npm run build", "node server.js 2>&1", "tee log"]
        );
    }

    #[test]
    fn wrappers_and_assignments_are_taken_off() {
        let found = commands("NODE_ENV=production exec poetry run gunicorn -b :$PORT app:app");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].program(), "gunicorn");
        assert_eq!(
            found[0].assignments,
            [("NODE_ENV".to_owned(), "production".to_owned())]
        );
        assert_eq!(found[0].through, ["exec", "poetry run"]);
    }

    #[test]
    fn a_shell_within_is_followed_and_quotes_hide_joints() {
        assert_eq!(
            lines(r#"/bin/sh -c "pip install -r r.txt && python app.py""#),
            ["pip install -r r.txt", "python app.py"]
        );
        assert_eq!(lines("echo 'a && b'"), ["echo a && b"]);
        assert_eq!(lines("a ${PORT:-80;90} b # c"), ["a ${PORT:-80;90} b"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,200}") {
            for command in commands(&text) {
                proptest::prop_assert!(!command.words.is_empty());
            }
        }
    }
}

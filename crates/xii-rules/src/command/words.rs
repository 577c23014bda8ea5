//! What the words of a command say: the program behind its wrappers, its options, the script it runs.

use super::line::Command;
use super::wrappers::base_name;

/// What yarn and pnpm do themselves; any other word is a script of the package.
const OWN_VERBS: [&str; 13] = [
    "install",
    "i",
    "ci",
    "add",
    "remove",
    "exec",
    "dlx",
    "node",
    "audit",
    "workspace",
    "workspaces",
    "prune",
    "deploy",
];

impl Command {
    /// The words from the program on that the wrappers before it lead to: `poetry run gunicorn app`
    /// is `gunicorn app`, `python -m celery worker` is `celery worker`. Never empty.
    pub(crate) fn words(&self) -> &[String] {
        self.written.get(self.program..).unwrap_or_default()
    }

    /// The program's name without its folder; `python3.12` is `python`.
    pub(crate) fn program(&self) -> &str {
        let name = self.words().first().map_or("", |word| base_name(word));
        if name.starts_with("python") {
            "python"
        } else {
            name
        }
    }

    /// The arguments.
    pub(crate) fn args(&self) -> &[String] {
        self.words().get(1..).unwrap_or_default()
    }

    /// The arguments that are no options.
    pub(crate) fn operands(&self) -> impl Iterator<Item = &str> {
        self.args()
            .iter()
            .map(String::as_str)
            .filter(|arg| !arg.starts_with('-'))
    }

    /// The first argument that is no option.
    pub(crate) fn verb(&self) -> Option<&str> {
        self.operands().next()
    }

    /// Whether it is run through this word, such as `sudo`.
    pub(crate) fn runs_through(&self, word: &str) -> bool {
        self.through.iter().any(|one| one == word)
    }

    /// The command as one line, without its wrappers.
    pub(crate) fn line(&self) -> String {
        self.written
            .get(self.begins..)
            .unwrap_or_default()
            .join(" ")
    }

    /// Whether it can be a program that stays, and not one that prepares or ends at once.
    pub(crate) fn stays(&self) -> bool {
        !matches!(
            self.program(),
            "" | "echo"
                | "printf"
                | "true"
                | "false"
                | "exit"
                | "sleep"
                | "wait"
                | "rm"
                | "mkdir"
                | "cp"
                | "mv"
                | "cat"
                | "ls"
                | "set"
                | "cd"
                | "export"
                | "source"
                | "."
                | "chown"
                | "chmod"
                | "tee"
                | "test"
                | "["
                | "[["
                | "nc"
                | "wait-for-it.sh"
                | "wait-for"
                | "dockerize"
                | "pg_isready"
        )
    }

    /// Whether an argument is this word.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.args().iter().any(|arg| arg == word)
    }

    /// The value of the first option of these names: `--pid file`, `--pid=file`, `-p file`.
    pub(crate) fn option(&self, names: &[&str]) -> Option<&str> {
        option(self.args(), names)
    }

    /// The script of a package manager that it runs: `npm start` is `("npm", "start")`.
    pub(crate) fn package_script(&self) -> Option<(&str, &str)> {
        let manager @ ("npm" | "yarn" | "pnpm" | "bun") = self.program() else {
            return None;
        };
        let mut operands = self.operands();
        let script = match (manager, operands.next()?) {
            (_, "run" | "run-script") => operands.next()?,
            (_, first @ ("start" | "test")) => first,
            ("yarn" | "pnpm", first) if !OWN_VERBS.contains(&first) => first,
            _ => return None,
        };
        Some((manager, script))
    }
}

/// The value of the first option of these names: `--port 80`, `--port=80`, `-p80`, `-b:80`. Empty
/// where nothing follows.
pub(super) fn option<'a>(words: &'a [String], names: &[&str]) -> Option<&'a str> {
    words.iter().enumerate().find_map(|(index, word)| {
        names.iter().find_map(|name| {
            if word == name {
                return Some(words.get(index + 1).map_or("", String::as_str));
            }
            let rest = word.strip_prefix(name)?;
            let short = !name.starts_with("--")
                && rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, ':' | '$'));
            rest.strip_prefix('=').or(short.then_some(rest))
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::command::parse;

    #[test]
    fn wrappers_lead_to_the_program() {
        let words = |line: &str| parse(line)[0].words().join(" ");
        assert_eq!(words("tini -- node a.js"), "node a.js");
        assert_eq!(
            words("poetry run python -u -m celery -A app worker"),
            "celery -A app worker"
        );
        assert_eq!(
            words("cross-env NODE_ENV=production npx -y ts-node a.ts"),
            "ts-node a.ts"
        );
        assert_eq!(parse("python3.12 a.py")[0].program(), "python");
        assert_eq!(
            parse("./node_modules/.bin/forever a.js")[0].program(),
            "forever"
        );
    }

    #[test]
    fn options_and_scripts_are_told() {
        let celery = &parse("celery -A app beat --pidfile=/tmp/a.pid -s db")[0];
        assert_eq!(celery.option(&["--pidfile"]), Some("/tmp/a.pid"));
        assert_eq!(celery.option(&["-s"]), Some("db"));
        let script = |line: &str| {
            parse(line)[0]
                .package_script()
                .map(|(manager, script)| format!("{manager} {script}"))
        };
        assert_eq!(
            script("npm run start:prod -- --x").unwrap(),
            "npm start:prod"
        );
        assert_eq!(script("yarn serve").unwrap(), "yarn serve");
        assert_eq!(script("npm ci"), None);
        assert_eq!(script("yarn install"), None);
    }
}

//! What the words of a command say: the program behind its wrappers, its options, the script it runs.

use crate::command_line::{Command, base_name, is_assignment};

impl Command {
    /// The words from the program on that the wrappers before it lead to: `poetry run gunicorn app`
    /// is `gunicorn app`, `python -m celery worker` is `celery worker`.
    pub(crate) fn words(&self) -> &[String] {
        let mut words = self.words.as_slice();
        // Each turn takes off one wrapper; nobody stacks more than a few.
        for _ in 0..6 {
            let Some(skip) = wrapper(words) else { break };
            match words.get(skip..) {
                Some(rest) if !rest.is_empty() => words = rest,
                _ => break,
            }
        }
        words
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

    /// Whether one of the words after the program is this one.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words().iter().skip(1).any(|one| one == word)
    }

    /// The value of an option: `--pid file`, `--pid=file`, `-p file`.
    pub(crate) fn option(&self, names: &[&str]) -> Option<&str> {
        let words = self.words();
        words.iter().enumerate().skip(1).find_map(|(index, word)| {
            if names.contains(&word.as_str()) {
                return Some(words.get(index + 1).map_or("", String::as_str));
            }
            let (name, value) = word.split_once('=')?;
            (name.starts_with('-') && names.contains(&name)).then_some(value)
        })
    }

    /// The script of a package manager that it runs: `npm start` is `("npm", "start")`.
    pub(crate) fn package_script(&self) -> Option<(&str, &str)> {
        let words = self.words();
        let manager = match base_name(words.first()?) {
            name @ ("npm" | "yarn" | "pnpm" | "bun") => name,
            _ => return None,
        };
        let mut rest = words
            .iter()
            .skip(1)
            .map(String::as_str)
            .filter(|word| !word.starts_with('-'));
        let first = rest.next().unwrap_or_default();
        let script = match (manager, first) {
            (_, "run" | "run-script") => rest.next()?,
            (_, "start" | "test") => first,
            ("yarn" | "pnpm", name)
                if !matches!(
                    name,
                    "" | "install" | "add" | "build" | "exec" | "dlx" | "node" | "workspace"
                ) =>
            {
                name
            }
            _ => return None,
        };
        Some((manager, script))
    }
}

/// How many words a wrapper takes before the program that it runs; `None` when there is none.
fn wrapper(words: &[String]) -> Option<usize> {
    let second = words.get(1).map(String::as_str);
    let options = |from: usize| {
        from + words
            .iter()
            .skip(from)
            .take_while(|word| word.starts_with('-') && *word != "--")
            .count()
            + usize::from(
                words
                    .iter()
                    .skip(from)
                    .find(|word| !word.starts_with('-') || *word == "--")
                    .is_some_and(|word| word == "--"),
            )
    };
    let name = base_name(words.first()?);
    Some(match (name, second) {
        ("env" | "cross-env", _) => {
            1 + words
                .iter()
                .skip(1)
                .take_while(|word| is_assignment(word) || word.starts_with('-'))
                .count()
        }
        (
            "tini"
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
        ) => options(1),
        ("poetry" | "uv" | "pipenv" | "pdm" | "hatch" | "rye" | "doppler", Some("run")) => {
            options(2)
        }
        ("pnpm" | "yarn" | "npm", Some("exec")) => options(2),
        ("yarn", Some("node")) => 1,
        ("newrelic-admin", Some("run-program")) => 2,
        ("dotenv" | "dotenvx" | "infisical", _) => words
            .iter()
            .position(|word| word == "--")
            .map(|at| at + 1)?,
        (python, _) if python.starts_with("python") => {
            let flags = words
                .iter()
                .skip(1)
                .take_while(|word| word.starts_with('-') && *word != "-m")
                .count();
            if words.get(1 + flags)? != "-m" {
                return None;
            }
            2 + flags
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::command_line::parse;

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

//! Shell text, as far as readers need it: its simple commands, in order. It is a reading, not a
//! shell: expansions stay as they are written.

use std::ops::Range;

/// More commands than this are not looked at.
const MAX_COMMANDS: usize = 2000;

/// Words of the grammar that may stand before a command.
const BEFORE: [&str; 9] = [
    "then", "do", "else", "elif", "if", "while", "until", "!", "{",
];

/// Programs that run the command which follows them.
const WRAPPERS: [&str; 8] = [
    "exec", "nohup", "npx", "bunx", "sudo", "command", "time", "env",
];
/// Programs that run the command which follows a user's name.
const AS_USER: [&str; 4] = ["gosu", "su-exec", "s6-setuidgid", "setuser"];
/// Package managers that run the command which follows `run` or `exec`.
const RUNNERS: [&str; 6] = ["poetry", "pipenv", "uv", "pdm", "bundle", "rye"];

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Simple {
    /// Where it stands.
    pub(super) span: Range<usize>,
    /// Its words without quotes, variables set for it left out; never empty.
    pub(super) words: Vec<String>,
    /// Whether `&` puts it into the background.
    pub(super) background: bool,
}

impl Simple {
    /// The words that run, without `exec`, `npx`, `poetry run` and the like in front of them.
    pub(super) fn program(&self) -> &[String] {
        let mut words = self.words.as_slice();
        loop {
            let skip =
                match words {
                    [first, ..] if WRAPPERS.contains(&name(first)) => 1,
                    [first, _, ..] if AS_USER.contains(&name(first)) => 2,
                    // `s6-setlock -n file program`.
                    [first, flag, _, ..] if name(first) == "s6-setlock" => {
                        if flag.starts_with('-') { 3 } else { 2 }
                    }
                    [first, second, ..]
                        if RUNNERS.contains(&name(first))
                            && matches!(second.as_str(), "run" | "exec") =>
                    {
                        2
                    }
                    _ => return words,
                };
            words = words.get(skip..).unwrap_or_default();
        }
    }

    /// Whether the shell gives its place to it.
    pub(super) fn is_exec(&self) -> bool {
        self.words.first().is_some_and(|first| first == "exec") && self.words.len() > 1
    }

    /// The words as one line.
    pub(super) fn line(&self) -> String {
        self.words.join(" ")
    }
}

/// A program without its folder.
pub(super) fn name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// The simple commands of a text.
pub(super) fn commands(text: &str) -> Vec<Simple> {
    let mut reader = Reader {
        text,
        at: 0,
        found: Vec::new(),
        simple: Simple::default(),
        word: None,
        drop_word: false,
        here_documents: Vec::new(),
    };
    while reader.at < text.len() && reader.found.len() < MAX_COMMANDS {
        reader.step();
    }
    reader.end_command(false);
    reader.found
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    found: Vec<Simple>,
    simple: Simple,
    word: Option<String>,
    /// The next word is the target of a redirection.
    drop_word: bool,
    /// Words that end the here-documents which begin on the next line.
    here_documents: Vec<String>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self) {
        let Some(c) = self.rest().chars().next() else {
            self.at = self.text.len();
            return;
        };
        let next = self.rest().as_bytes().get(1).copied();
        match c {
            '\\' => {
                self.at += 1;
                if let Some(escaped) = self.rest().chars().next() {
                    self.at += escaped.len_utf8();
                    if escaped != '\n' {
                        self.push(escaped);
                    }
                }
            }
            '\'' | '"' => self.quoted(c),
            '#' if self.word.is_none() => {
                let line = self.rest().find('\n').unwrap_or(self.rest().len());
                self.at += line;
            }
            '$' if next == Some(b'(') => self.substitution(),
            '\n' => {
                self.end_command(false);
                self.at += 1;
                self.here_document();
            }
            '&' if next == Some(b'&') || next == Some(b'>') => {
                if next == Some(b'&') {
                    self.end_command(false);
                }
                self.at += if next == Some(b'&') { 2 } else { 1 };
            }
            '&' => {
                self.end_command(true);
                self.at += 1;
            }
            ';' | '|' | '(' | ')' => {
                self.end_command(false);
                self.at += 1;
            }
            '<' | '>' => self.redirection(),
            _ if c.is_whitespace() => {
                self.end_word();
                self.at += c.len_utf8();
            }
            _ => {
                self.push(c);
                self.at += c.len_utf8();
            }
        }
    }

    fn push(&mut self, c: char) {
        if self.word.is_none() && self.simple.words.is_empty() {
            self.simple.span.start = self.at;
        }
        self.word.get_or_insert_default().push(c);
        self.simple.span.end = (self.at + c.len_utf8()).min(self.text.len());
    }

    fn quoted(&mut self, quote: char) {
        let start = self.at;
        if self.word.is_none() && self.simple.words.is_empty() {
            self.simple.span.start = start;
        }
        self.at += 1;
        let mut text = String::new();
        let mut escaped = false;
        let mut length = self.rest().len();
        for (at, c) in self.rest().char_indices() {
            if escaped {
                escaped = false;
                text.push(c);
            } else if c == '\\' && quote == '"' {
                escaped = true;
            } else if c == quote {
                length = at + 1;
                break;
            } else {
                text.push(c);
            }
        }
        self.at += length;
        self.word.get_or_insert_default().push_str(&text);
        self.simple.span.end = self.at;
    }

    /// `$( … )` stays in the word as it is written.
    fn substitution(&mut self) {
        let mut depth = 0_usize;
        let mut length = self.rest().len();
        for (at, c) in self.rest().char_indices() {
            match c {
                '(' => depth += 1,
                ')' => {
                    depth -= 1;
                    if depth == 0 {
                        length = at + 1;
                        break;
                    }
                }
                _ => {}
            }
        }
        let text = self.rest().get(..length).unwrap_or_default().to_owned();
        if self.word.is_none() && self.simple.words.is_empty() {
            self.simple.span.start = self.at;
        }
        self.word.get_or_insert_default().push_str(&text);
        self.at += length;
        self.simple.span.end = self.at;
    }

    fn redirection(&mut self) {
        // `2>` is no word.
        if self
            .word
            .as_deref()
            .is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
        {
            self.word = None;
        }
        self.end_word();
        let marks = self
            .rest()
            .bytes()
            .take_while(|byte| matches!(byte, b'<' | b'>'))
            .count();
        let here = self.rest().starts_with("<<") && marks == 2;
        self.at += marks;
        if here {
            let after = self.rest().trim_start_matches(['-', ' ', '\t']);
            let end = after
                .find(|c: char| c.is_whitespace() || ";|&)<>".contains(c))
                .unwrap_or(after.len());
            let word = after.get(..end).unwrap_or_default();
            let word = word.trim_matches(['"', '\'', '\\']).to_owned();
            self.here_documents.push(word);
        }
        if self.rest().starts_with('&') {
            self.at += 1;
        }
        self.drop_word = true;
    }

    /// Passes over the lines of the here-documents that were announced.
    fn here_document(&mut self) {
        for end in std::mem::take(&mut self.here_documents) {
            while self.at < self.text.len() {
                let line = self.rest().split_inclusive('\n').next().unwrap_or_default();
                let ends = line.trim() == end;
                self.at += line.len();
                if ends {
                    break;
                }
            }
        }
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else {
            return;
        };
        if std::mem::take(&mut self.drop_word) {
            return;
        }
        let first = self.simple.words.is_empty();
        if first && (BEFORE.contains(&word.as_str()) || is_assignment(&word)) {
            return;
        }
        self.simple.words.push(word);
    }

    fn end_command(&mut self, background: bool) {
        self.end_word();
        self.drop_word = false;
        let mut simple = std::mem::take(&mut self.simple);
        let closes = ["fi", "done", "esac", "}", ";;"];
        let only_closes = simple
            .words
            .first()
            .is_some_and(|word| closes.contains(&word.as_str()));
        if !simple.words.is_empty() && !only_closes {
            simple.background = background;
            self.found.push(simple);
        }
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
            && !name.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// How a command changes the schema: the text of the command, when it does.
pub(super) fn migration(words: &[String]) -> Option<String> {
    let first = name(words.first()?);
    let has = |word: &str| words.iter().any(|one| one == word);
    let part = |part: &str| words.iter().skip(1).any(|one| one.contains(part));
    let then = |first: &str, second: &str| {
        words
            .iter()
            .position(|one| name(one) == first)
            .is_some_and(|at| words.iter().skip(at + 1).any(|one| one == second))
    };
    let found = match first {
        "alembic" => has("upgrade"),
        "flask" => then("db", "upgrade"),
        "aerich" => has("upgrade"),
        "prisma" => then("migrate", "deploy") || then("migrate", "dev") || then("db", "push"),
        "sequelize" | "sequelize-cli" => part("db:migrate"),
        "knex" => part("migrate:latest") || part("migrate:up"),
        "typeorm" | "typeorm-ts-node-commonjs" | "typeorm-ts-node-esm" => {
            part("migration:run") || part("schema:sync")
        }
        "mikro-orm" => part("migration:up") || part("schema:update"),
        "drizzle-kit" => has("migrate") || has("push"),
        "django-admin" => has("migrate"),
        "rails" | "rake" => part("db:migrate") || part("db:prepare") || part("db:schema:load"),
        "artisan" => has("migrate"),
        "flyway" => has("migrate"),
        "liquibase" => has("update"),
        "dbmate" | "goose" => has("up"),
        "diesel" => then("migration", "run"),
        "sqlx" => then("migrate", "run"),
        "npm" | "yarn" | "pnpm" | "bun" => words
            .iter()
            .skip(1)
            .find(|word| !word.starts_with('-') && *word != "run" && *word != "run-script")
            .is_some_and(|script| is_migration_script(script)),
        "php" => then("artisan", "migrate") || part("doctrine:migrations:migrate"),
        "node" | "ts-node" | "tsx" => {
            part("migrate.") || words.get(1).is_some_and(|script| name(script) == "migrate")
        }
        _ if first.starts_with("python") || first == "manage.py" => {
            let script = words.iter().position(|word| name(word) == "manage.py");
            let django = script.or_else(|| words.iter().position(|word| word == "django"));
            django.is_some_and(|at| words.get(at + 1).is_some_and(|verb| verb == "migrate"))
                || then("alembic", "upgrade")
                || (then("flask", "db") && has("upgrade"))
        }
        _ => false,
    };
    found.then(|| words.join(" "))
}

/// How a command given as words changes the schema, also inside `sh -c "…"`.
pub(super) fn migration_in(words: &[String]) -> Option<String> {
    let inner = words.iter().filter(|word| word.contains(' '));
    migration(words).or_else(|| {
        inner
            .flat_map(|line| commands(line))
            .find_map(|simple| migration(simple.program()))
    })
}

/// Whether the name of a package's script says that it migrates, and not that it makes migrations.
fn is_migration_script(script: &str) -> bool {
    let lower = script.to_ascii_lowercase();
    let makes = [
        "create", "generate", "make", "new", "revert", "undo", "down", "rollback",
    ];
    (lower.contains("migrat") || lower == "prisma" || lower.contains("db:push"))
        && !makes.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str) -> Vec<String> {
        commands(text).iter().map(Simple::line).collect()
    }

    #[test]
    fn simple_commands_are_found() {
        let text = "#!/bin/sh\nset -e # stop\nif [ \"$A\" = 1 ]; then\n  A=1 python manage.py \\\n    migrate --noinput > /dev/null 2>&1 && echo 'a && b'\nfi\ncat <<EOF | sh\nrm -rf /\nEOF\ncelery worker &\nexec gunicorn \"$@\"\n";
        assert_eq!(
            lines(text),
            [
                "set -e",
                "[ $A = 1 ]",
                "python manage.py migrate --noinput",
                "echo a && b",
                "cat",
                "sh",
                "celery worker",
                "exec gunicorn $@"
            ]
        );
        let found = commands(text);
        assert!(found[6].background && !found[7].background);
        assert_eq!(&text[found[7].span.clone()], "exec gunicorn \"$@\"");
        assert!(found[7].is_exec());
    }

    #[test]
    fn migrations_are_told_from_other_commands() {
        for (line, yes) in [
            ("python manage.py migrate", true),
            ("python manage.py makemigrations", false),
            ("poetry run alembic upgrade head", true),
            ("flask db upgrade", true),
            ("npx prisma migrate deploy", true),
            ("npm run migration:run", true),
            ("yarn migration:generate", false),
            ("bundle exec rails db:migrate", true),
            ("echo migrate", false),
            ("npm start", false),
        ] {
            let found = commands(line);
            assert_eq!(migration(found[0].program()).is_some(), yes, "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "([a-zé \n'\"\\\\$()<>&|;#=]|<<E|E\n){0,60}") {
            for simple in commands(&text) {
                prop_assert!(text.get(simple.span.clone()).is_some());
                prop_assert!(!simple.words.is_empty());
            }
        }
    }
}

//! `${A}` and escapes in a value.

use crate::grammar::Malformed;

/// How deep defaults may stand in defaults.
const MAX_DEPTH: usize = 16;

/// What a variable has, by its name.
pub(super) type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Makes values from the text of a file, and keeps what is wrong with it.
pub(super) struct Expander<'a> {
    /// The whole text of the file.
    pub(super) text: &'a str,
    /// Whether all escapes are known, those of double quotes; else only `\$` is one.
    pub(super) quoted: bool,
    /// Where the text that is expanded ends.
    pub(super) end: usize,
    /// Bytes that a value may have.
    pub(super) room: usize,
    /// A value needed more.
    pub(super) overflowed: bool,
    /// What is wrong.
    pub(super) faults: Vec<Malformed>,
}

impl Expander<'_> {
    /// The value of the text from `start` to the end.
    pub(super) fn value(&mut self, start: usize, lookup: &Lookup<'_>) -> String {
        let mut value = String::new();
        self.run(start, 0, true, lookup, &mut value);
        value
    }

    /// Expands from `at` to the end, or in a default (`depth` above 0) to the brace that closes it.
    /// Gives the place where it stopped. What is not `used` is read for its faults alone.
    fn run(
        &mut self,
        mut at: usize,
        depth: usize,
        used: bool,
        lookup: &Lookup<'_>,
        value: &mut String,
    ) -> usize {
        while let Some(first) = self.rest(at).chars().next() {
            match first {
                '}' if depth > 0 => return at,
                '\\' => at = self.escape(at, depth, used, value),
                '$' => at = self.dollar(at, depth, used, lookup, value),
                // Line ends are LF, whatever the editor made of them.
                '\r' if self.rest(at).starts_with("\r\n") => at += 1,
                other => {
                    self.push(used, value, other.encode_utf8(&mut [0; 4]));
                    at += other.len_utf8();
                }
            }
        }
        at
    }

    fn rest(&self, at: usize) -> &str {
        self.text.get(at..self.end).unwrap_or_default()
    }

    fn push(&mut self, used: bool, value: &mut String, text: &str) {
        if !used {
            return;
        }
        if value.len() + text.len() > self.room {
            self.overflowed = true;
        } else {
            value.push_str(text);
        }
    }

    fn fault(&mut self, at: usize, message: impl Into<String>) {
        self.faults.push(Malformed::new(message, at, self.text));
    }

    /// A backslash and what it stands before.
    fn escape(&mut self, at: usize, depth: usize, used: bool, value: &mut String) -> usize {
        let Some(next) = self.rest(at + 1).chars().next() else {
            self.push(used, value, "\\");
            return at + 1;
        };
        let text = match next {
            '$' => "$",
            '}' if depth > 0 => "}",
            'n' if self.quoted => "\n",
            'r' if self.quoted => "\r",
            't' if self.quoted => "\t",
            '"' if self.quoted => "\"",
            '\\' if self.quoted => "\\",
            _ => "",
        };
        if text.is_empty() {
            self.push(used, value, "\\");
            self.push(used, value, next.encode_utf8(&mut [0; 4]));
        } else {
            self.push(used, value, text);
        }
        at + 1 + next.len_utf8()
    }

    /// A dollar sign and what it means.
    fn dollar(
        &mut self,
        at: usize,
        depth: usize,
        used: bool,
        lookup: &Lookup<'_>,
        value: &mut String,
    ) -> usize {
        match self.rest(at + 1).chars().next() {
            Some('{') => self.reference(at, depth, used, lookup, value),
            Some('(') => {
                self.fault(
                    at,
                    "`$(` would run a command, which is not done here: put the value in single quotes to keep it, or write the command's result",
                );
                at + 2
            }
            Some(next) if next == '_' || next.is_ascii_alphabetic() => {
                self.fault(
                    at,
                    "readers of .env files differ on a `$` before a name: write `${NAME}` to insert a variable, or single quotes around the value to keep the sign",
                );
                at + 1
            }
            _ => {
                self.push(used, value, "$");
                at + 1
            }
        }
    }

    /// `${A}` or `${A:-default}`.
    fn reference(
        &mut self,
        at: usize,
        depth: usize,
        used: bool,
        lookup: &Lookup<'_>,
        value: &mut String,
    ) -> usize {
        if depth >= MAX_DEPTH {
            self.fault(
                at,
                format!("defaults stand in defaults more than {MAX_DEPTH} deep"),
            );
            return self.end;
        }
        // What is too large already grows no more, however often it names what is large.
        let used = used && !self.overflowed;
        let found = |name: &str| if used { lookup(name) } else { None };
        let start = at + 2;
        let inner = self.rest(start);
        let length = inner.find(|c| !in_name(c)).unwrap_or(inner.len());
        let name = inner.get(..length).unwrap_or_default().to_owned();
        let behind = inner.get(length..).unwrap_or_default();
        let named = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
        if named && behind.starts_with('}') {
            match found(&name) {
                Some(found) => self.push(used, value, &found),
                None if used => self.fault(
                    at,
                    format!(
                        "`{name}` has no value: set it on a line before this one or in the caller's environment, or write a default, `${{{name}:-default}}`"
                    ),
                ),
                None => {}
            }
            return start + length + 1;
        }
        if named && behind.starts_with(":-") {
            let found = found(&name).filter(|found| !found.is_empty());
            if let Some(found) = &found {
                self.push(used, value, found);
            }
            let wanted = used && found.is_none();
            let end = self.run(start + length + 2, depth + 1, wanted, lookup, value);
            if !self.rest(end).starts_with('}') && self.faults.last().is_none_or(|f| f.offset < at)
            {
                self.fault(at, "`${` is never closed: a `}` is missing");
            }
            return (end + 1).min(self.end);
        }
        if behind.is_empty() {
            self.fault(at, "`${` is never closed: a `}` is missing");
        } else {
            self.fault(
                at,
                "of what may stand in `${…}` only `${NAME}` and `${NAME:-default}` are known here",
            );
        }
        let skipped = self.rest(start).find('}').map(|brace| start + brace + 1);
        skipped.unwrap_or(self.end)
    }
}

fn in_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '.')
}

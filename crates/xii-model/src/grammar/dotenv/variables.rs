use std::collections::HashMap;
use std::fmt;

use super::expand::{Expander, Lookup};
use super::reader::{DotEnvEntry, dotenv};
use crate::grammar::{MAX_ERRORS, Malformed, place};

/// Bytes that a variable may have with its name: Linux gives a process no longer text
/// (`MAX_ARG_STRLEN`, execve(2)).
const LONGEST: usize = 128 << 10;
/// Bytes that all variables of a file may have together: about what Linux gives a process.
const TOTAL: usize = 2 << 20;

/// A variable of a `.env` file as a process gets it.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The line of its name, from 1.
    pub line: u32,
}

/// Without the value, which may be a secret.
impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=… (line {})", self.name, self.line)
    }
}

/// The variables of a `.env` file with their values.
///
/// The grammar is that of [`dotenv`]. Beyond it, so that no reader of such files would make something
/// else of it:
///
/// ```text
/// ${A}           in a value without quotes or in double quotes: what A has, by a line before or by
///                `outer`; that it has nothing is an error
/// ${A:-default}  the default where A has nothing or is empty; the default may hold `${B}`, and `\}`
/// \$             a dollar sign
/// $5, $          themselves
/// ```
///
/// `$A` and `$(…)` are errors, since Compose and Ruby expand the first, Ruby runs the second, and Node,
/// Python and foreman keep both. In single quotes and back-quotes everything stays. Line ends within
/// quotes are LF. A name that is assigned twice is an error.
///
/// # Errors
/// Everything that is wrong, in the order of the file.
pub fn variables(text: &str, outer: &Lookup<'_>) -> Result<Vec<Variable>, Vec<Malformed>> {
    let file = dotenv(text);
    let mut maker = Maker {
        text,
        outer,
        made: Vec::new(),
        by_name: HashMap::new(),
        faults: file.errors,
        room: TOTAL,
    };
    for entry in &file.entries {
        if maker.room == 0 || maker.faults.len() > MAX_ERRORS {
            break;
        }
        maker.add(entry);
    }
    if maker.faults.is_empty() {
        return Ok(maker.made);
    }
    maker.faults.sort_by_key(|fault| fault.offset);
    Err(maker.faults)
}

struct Maker<'a> {
    text: &'a str,
    outer: &'a Lookup<'a>,
    made: Vec<Variable>,
    /// Where a name's variable stands in `made`.
    by_name: HashMap<String, usize>,
    faults: Vec<Malformed>,
    /// Bytes that are left for all values.
    room: usize,
}

impl Maker<'_> {
    fn add(&mut self, entry: &DotEnvEntry) {
        let line = place(self.text.as_bytes(), entry.key_span.start).line;
        if let Some(first) = self.by_name.get(&entry.key).map(|at| self.made[*at].line) {
            let message = format!(
                "`{}` is assigned on line {first} already: remove one of the two",
                entry.key
            );
            self.fault(entry.key_span.start, message);
        }
        let value = self.value(entry);
        if value.contains('\0') {
            let message = "the value holds a NUL, which no variable can";
            self.fault(entry.value_span.start, message);
        }
        self.room = self.room.saturating_sub(entry.key.len() + value.len());
        if self.room == 0 {
            let message = "up to here the values have more than 2 MiB together, which is more than a process can be given";
            self.fault(entry.key_span.start, message);
        }
        self.by_name.insert(entry.key.clone(), self.made.len());
        self.made.push(Variable {
            name: entry.key.clone(),
            value,
            line,
        });
    }

    fn fault(&mut self, offset: usize, message: impl Into<String>) {
        self.faults.push(Malformed::new(message, offset, self.text));
    }

    fn value(&mut self, entry: &DotEnvEntry) -> String {
        let raw = self.text.get(entry.value_span.clone()).unwrap_or_default();
        let room = LONGEST.saturating_sub(entry.key.len() + 2);
        let too_long = "the value has more than 128 KiB, which is more than a process can be given";
        if raw.starts_with(['\'', '`']) {
            let value = entry.value.replace("\r\n", "\n");
            if value.len() > room {
                self.fault(entry.value_span.start, too_long);
                return String::new();
            }
            return value;
        }
        let quoted = raw.starts_with('"');
        if !quoted && raw.contains('\r') {
            let message = "a carriage return stands inside the value: put the value in quotes";
            self.fault(entry.value_span.start, message);
        }
        let edge = usize::from(quoted);
        let mut expander = Expander {
            text: self.text,
            quoted,
            end: entry.value_span.end - edge,
            room,
            overflowed: false,
            faults: Vec::new(),
        };
        let lookup = |name: &str| match self.by_name.get(name) {
            Some(at) => self.made.get(*at).map(|made| made.value.clone()),
            None => (self.outer)(name),
        };
        let value = expander.value(entry.value_span.start + edge, &lookup);
        let (faults, overflowed) = (expander.faults, expander.overflowed);
        self.faults.extend(faults);
        if overflowed {
            self.fault(entry.value_span.start, too_long);
        }
        value
    }
}

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use super::{MAX_ERRORS, Malformed, place, split_byte_order_mark};

/// What a Procfile says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Procfile {
    /// The process types, in the order they are written. A name may occur twice, which is a fault.
    pub entries: Vec<ProcfileEntry>,
    /// What is wrong, in order.
    pub faults: Vec<ProcfileFault>,
}

/// One process type of a Procfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcfileEntry {
    /// Its name.
    pub name: String,
    /// Its command line, without the white space around it.
    pub command: String,
    /// Bytes of the text from the name to the end of the command.
    pub span: Range<usize>,
}

/// Something that is wrong with a Procfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcfileFault {
    /// What.
    pub kind: ProcfileFaultKind,
    /// Byte offset in the text.
    pub offset: usize,
}

/// What may be wrong with a Procfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProcfileFaultKind {
    /// No line declares a process type.
    NothingDeclared,
    /// The line has no colon; `true` if it looks like an assignment to a variable.
    NoColon(bool),
    /// Nothing stands before the colon.
    NoName,
    /// What stands before the colon is no name.
    BadName,
    /// Nothing stands behind the colon.
    NoCommand,
    /// White space stands before the name: foreman passes over such a line.
    Indented,
    /// The name was declared before, on this line.
    Repeated(String, u32),
    /// A NUL, or a carriage return that ends no line.
    Control,
    /// There were too many faults to go on.
    TooMany,
}

impl ProcfileFaultKind {
    /// Whether the line at fault gave no process type.
    pub fn loses_line(&self) -> bool {
        matches!(
            self,
            ProcfileFaultKind::NoColon(_)
                | ProcfileFaultKind::NoName
                | ProcfileFaultKind::BadName
                | ProcfileFaultKind::NoCommand
        )
    }
}

/// One lower-case sentence that quotes nothing but names of process types.
impl fmt::Display for ProcfileFaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ProcfileFaultKind::NothingDeclared => {
                "no process type is declared: write a line such as `web: node server.js`"
            }
            ProcfileFaultKind::NoColon(false) => {
                "the line has no colon: write `name: command`, or `#` before a comment"
            }
            ProcfileFaultKind::NoColon(true) => {
                "the line has no colon: a Procfile declares `name: command`, variables belong in .env"
            }
            ProcfileFaultKind::NoName => "nothing stands before the colon: write `name: command`",
            ProcfileFaultKind::BadName => {
                "what stands before the colon is no name: a process type is called with letters, digits, `_` and `-`"
            }
            ProcfileFaultKind::NoCommand => {
                "nothing stands behind the colon: write the command there, or remove the line"
            }
            ProcfileFaultKind::Indented => {
                "white space stands before the name, and foreman would pass over the line: remove it"
            }
            ProcfileFaultKind::Repeated(name, line) => {
                return write!(
                    f,
                    "`{name}` is declared on line {line} already: a process type has one command, rename or remove one"
                );
            }
            ProcfileFaultKind::Control => {
                "a NUL or a carriage return stands inside the line: no command can hold it"
            }
            ProcfileFaultKind::TooMany => {
                "too many lines are not `name: command`, the rest was not read"
            }
        })
    }
}

impl From<ProcfileFault> for Malformed {
    fn from(fault: ProcfileFault) -> Self {
        Malformed {
            message: fault.kind.to_string(),
            offset: fault.offset,
        }
    }
}

/// Reads a Procfile in foreman's grammar, `^([A-Za-z0-9_-]+):\s*(.+)$` a line; empty lines and lines
/// that start with `#` are passed over. Foreman passes over everything else as well: here it is a
/// fault, and reading goes on. Lines end with LF or CRLF, and a byte order mark may come first.
pub fn procfile(text: &str) -> Procfile {
    let (mut offset, rest) = split_byte_order_mark(text);
    let mut read = Procfile::default();
    let mut lines: HashMap<String, u32> = HashMap::new();
    for line in rest.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if read.faults.len() >= MAX_ERRORS {
            read.faults.push(ProcfileFault {
                kind: ProcfileFaultKind::TooMany,
                offset: start,
            });
            return read;
        }
        let lead = line.len() - line.trim_start().len();
        let begin = start + lead;
        let mut fault = |kind, offset| read.faults.push(ProcfileFault { kind, offset });
        let (name, command) = match split(content) {
            Ok(pair) => pair,
            Err((kind, inner)) => {
                fault(kind, begin + inner);
                continue;
            }
        };
        if lead > 0 {
            fault(ProcfileFaultKind::Indented, start);
        }
        if let Some(inner) = content.find(['\0', '\r']) {
            fault(ProcfileFaultKind::Control, begin + inner);
        }
        match lines.get(name) {
            Some(first) => {
                let kind = ProcfileFaultKind::Repeated(name.to_owned(), *first);
                fault(kind, begin);
            }
            None => {
                lines.insert(name.to_owned(), place(text.as_bytes(), start).line);
            }
        }
        read.entries.push(ProcfileEntry {
            name: name.to_owned(),
            command: command.to_owned(),
            span: begin..begin + content.len(),
        });
    }
    if read.entries.is_empty() && read.faults.is_empty() {
        read.faults.push(ProcfileFault {
            kind: ProcfileFaultKind::NothingDeclared,
            offset: 0,
        });
    }
    read
}

/// Whether a process type may be called this: `[A-Za-z0-9_-]+`.
pub fn is_process_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(in_name)
}

fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// Name and command of a line without white space around it, or what is wrong and where in it.
fn split(line: &str) -> Result<(&str, &str), (ProcfileFaultKind, usize)> {
    let Some((name, command)) = line.split_once(':') else {
        let assigns = line
            .split_once('=')
            .is_some_and(|(name, _)| is_process_name(name));
        return Err((ProcfileFaultKind::NoColon(assigns), 0));
    };
    if name.is_empty() {
        return Err((ProcfileFaultKind::NoName, 0));
    }
    if let Some(inner) = name.find(|c| !in_name(c)) {
        return Err((ProcfileFaultKind::BadName, inner));
    }
    let command = command.trim();
    if command.is_empty() {
        return Err((ProcfileFaultKind::NoCommand, name.len() + 1));
    }
    Ok((name, command))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(read: &Procfile) -> Vec<(&str, &str)> {
        read.entries
            .iter()
            .map(|entry| (entry.name.as_str(), entry.command.as_str()))
            .collect()
    }

    #[test]
    fn process_types_are_read_in_order() {
        let text = "\u{feff}# the app\r\nweb: bin/web -p $PORT # not a comment\r\n\r\n  # also none\nmy-worker_2:celery a:b \n";
        let read = procfile(text);
        assert_eq!(read.faults, []);
        assert_eq!(
            pairs(&read),
            [
                ("web", "bin/web -p $PORT # not a comment"),
                ("my-worker_2", "celery a:b")
            ]
        );
        let span = read.entries[1].span.clone();
        assert_eq!(&text[span], "my-worker_2:celery a:b");
    }

    #[test]
    fn what_foreman_would_pass_over_is_a_fault_at_its_place() {
        let text =
            "web: a\nnonsense\nKEY=hunter2\n: b\nwör ker: c\nclock:  \n web2: d\nweb: e\nx: \0\n";
        let told: Vec<_> = procfile(text)
            .faults
            .into_iter()
            .map(|fault| Malformed::from(fault).told("Procfile", text.as_bytes()))
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        Procfile:2:1: the line has no colon: write `name: command`, or `#` before a comment
        Procfile:3:1: the line has no colon: a Procfile declares `name: command`, variables belong in .env
        Procfile:4:1: nothing stands before the colon: write `name: command`
        Procfile:5:2: what stands before the colon is no name: a process type is called with letters, digits, `_` and `-`
        Procfile:6:7: nothing stands behind the colon: write the command there, or remove the line
        Procfile:7:1: white space stands before the name, and foreman would pass over the line: remove it
        Procfile:8:1: `web` is declared on line 1 already: a process type has one command, rename or remove one
        Procfile:9:4: a NUL or a carriage return stands inside the line: no command can hold it
        ");
    }

    #[test]
    fn an_empty_file_says_what_a_line_looks_like() {
        for text in ["", "\n \n", "# only a remark", "\u{feff}"] {
            let read = procfile(text);
            assert_eq!(read.faults.len(), 1, "{text:?}");
            assert_eq!(read.faults[0].kind, ProcfileFaultKind::NothingDeclared);
        }
    }

    #[test]
    fn a_file_of_nonsense_gives_a_bounded_number_of_faults() {
        let read = procfile(&"?\n".repeat(100_000));
        assert_eq!(read.faults.len(), MAX_ERRORS + 1);
        assert_eq!(read.faults[MAX_ERRORS].kind, ProcfileFaultKind::TooMany);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(?s:.|[:#\\n\\r a]|web: ){0,60}") {
            let read = procfile(&text);
            prop_assert!(!read.entries.is_empty() || !read.faults.is_empty());
            for entry in &read.entries {
                prop_assert!(text[entry.span.clone()].starts_with(&entry.name));
                prop_assert!(text[entry.span.clone()].ends_with(&entry.command));
            }
            for fault in &read.faults {
                prop_assert!(text.is_char_boundary(fault.offset));
            }
        }

        #[test]
        fn what_is_printed_is_read_back(
            types in proptest::collection::btree_map("[A-Za-z0-9_-]{1,8}", "[!-~]([ -~äß$]{0,20}[!-~])?", 1..6)
        ) {
            let text: String = types.iter().map(|(name, command)| format!("{name}: {command}\n")).collect();
            let read = procfile(&text);
            prop_assert_eq!(&read.faults, &[]);
            let back: Vec<_> = read.entries.iter().map(|e| (e.name.clone(), e.command.clone())).collect();
            prop_assert_eq!(back, types.into_iter().collect::<Vec<_>>());
        }
    }
}

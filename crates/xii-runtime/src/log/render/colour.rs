//! Colours.

use std::collections::BTreeMap;

use xii_model::Level;

/// Ends every colour.
pub(super) const RESET: &str = "\x1b[0m";
/// What is there for those who look for it.
pub(super) const DIM: &str = "\x1b[2m";
/// What stands out.
pub(super) const BOLD: &str = "\x1b[1m";
/// What went well.
pub(super) const GOOD: &str = "\x1b[32m";
/// What should be looked at.
pub(super) const WARN: &str = "\x1b[33m";
/// What went wrong.
pub(super) const BAD: &str = "\x1b[1;31m";

/// Names of process types. Red is left to what went wrong.
const NAMES: [&str; 9] = [
    "\x1b[36m", "\x1b[35m", "\x1b[32m", "\x1b[34m", "\x1b[33m", "\x1b[96m", "\x1b[95m", "\x1b[92m",
    "\x1b[94m",
];
/// Colours are remembered for so many types; nobody has more.
const TYPES: usize = 256;

/// Which process type has which colour: by its name, so that it is the same every day; the next one
/// when another type of the same run has it already, as long as there are any left.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: BTreeMap<Vec<u8>, usize>,
}

impl Names {
    /// The colour of the type that this instance belongs to.
    pub(super) fn of(&mut self, source: &[u8]) -> &'static str {
        let process = match memchr::memrchr(b'.', source) {
            Some(dot) => &source[..dot],
            None if source == b"xii" => return BOLD,
            None if source == b"router" => return DIM,
            None => source,
        };
        if let Some(given) = self.given.get(process) {
            return NAMES[*given];
        }
        let mut slot = preferred(process);
        if self.given.len() < NAMES.len() {
            while self.given.values().any(|given| *given == slot) {
                slot = (slot + 1) % NAMES.len();
            }
        }
        if self.given.len() < TYPES {
            self.given.insert(process.to_vec(), slot);
        }
        NAMES[slot]
    }
}

/// FNV-1a: the same on every machine and in every version.
fn preferred(process: &[u8]) -> usize {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in process {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    hash as usize % NAMES.len()
}

/// The colour of a level's name.
pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Trace => DIM,
        Level::Debug => "\x1b[34m",
        Level::Info => GOOD,
        Level::Warn => "\x1b[1;33m",
        Level::Error => BAD,
        Level::Fatal => "\x1b[1;97;41m",
    }
}

/// The colour of a line of plain text that has a level; what is usual has none.
pub(super) fn line(level: Option<Level>) -> Option<&'static str> {
    match level? {
        Level::Trace | Level::Debug => Some(DIM),
        Level::Info => None,
        Level::Warn => Some(WARN),
        Level::Error => Some("\x1b[31m"),
        Level::Fatal => Some(BAD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_colours_of_their_own_and_instances_share_them() {
        let mut names = Names::default();
        let types: [&[u8]; 9] = [
            b"web.1",
            b"worker.1",
            b"clock.1",
            b"css.1",
            b"js.1",
            b"api.1",
            b"mail.1",
            b"db.1",
            b"queue.1",
        ];
        let mut colours: Vec<_> = types.iter().map(|name| names.of(name)).collect();
        assert_eq!(names.of(b"web.2"), colours[0]);
        colours.sort_unstable();
        colours.dedup();
        assert_eq!(colours.len(), types.len());
        assert!(!names.of(b"tenth.1").is_empty());
    }
}

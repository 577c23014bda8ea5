//! Which records are asked for.

use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use regex::bytes::Regex;
use xii_model::Level;

use super::audit::is_audit;
use super::level::level_of;
use crate::log::record::{Body, Record};

/// How far a clock may have been set back without a segment being passed over that holds what is asked
/// for: times are those of the records, and these are nearly, but not strictly, in order.
pub(super) const SLACK: Duration = Duration::from_secs(3600);

/// Which records are asked for: those that all of it holds for.
///
/// A pure function of a record. A line that was cut at the cap is judged part by part.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// From any of these; none: from all.
    pub processes: Vec<ProcessName>,
    /// Of this level at least, as [`level_of`](super::level_of) tells it.
    pub level: Option<Level>,
    /// Not before this time, in nanoseconds since 1970.
    pub since_ns: Option<i64>,
    /// Not after this time.
    pub until_ns: Option<i64>,
    /// Found in the line, or in the event's JSON.
    pub grep: Option<Regex>,
    /// Audit events alone.
    pub audit: bool,
    /// What kind of record.
    pub kinds: Kinds,
}

/// What kind of record is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kinds {
    /// Any.
    #[default]
    All,
    /// What processes wrote.
    Lines,
    /// What xii and its router have to tell.
    Events,
}

/// A process type (`web`), an instance (`web.1`), `router` or `xii`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessName(String);

/// A text that names no process.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no process: give a process type such as `web`, an instance such as `web.1`, `router` or `xii`"
)]
pub struct NoProcess(String);

impl FromStr for ProcessName {
    type Err = NoProcess;

    fn from_str(text: &str) -> Result<Self, NoProcess> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if text.is_empty() || !text.chars().all(fits) {
            return Err(NoProcess(text.chars().take(80).collect()));
        }
        Ok(ProcessName(text.to_owned()))
    }
}

impl std::fmt::Display for ProcessName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl ProcessName {
    /// Whether a source of this name is it, or an instance of it.
    pub fn names(&self, source: &[u8]) -> bool {
        match source.strip_prefix(self.0.as_bytes()) {
            Some([]) => true,
            Some([b'.', number @ ..]) => {
                !number.is_empty() && number.iter().all(u8::is_ascii_digit)
            }
            _ => false,
        }
    }
}

impl Filter {
    /// Whether this record is asked for.
    pub fn matches(&self, record: &Record<'_>) -> bool {
        self.since_ns.is_none_or(|since| record.at_ns >= since)
            && self.until_ns.is_none_or(|until| record.at_ns <= until)
            && self.is_kind(record)
            && self.is_from(record)
            && self.level.is_none_or(|least| level_of(record) >= least)
            && self.is_found(record)
            && (!self.audit || matches!(record.body, Body::Line { bytes, .. } if is_audit(bytes)))
    }

    /// Whether no record of a segment that was last written to at this time can be asked for.
    pub(crate) fn is_before(&self, modified: SystemTime) -> bool {
        let Some(since) = self.since_ns.and_then(|since| u64::try_from(since).ok()) else {
            return false;
        };
        let latest = modified.checked_add(SLACK).unwrap_or(modified);
        latest < UNIX_EPOCH + Duration::from_nanos(since)
    }

    /// Whether no record can be asked for that is written after one of this time.
    pub(crate) fn is_after(&self, at_ns: i64) -> bool {
        let slack = SLACK.as_nanos() as i64;
        self.until_ns
            .is_some_and(|until| at_ns > until.saturating_add(slack))
    }

    fn is_kind(&self, record: &Record<'_>) -> bool {
        match self.kinds {
            Kinds::All => true,
            Kinds::Lines => matches!(record.body, Body::Line { .. }),
            Kinds::Events => matches!(record.body, Body::Other(_)),
        }
    }

    fn is_from(&self, record: &Record<'_>) -> bool {
        let mut processes = self.processes.iter();
        self.processes.is_empty() || processes.any(|process| process.names(record.source))
    }

    fn is_found(&self, record: &Record<'_>) -> bool {
        let (Body::Line { bytes, .. } | Body::Other(bytes)) = record.body;
        self.grep.as_ref().is_none_or(|grep| grep.is_match(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_names_its_instances_and_nothing_else() {
        let names = |name: &str, source: &str| {
            name.parse::<ProcessName>()
                .expect("a name")
                .names(source.as_bytes())
        };
        assert!(names("web", "web.1") && names("web", "web.12") && names("web.1", "web.1"));
        assert!(names("xii", "xii") && names("router", "router") && names("my.type", "my.type.1"));
        assert!(
            !names("web", "webhook.1") && !names("web.1", "web.12") && !names("my", "my.type.1")
        );
        assert!(!names("web", "web.") && !names("web", "we"));
        for wrong in ["", "web 1", "web/1", "a\n"] {
            assert!(wrong.parse::<ProcessName>().is_err(), "{wrong:?}");
        }
    }
}

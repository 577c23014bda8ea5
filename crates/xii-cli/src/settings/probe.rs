//! `ready` and `live` of a process type.

use std::time::Duration;

use xii_runtime::formation::{Check, How, pattern_fault};
use xii_survey::document::Node;

use super::faults::Faults;

/// What may be asked, one of them.
const HOW: [&str; 5] = ["http", "tcp", "line", "command", "delay"];
/// What may be asked again and again.
const LASTING: [&str; 3] = ["http", "tcp", "command"];
/// How often and how long.
const TIMES: [&str; 4] = ["every", "timeout", "within", "failures"];

/// The shortest time between two askings.
const SHORTEST: Duration = Duration::from_millis(10);
/// The longest time of any of them.
const LONGEST: Duration = Duration::from_secs(86_400);

/// Which of the two checks is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// `ready`.
    Ready,
    /// `live`: what happens once says nothing of what lasts.
    Live,
}

/// Reads the check under `key` of a process type.
pub(super) fn probe(
    node: Option<&Node>,
    purpose: Purpose,
    faults: &mut Faults<'_>,
) -> Option<Check> {
    let node = node?;
    let (place, allowed) = match purpose {
        Purpose::Ready => ("`ready`", HOW.as_slice()),
        Purpose::Live => ("`live`", LASTING.as_slice()),
    };
    let entries = faults.table(Some(node), place);
    let known: Vec<&str> = allowed.iter().chain(&TIMES).copied().collect();
    faults.keys(entries, &known, place);
    let asked: Vec<&str> = allowed
        .iter()
        .copied()
        .filter(|how| node.get(how).is_some())
        .collect();
    let [how] = asked.as_slice() else {
        // A key that is misspelt was told already.
        if entries
            .iter()
            .all(|entry| known.contains(&entry.key.as_str()))
            && !entries.is_empty()
        {
            faults.add(
                node.span.clone(),
                format!("{place} wants one of: {}", allowed.join(", ")),
            );
        }
        return None;
    };
    let how = how_of(how, node.get(how), faults);
    // The times are read even if nothing can be asked, for their faults.
    let mut check = Check::new(how.clone().unwrap_or(How::Tcp));
    let times = SHORTEST..=LONGEST;
    if let Some(every) = faults.duration(node.get("every"), times.clone()) {
        check.every = every;
    }
    if let Some(timeout) = faults.duration(node.get("timeout"), times.clone()) {
        check.timeout = timeout;
    }
    if let Some(within) = faults.duration(node.get("within"), times) {
        check.within = within;
    }
    if let Some(failures) = faults.number(node.get("failures"), 1..=1_000) {
        check.failures = failures;
    }
    how.map(|_| check)
}

fn how_of(how: &str, node: Option<&Node>, faults: &mut Faults<'_>) -> Option<How> {
    match how {
        "http" => {
            let path = faults.text(node, "a path, such as \"/health\"")?;
            let plain = path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic());
            if !plain {
                let span = node.map(|node| node.span.clone()).unwrap_or_default();
                faults.add(
                    span,
                    "a path starts with `/` and has no spaces: write it percent-encoded",
                );
            }
            plain.then_some(How::Http(path))
        }
        "tcp" => match faults.boolean(node)? {
            true => Some(How::Tcp),
            false => {
                let span = node.map(|node| node.span.clone()).unwrap_or_default();
                faults.add(span, "`tcp = false` asks nothing: take the check out");
                None
            }
        },
        "line" => {
            let pattern = faults.text(node, "a regular expression, such as \"listening on\"")?;
            let fault = pattern_fault(&pattern);
            if let Some(fault) = fault {
                let span = node.map(|node| node.span.clone()).unwrap_or_default();
                faults.add(span, fault);
                return None;
            }
            Some(How::Line(pattern))
        }
        "command" => faults
            .text(node, "a command, such as \"pg_isready\"")
            .map(How::Command),
        _ => faults
            .duration(node, Duration::ZERO..=LONGEST)
            .map(How::Delay),
    }
}

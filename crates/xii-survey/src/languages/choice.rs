//! Whether config chooses that a log sink is used.

use super::language::File;
use super::syntax::{Kind, NodeId};

/// Words of a test that chooses where events go: `if settings.LOG_TO_STDOUT`, `if (logFile)`.
const WORDS: [&str; 5] = ["log", "file", "stdout", "console", "sink"];

/// Whether the node stands in a branch whose test speaks of logs: then the other branch may be the one
/// that a deploy takes.
pub(super) fn is_chosen(file: &File<'_>, id: NodeId) -> bool {
    let tree = file.tree;
    let mut inner = id;
    for outer in tree.ancestors(id) {
        let test = match tree.kind(outer) {
            Kind::Function(_) => return false,
            Kind::If { test, .. } | Kind::Choice { test, .. } if *test != inner => *test,
            _ => {
                inner = outer;
                continue;
            }
        };
        let says = file
            .source
            .text
            .get(tree.span(test))
            .is_some_and(speaks_of_logs);
        if says {
            return true;
        }
        inner = outer;
    }
    false
}

fn speaks_of_logs(test: &str) -> bool {
    let lower = test.to_ascii_lowercase();
    // Whether a folder or file is there already chooses nothing.
    let looks =
        lower.contains("exists") || lower.contains("hashandlers") || lower.contains(".handlers");
    !looks && WORDS.iter().any(|word| lower.contains(word))
}

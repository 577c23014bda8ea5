//! The variables that a service gives to its containers.

use std::ops::Range;

use xii_model::{DeclarationSource, is_secret_name};

use crate::document::Node;
use crate::readers::variables::Variable;
use crate::readers::yaml_file::text;
use crate::source::Source;

/// More variables than this in one service are not a person's.
const MAX_VARIABLES: usize = 1000;

/// A variable of a service.
#[derive(Clone, Debug)]
pub(super) struct Given {
    name: String,
    value: Option<String>,
    span: Range<usize>,
    value_span: Range<usize>,
}

impl Given {
    /// The value, unless the name says that it is a secret.
    pub(super) fn plain(&self) -> Option<&str> {
        self.value
            .as_deref()
            .filter(|value| !value.is_empty() && !is_secret_name(&self.name))
    }

    /// The variable, as the other formats know it.
    pub(super) fn variable(&self) -> Variable<'_> {
        Variable {
            name: &self.name,
            value: self.value.as_deref(),
            span: self.span.clone(),
            value_span: self.value_span.clone(),
            source: DeclarationSource::Compose,
        }
    }
}

/// The variables of a service and of those it extends; its own outrank theirs.
pub(super) fn environment(source: &Source<'_>, chain: &[&Node]) -> Vec<Given> {
    let mut found: Vec<Given> = Vec::new();
    for service in chain {
        let Some(node) = service.get("environment") else {
            continue;
        };
        let given = given(source, node);
        let known: std::collections::HashSet<String> =
            found.iter().map(|one| one.name.clone()).collect();
        found.extend(given.into_iter().filter(|one| !known.contains(&one.name)));
    }
    found
}

/// Reads `NAME: value` and `- NAME=value`.
fn given(source: &Source<'_>, node: &Node) -> Vec<Given> {
    let entries = node.entries().iter().map(|entry| {
        let value_span = entry.value.span.clone();
        // A value that an alias stands for is written elsewhere.
        let end = value_span.end.max(entry.key_span.end);
        let near = value_span.start >= entry.key_span.start;
        Given {
            name: entry.key.clone(),
            value: text(source, &entry.value),
            span: entry.key_span.start..if near { end } else { entry.key_span.end },
            value_span,
        }
    });
    let items = node.items().iter().filter_map(|item| {
        let line = text(source, item)?;
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (line, None),
        };
        let end = item.span.end;
        let quote = usize::from(
            source
                .text
                .get(item.span.clone())
                .is_some_and(|text| text.starts_with(['"', '\''])),
        );
        Some(Given {
            value_span: (item.span.start + quote + name.len() + 1).min(end)..end,
            name,
            value,
            span: item.span.clone(),
        })
    });
    entries
        .chain(items)
        .filter(|one| !one.name.is_empty())
        .take(MAX_VARIABLES)
        .collect()
}

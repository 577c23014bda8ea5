//! What is wrong with the file, and what reads values with complaints.

use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use xii_model::grammar::{NoDuration, duration, shown_duration};
use xii_survey::document::{Entry as Pair, Node, Value};

/// What is wrong with the file, each with its place.
pub(super) struct Faults<'a> {
    shown: &'a str,
    text: &'a str,
    list: Vec<(usize, String)>,
}

impl<'a> Faults<'a> {
    /// None yet; `shown` is the name that the file is shown by.
    pub(super) fn new(shown: &'a str, text: &'a str) -> Self {
        Faults {
            shown,
            text,
            list: Vec::new(),
        }
    }

    /// What is wrong, in the order of the file.
    pub(super) fn told(mut self) -> Vec<String> {
        self.list.sort_by_key(|(line, _)| *line);
        self.list.into_iter().map(|(_, told)| told).collect()
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        1 + self
            .text
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count()
    }

    /// Complains of what stands there.
    pub(super) fn add(&mut self, at: Range<usize>, message: impl std::fmt::Display) {
        let line = self.line(at.start);
        let told = format!("{}:{line}: {message}", self.shown);
        self.list.push((line, told));
    }

    /// Complains of keys that are not known.
    pub(super) fn keys(&mut self, entries: &[Pair], known: &[&str], place: &str) {
        for entry in entries
            .iter()
            .filter(|entry| !known.contains(&entry.key.as_str()))
        {
            let meant = nearest(&entry.key, known.iter().copied());
            let advice = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known are: {}", known.join(", ")),
            };
            self.add(
                entry.key_span.clone(),
                format!("{place} has no key `{}`; {advice}", entry.key),
            );
        }
    }

    /// One of the words, or a complaint.
    pub(super) fn word<T>(&mut self, node: Option<&Node>, words: &[(&str, T)]) -> Option<T>
    where
        T: Copy,
    {
        let node = node?;
        let found = node
            .as_str()
            .and_then(|text| words.iter().find(|(word, _)| *word == text));
        if found.is_none() {
            let names: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.add(
                node.span.clone(),
                format!("this is none of: {}", names.join(", ")),
            );
        }
        found.map(|(_, value)| *value)
    }

    /// A text that says something, or a complaint.
    pub(super) fn text(&mut self, node: Option<&Node>, wanted: &str) -> Option<String> {
        let node = node?;
        let text = node.as_str().map(str::trim).filter(|text| {
            // No argument and no variable can hold a NUL.
            !text.is_empty() && !text.contains('\0')
        });
        if text.is_none() {
            self.add(node.span.clone(), format!("this wants {wanted}"));
        }
        text.map(str::to_owned)
    }

    /// Yes or no, or a complaint.
    pub(super) fn boolean(&mut self, node: Option<&Node>) -> Option<bool> {
        let node = node?;
        let value = node.as_bool();
        if value.is_none() {
            self.add(node.span.clone(), "this wants `true` or `false`");
        }
        value
    }

    /// A whole number within the bounds, or a complaint.
    pub(super) fn number(
        &mut self,
        node: Option<&Node>,
        bounds: RangeInclusive<u32>,
    ) -> Option<u32> {
        let node = node?;
        let value = node
            .as_i64()
            .and_then(|value| u32::try_from(value).ok())
            .filter(|value| bounds.contains(value));
        if value.is_none() {
            let (least, most) = (bounds.start(), bounds.end());
            self.add(
                node.span.clone(),
                format!("this wants a whole number from {least} to {most}"),
            );
        }
        value
    }

    /// A span of time within the bounds, or a complaint.
    pub(super) fn duration(
        &mut self,
        node: Option<&Node>,
        bounds: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let node = node?;
        let read = match node.as_str().map(duration) {
            Some(Ok(span)) if bounds.contains(&span) => return Some(span),
            Some(Ok(_)) => format!(
                "this wants a span of time from {} to {}",
                shown_duration(*bounds.start()),
                shown_duration(*bounds.end())
            ),
            Some(Err(fault)) => fault.to_string(),
            None => NoDuration.to_string(),
        };
        self.add(node.span.clone(), read);
        None
    }

    /// A list of texts, or a complaint of each that is none.
    pub(super) fn texts(&mut self, node: Option<&Node>, wanted: &str) -> Vec<String> {
        let Some(node) = node else {
            return Vec::new();
        };
        if !matches!(node.value, Value::List(_)) {
            self.add(
                node.span.clone(),
                format!("this wants a list: [{wanted}, …]"),
            );
        }
        node.items()
            .iter()
            .filter_map(|item| self.text(Some(item), wanted))
            .collect()
    }

    /// The entries of a table, or a complaint.
    pub(super) fn table<'n>(&mut self, node: Option<&'n Node>, place: &str) -> &'n [Pair] {
        let Some(node) = node else {
            return &[];
        };
        if !matches!(node.value, Value::Map(_)) {
            self.add(node.span.clone(), format!("{place} wants a table"));
        }
        node.entries()
    }
}

/// The known name that is nearest to what was written, if any is near.
pub(crate) fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|name| {
            (
                strsim::jaro_winkler(&written.to_lowercase(), &name.to_lowercase()),
                name,
            )
        })
        .filter(|(near, _)| *near > 0.78)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

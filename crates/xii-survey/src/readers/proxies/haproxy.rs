//! HAProxy configuration: a section, and its directives one a line.

use xii_model::{Facts, ProxySetting};

use super::setting::{MAX_SETTINGS, tell};
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "HAProxy",
    recognises: |path| {
        let name = file_name(path);
        name.starts_with("haproxy") && (name.ends_with(".cfg") || name.ends_with(".conf"))
    },
    read,
};

const SECTIONS: [&str; 6] = [
    "global",
    "defaults",
    "frontend",
    "backend",
    "listen",
    "resolvers",
];
const KEPT: [&str; 12] = [
    "balance",
    "cookie",
    "stick",
    "stick-table",
    "bind",
    "server",
    "option",
    "redirect",
    "daemon",
    "http-response",
    "http-request",
    "log",
];

fn read(source: &Source<'_>, facts: &mut Facts) {
    let mut section: Option<String> = None;
    let mut offset = 0;
    let mut told = 0;
    for line in source.text.split_inclusive('\n') {
        let start = offset + (line.len() - line.trim_start().len());
        offset += line.len();
        let text = line.split(" #").next().unwrap_or(line).trim();
        let Some(first) = text
            .split_whitespace()
            .next()
            .filter(|word| !word.starts_with('#'))
        else {
            continue;
        };
        if SECTIONS.contains(&first) {
            section = Some(
                text.split_whitespace()
                    .take(2)
                    .collect::<Vec<_>>()
                    .join(" "),
            );
        } else if KEPT.contains(&first) && told < MAX_SETTINGS {
            let setting = ProxySetting {
                program: "haproxy",
                directive: first.to_owned(),
                value: source.redacted(text.get(first.len()..).unwrap_or_default().trim()),
                block: section.clone(),
            };
            tell(source, start..start + text.len(), setting, facts);
            told += 1;
        }
    }
}

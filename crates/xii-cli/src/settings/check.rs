//! `[check]` of xii.toml.

use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use globset::GlobBuilder;
use xii_model::{Criterion, Persona, Profile, Severity};
use xii_rules::{Allow, Entry};
use xii_survey::document::{self, Entry as Pair, Node};

use crate::error::Failure;

/// The name of the file.
pub(crate) const FILE: &str = "xii.toml";

/// Tables that the file may hold.
const TABLES: [&str; 3] = ["check", "config", "processes"];
/// Keys of `[check]`.
const CHECK: [&str; 4] = ["profile", "persona", "fail-on", "allow"];
/// Keys of an allowance.
const ALLOW: [&str; 3] = ["rule", "paths", "reason"];
/// Keys of a variable's declaration, `[config.NAME]`.
const VARIABLE: [&str; 4] = ["required", "secret", "default", "description"];

/// What `[check]` says.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub(crate) profile: Option<Profile>,
    pub(crate) persona: Option<Persona>,
    /// `Some(None)` is `never`.
    pub(crate) fail_on: Option<Option<Severity>>,
    pub(crate) allow: Vec<Allow>,
}

/// Reads the settings of a folder; none when it has no xii.toml. Everything that is wrong is told at
/// once.
pub(crate) fn read(root: &Path) -> Result<Settings, Failure> {
    let path = root.join(FILE);
    let shown = path.display().to_string();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Settings::default()),
        // The folder itself is the fault then, and the survey says so.
        Err(_) if fs::read_dir(root).is_err() => return Ok(Settings::default()),
        Err(error) => {
            return Err(Failure::usage(format!(
                "cannot read {shown}: {}",
                error.kind()
            )));
        }
    };
    let mut faults = Faults {
        shown: &shown,
        text: &text,
        list: Vec::new(),
    };
    let settings = match document::toml(&text) {
        Ok(node) => settings(&node, &mut faults),
        Err(malformed) => {
            faults.add(malformed.offset..malformed.offset, malformed.message);
            Settings::default()
        }
    };
    if faults.list.is_empty() {
        Ok(settings)
    } else {
        Err(Failure::usage(faults.list.join("\n")))
    }
}

/// What is wrong with the file, each with its place.
struct Faults<'a> {
    shown: &'a str,
    text: &'a str,
    list: Vec<String>,
}

impl Faults<'_> {
    fn line(&self, offset: usize) -> usize {
        1 + self
            .text
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count()
    }

    fn add(&mut self, at: Range<usize>, message: impl std::fmt::Display) {
        let line = self.line(at.start);
        self.list.push(format!("{}:{line}: {message}", self.shown));
    }

    /// Complains of keys that are not known.
    fn keys(&mut self, entries: &[Pair], known: &[&str], place: &str) {
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
    fn word<T>(&mut self, node: Option<&Node>, words: &[(&str, T)]) -> Option<T>
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

fn settings(root: &Node, faults: &mut Faults<'_>) -> Settings {
    faults.keys(root.entries(), &TABLES, "the file");
    for variable in root.get("config").map(Node::entries).unwrap_or_default() {
        faults.keys(
            variable.value.entries(),
            &VARIABLE,
            &format!("`[config.{}]`", variable.key),
        );
    }
    let Some(check) = root.get("check") else {
        return Settings::default();
    };
    faults.keys(check.entries(), &CHECK, "`[check]`");
    Settings {
        profile: faults.word(
            check.get("profile"),
            &[
                ("twelve", Profile::Twelve),
                ("fifteen", Profile::Fifteen),
                ("next", Profile::Next),
            ],
        ),
        persona: faults.word(
            check.get("persona"),
            &[("regular", Persona::Regular), ("strict", Persona::Strict)],
        ),
        fail_on: faults.word(
            check.get("fail-on"),
            &[
                ("error", Some(Severity::Error)),
                ("warning", Some(Severity::Warning)),
                ("note", Some(Severity::Note)),
                ("never", None),
            ],
        ),
        allow: check
            .get("allow")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .flat_map(|item| allowances(item, faults))
            .collect(),
    }
}

/// The allowances of one entry: one for each path glob.
fn allowances(item: &Node, faults: &mut Faults<'_>) -> Vec<Allow> {
    faults.keys(item.entries(), &ALLOW, "an allowance");
    let text = |key: &str| {
        item.get(key)
            .and_then(Node::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    let Some(rule) = text("rule") else {
        faults.add(
            item.span.clone(),
            "an allowance wants `rule`, the name of a rule or the id of a criterion",
        );
        return Vec::new();
    };
    if Entry::find(rule).is_none() && Criterion::find(rule).is_none() {
        let rules = xii_rules::RULES.iter().map(|entry| entry.rule.name);
        let advice = nearest(rule, rules).map_or_else(
            || "`xii explain` lists them".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        faults.add(
            item.span.clone(),
            format!("no rule or criterion is called `{rule}`; {advice}"),
        );
    }
    let Some(reason) = text("reason") else {
        faults.add(
            item.span.clone(),
            format!(
                "the allowance of `{rule}` wants a `reason`: who reads this next should know why"
            ),
        );
        return Vec::new();
    };
    let at = (
        FILE.to_owned(),
        u32::try_from(faults.line(item.span.start)).ok(),
    );
    let allow = |paths| Allow {
        rule: rule.to_owned(),
        paths,
        reason: reason.to_owned(),
        at: at.clone(),
    };
    let Some(paths) = item.get("paths") else {
        return vec![allow(None)];
    };
    let mut allowed = Vec::new();
    for path in paths.items() {
        let glob = path
            .as_str()
            .and_then(|glob| GlobBuilder::new(glob).literal_separator(true).build().ok());
        match glob {
            Some(glob) => allowed.push(allow(Some(glob.compile_matcher()))),
            None => faults.add(path.span.clone(), "this is no path glob"),
        }
    }
    if paths.items().is_empty() {
        faults.add(paths.span.clone(), "`paths` wants a list of path globs");
    }
    allowed
}

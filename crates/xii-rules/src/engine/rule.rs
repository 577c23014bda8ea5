//! What a rule is.

use xii_model::{App, Factor, Severity};

use crate::Claims;

/// A rule: facts in, findings out. A constant and a pure function in a file of its own.
#[derive(Debug)]
pub struct Rule {
    /// Its name, which reads as "allow …": `hard-coded-secret`.
    pub name: &'static str,
    /// The ids of the criteria that it answers; the first is the one that its findings name unless
    /// they say otherwise.
    pub criteria: &'static [&'static str],
    /// How bad its findings are unless they say otherwise.
    pub severity: Severity,
    /// Looks at an app's facts and says what it sees.
    pub check: fn(&App, &mut Claims<'_>),
}

/// A rule as the registry lists it.
#[derive(Debug)]
pub struct Entry {
    /// The rule.
    pub rule: &'static Rule,
    /// The folder of its factor: `iii_config`.
    pub folder: &'static str,
    /// The name of its file, without the ending.
    pub file: &'static str,
    /// Its documentation: Markdown, the file's own doc comment.
    pub docs: &'static str,
}

impl Entry {
    /// The factor that its folder stands for.
    pub fn factor(&self) -> Option<Factor> {
        self.folder.split('_').next()?.parse().ok()
    }

    /// The rule of this name.
    pub fn find(name: &str) -> Option<&'static Entry> {
        crate::RULES.iter().find(|entry| entry.rule.name == name)
    }

    /// The rules that answer a criterion.
    pub fn answering(criterion: &str) -> impl Iterator<Item = &'static Entry> {
        crate::RULES
            .iter()
            .filter(move |entry| entry.rule.criteria.contains(&criterion))
    }
}

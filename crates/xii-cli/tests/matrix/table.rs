//! The table of twins in fixtures/apps/twins/README.md.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::proof::Verdict;

/// What a run must say of a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// This.
    Verdict(Verdict),
    /// Some verdict, whichever it is.
    Any,
}

/// A twin of an app.
#[derive(Clone, Debug)]
pub(crate) struct Twin {
    /// Its name, which is also that of its folder.
    pub(crate) name: String,
    /// The app that it is a twin of.
    pub(crate) of: String,
    /// The criteria that it is about.
    pub(crate) asks: Vec<String>,
    /// What a run must say of them.
    pub(crate) verdict: Wanted,
    /// What else changes, by criterion; `*` is every one that is not named.
    pub(crate) also: BTreeMap<String, Wanted>,
}

impl Twin {
    /// What a run must say of a criterion, given what it says of the app itself.
    pub(crate) fn wants(&self, criterion: &str, of_app: Option<Verdict>) -> Option<Wanted> {
        if self.asks.iter().any(|one| one == criterion) {
            return Some(self.verdict);
        }
        let said = self.also.get(criterion).or_else(|| self.also.get("*"));
        said.copied().or(of_app.map(Wanted::Verdict))
    }

    /// Whether it breaks the criterion.
    pub(crate) fn breaks(&self, criterion: &str) -> bool {
        self.verdict == Wanted::Verdict(Verdict::Broken)
            && self.asks.iter().any(|one| one == criterion)
    }
}

/// The folder of the fixtures.
pub(crate) fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/apps")
}

/// The text of the page.
fn text() -> String {
    fs::read_to_string(fixtures().join("twins/README.md")).unwrap_or_default()
}

/// All twins, in the order of the page; what is wrong with a row is an error that names it.
pub(crate) fn read() -> Result<Vec<Twin>, String> {
    let text = text();
    let mut twins = Vec::new();
    for row in rows(&text, "twin") {
        let [name, of, asks, verdict, also, _] = row[..] else {
            return Err(format!("a row of twins has {} cells: {row:?}", row.len()));
        };
        let name = name.trim_matches('`').to_owned();
        let wrong = |cell: &str| format!("`{cell}` of the twin {name} is not understood");
        twins.push(Twin {
            of: of.trim_matches('`').to_owned(),
            asks: ids(asks),
            verdict: wanted(verdict).ok_or_else(|| wrong(verdict))?,
            also: changes(also).ok_or_else(|| wrong(also))?,
            name,
        });
    }
    if twins.is_empty() {
        return Err("there are no twins in fixtures/apps/twins/README.md".to_owned());
    }
    Ok(twins)
}

/// The criteria that have no twin, for a reason that the page gives.
pub(crate) fn left_out() -> Vec<String> {
    rows(&text(), "criterion")
        .iter()
        .flat_map(|row| ids(row[0]))
        .collect()
}

/// The rows of every table whose first column is called so.
fn rows<'a>(text: &'a str, first: &str) -> Vec<Vec<&'a str>> {
    let mut rows = Vec::new();
    let mut inside = false;
    let mut lines = text.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        let Some(line) = line.strip_prefix('|') else {
            inside = false;
            continue;
        };
        let cells: Vec<&str> = line
            .trim_end_matches('|')
            .split('|')
            .map(str::trim)
            .collect();
        // The line under a table's head.
        if cells[0].starts_with("---") {
            continue;
        }
        if lines.peek().is_some_and(|next| next.starts_with("|---")) {
            inside = cells[0] == first;
        } else if inside {
            rows.push(cells);
        }
    }
    rows
}

fn wanted(word: &str) -> Option<Wanted> {
    Some(match word {
        "any" => Wanted::Any,
        "broken" => Wanted::Verdict(Verdict::Broken),
        "holds" => Wanted::Verdict(Verdict::Holds),
        "could-not-tell" => Wanted::Verdict(Verdict::CouldNotTell),
        "not-applicable" => Wanted::Verdict(Verdict::NotApplicable),
        _ => return None,
    })
}

/// `IV.1 broken; III.9 any; * could-not-tell`.
fn changes(cell: &str) -> Option<BTreeMap<String, Wanted>> {
    let mut all = BTreeMap::new();
    for part in cell
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let (criterion, word) = part.split_once(' ')?;
        let known = criterion == "*" || ids(criterion).len() == 1;
        all.insert(known.then(|| criterion.to_owned())?, wanted(word.trim())?);
    }
    Some(all)
}

/// The ids of criteria in a cell.
fn ids(cell: &str) -> Vec<String> {
    cell.split([' ', ','])
        .filter(|word| xii_model::Criterion::find(word).is_some_and(|one| one.id == *word))
        .map(str::to_owned)
        .collect()
}

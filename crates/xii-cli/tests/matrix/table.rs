//! The table of twins.

use std::fs;
use std::path::PathBuf;

/// A twin of the good app.
#[derive(Clone, Debug)]
pub(crate) struct Twin {
    /// Its name, which is also that of its folder below fixtures/apps/twins, when it has one.
    pub(crate) name: String,
    /// What it breaks.
    pub(crate) criteria: Vec<String>,
    /// What else has another verdict than on the good app, for the reason that the table gives.
    pub(crate) also: Vec<String>,
}

impl Twin {
    pub(crate) fn breaks(&self, criterion: &str) -> bool {
        self.criteria.iter().any(|one| one == criterion)
    }
}

/// The folder of the fixtures.
pub(crate) fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/apps")
}

fn text() -> String {
    fs::read_to_string(fixtures().join("twins/README.md")).unwrap_or_default()
}

/// The twins of the table `| twin | breaks | how | also changes |`.
pub(crate) fn read() -> Option<Vec<Twin>> {
    let text = text();
    let rows = rows(&text, "twin")?;
    let twins = rows.into_iter().map(|cells| Twin {
        name: cells[0].trim_matches('`').to_owned(),
        criteria: ids(cells.get(1).map_or("", |cell| cell)),
        also: ids(cells.get(3).map_or("", |cell| cell)),
    });
    Some(twins.collect())
}

/// The criteria of the table `| left out | why |`.
pub(crate) fn left_out() -> Vec<String> {
    let text = text();
    let rows = rows(&text, "left out").unwrap_or_default();
    rows.iter().flat_map(|cells| ids(cells[0])).collect()
}

/// The rows of the table whose first column is called so.
fn rows<'a>(text: &'a str, first: &str) -> Option<Vec<Vec<&'a str>>> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| {
        let cell = line.trim_matches('|').split('|').next().unwrap_or_default();
        line.starts_with('|') && cell.trim().eq_ignore_ascii_case(first)
    })?;
    let rows = lines
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect());
    Some(rows.collect())
}

/// The ids of criteria in a cell, whatever words stand around them.
fn ids(cell: &str) -> Vec<String> {
    cell.split(|one: char| !(one.is_ascii_alphanumeric() || one == '.'))
        .map(|word| word.trim_matches('.'))
        .filter(|word| xii_model::Criterion::find(word).is_some_and(|one| one.id == *word))
        .map(str::to_owned)
        .collect()
}

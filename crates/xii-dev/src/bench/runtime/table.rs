//! What was measured, as a table and as JSON.

use serde_json::{Map, Value, json};

/// What one manager came to in one measurement.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// For people.
    pub(super) text: String,
    /// The figures, by name.
    pub(super) figures: Value,
}

impl Cell {
    pub(super) fn new(text: impl Into<String>, figures: Value) -> Self {
        Cell {
            text: text.into(),
            figures,
        }
    }

    /// The program is not on this machine.
    pub(super) fn absent() -> Self {
        Cell::new("absent", Value::Null)
    }

    /// What could not be measured, and why.
    pub(super) fn failed(why: impl Into<String>) -> Self {
        let why = why.into();
        Cell {
            text: format!("failed: {why}"),
            figures: json!({ "failed": why }),
        }
    }
}

/// Measurements of the same programs: a program a line.
#[derive(Debug, Default)]
pub(super) struct Table {
    measurements: Vec<(&'static str, Vec<(String, Cell)>)>,
}

impl Table {
    /// Adds a measurement, with a cell for each program.
    pub(super) fn add(&mut self, title: &'static str, cells: Vec<(String, Cell)>) {
        self.measurements.push((title, cells));
    }

    /// The table in Markdown; empty when nothing was measured.
    pub(super) fn markdown(&self) -> String {
        let Some((_, first)) = self.measurements.first() else {
            return String::new();
        };
        let titles: Vec<_> = self.measurements.iter().map(|one| one.0).collect();
        let mut text = format!(
            "| | {} |\n|---|{}\n",
            titles.join(" | "),
            "---|".repeat(titles.len())
        );
        for (at, (name, _)) in first.iter().enumerate() {
            let cells = self
                .measurements
                .iter()
                .map(|(_, cells)| cells.get(at).map_or("", |(_, cell)| cell.text.as_str()));
            let cells: Vec<_> = cells.collect();
            // Nothing is known of it but that it is not there.
            let line = if cells.iter().all(|cell| *cell == "absent") {
                format!("absent{}", " |".repeat(cells.len() - 1))
            } else {
                cells.join(" | ")
            };
            text.push_str(&format!("| {name} | {line} |\n"));
        }
        text
    }

    /// The same as JSON: measurements by title, in them figures by program.
    pub(super) fn json(&self) -> Value {
        let all = self.measurements.iter().map(|(title, cells)| {
            let cells = cells.iter();
            let cells: Map<_, _> = cells
                .map(|(name, cell)| (name.clone(), cell.figures.clone()))
                .collect();
            ((*title).to_owned(), Value::Object(cells))
        });
        Value::Object(all.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_program_has_a_line_and_each_measurement_a_column() {
        let mut table = Table::default();
        let cells = |one: &str| {
            vec![
                ("a".to_owned(), Cell::new(one, json!(1))),
                ("b".to_owned(), Cell::absent()),
            ]
        };
        table.add("First", cells("1 ms"));
        table.add("Second", cells("2 MB"));
        let expected =
            "| | First | Second |\n|---|---|---|\n| a | 1 ms | 2 MB |\n| b | absent | |\n";
        assert_eq!(table.markdown(), expected);
        assert_eq!(table.json()["Second"], json!({ "a": 1, "b": null }));
    }
}

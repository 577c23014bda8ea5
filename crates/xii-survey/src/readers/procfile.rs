//! Procfile: one process type a line, in foreman's grammar.

use xii_model::grammar::procfile;
use xii_model::{Facts, ProcessType};

use super::reader::{Reader, file_name};
use crate::source::Source;

pub(super) static READER: Reader = Reader {
    name: "Procfile",
    recognises: |path| {
        let name = file_name(path);
        name == "procfile" || name.starts_with("procfile.")
    },
    read,
};

/// Every line that declares a process type; what only the runtime refuses (a name twice, a line that is
/// indented) is read as it is meant.
fn read(source: &Source<'_>, facts: &mut Facts) {
    let file = procfile(source.text);
    for fault in file.faults.iter().filter(|fault| fault.kind.loses_line()) {
        source.unread(
            facts,
            fault.offset,
            "this line is no `name: command`, so no process type was read from it",
        );
    }
    for entry in file.entries {
        let evidence = source.evidence(entry.span);
        let process = ProcessType {
            name: entry.name,
            command: source.redacted(&entry.command),
            at: evidence.clone(),
            source: "Procfile".to_owned(),
        };
        facts.push(source.fact_at(evidence, process));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::read_text;

    #[test]
    fn process_types_are_read_and_other_lines_are_told() {
        let facts = read_text(
            &READER,
            "Procfile",
            "# the app\nweb: gunicorn app:app\n\nworker:  celery -A app worker\nnonsense\n",
        );
        let types: Vec<_> = facts
            .process_types
            .iter()
            .map(|one| (one.name.as_str(), one.command.as_str(), one.at.start.line))
            .collect();
        assert_eq!(
            types,
            [
                ("web", "gunicorn app:app", 2),
                ("worker", "celery -A app worker", 4)
            ]
        );
        assert_eq!(facts.unread.len(), 1);
    }
}

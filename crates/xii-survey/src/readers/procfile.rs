//! Procfile: one process type a line, in foreman's grammar.

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

/// `name: command`, where a name is letters, digits, `_` and `-`; empty lines and lines that start
/// with `#` are passed over.
fn read(source: &Source<'_>, facts: &mut Facts) {
    let mut offset = 0;
    for line in source.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let named = text.split_once(':').filter(|(name, command)| {
            let valid = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            !name.is_empty() && name.chars().all(valid) && !command.trim().is_empty()
        });
        let Some((name, command)) = named else {
            source.unread(
                facts,
                start,
                "this line is no `name: command`, so no process type was read from it",
            );
            continue;
        };
        let lead = line.len() - line.trim_start().len();
        let evidence = source.evidence(start + lead..start + lead + text.len());
        let process = ProcessType {
            name: name.to_owned(),
            command: source.redacted(command.trim()),
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

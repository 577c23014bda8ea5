use xii_model::grammar::{Malformed, place, procfile, utf8};

use super::{Faulty, Kind, Process};

/// The process types of a Procfile; `path` is the name that it is shown by. A type called `release` is
/// run when somebody asks.
///
/// # Errors
/// Everything in the file that is outside the grammar of [`procfile`], each with its line and column.
pub fn of_procfile(path: &str, bytes: &[u8]) -> Result<Vec<Process>, Faulty> {
    let text = utf8(bytes).map_err(|error| Faulty(vec![error.told(path, bytes)]))?;
    let read = procfile(text);
    let faults = read
        .faults
        .into_iter()
        .map(|fault| Malformed::from(fault).told(path, bytes))
        .collect();
    let processes = read
        .entries
        .into_iter()
        .map(|entry| {
            let line = place(bytes, entry.span.start).line;
            let mut process = Process::new(entry.name, entry.command);
            process.origin = format!("{path}:{line}");
            if process.name == "release" {
                process.kind = Kind::Task;
            }
            process
        })
        .collect();
    Faulty::unless(faults, processes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_know_where_they_are_declared_and_release_waits() {
        let read = of_procfile("dev/Procfile", b"web: a\n\nrelease: b\n").expect("a Procfile");
        let told: Vec<_> = read
            .iter()
            .map(|one| (one.name.as_str(), one.origin.as_str(), &one.kind))
            .collect();
        assert_eq!(
            told,
            [
                ("web", "dev/Procfile:1", &Kind::Service),
                ("release", "dev/Procfile:3", &Kind::Task)
            ]
        );
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let error = of_procfile("Procfile", b"web\nworker:\n").expect_err("faults");
        assert_eq!(error.0.len(), 2, "{error}");
        let error = of_procfile("Procfile", b"web: \xff").expect_err("no text");
        assert_eq!(
            error.to_string(),
            "Procfile:1:6: this byte is not UTF-8: save the file as UTF-8"
        );
    }
}

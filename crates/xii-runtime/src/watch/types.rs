use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::formation::{Formation, Kind};

/// Which files a process type is restarted for.
#[derive(Debug)]
pub struct Watched {
    process: String,
    /// `None` for every file.
    globs: Option<GlobSet>,
}

/// A glob that cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("process type `{process}` watches `{glob}`, which is no glob: {reason}")]
pub struct BadGlob {
    process: String,
    glob: String,
    reason: String,
}

impl Watched {
    /// What the types of a formation watch: services only, since one-shots and schedules run when their
    /// time comes.
    ///
    /// # Errors
    ///
    /// A glob that cannot be understood.
    pub fn of(formation: &Formation) -> Result<Vec<Self>, BadGlob> {
        let services = formation.processes.iter();
        services
            .filter(|process| process.kind == Kind::Service && process.count > 0)
            .map(|process| {
                Ok(Watched {
                    process: process.name.clone(),
                    globs: set(&process.name, &process.watch)?,
                })
            })
            .collect()
    }

    pub(super) fn process(&self) -> &str {
        &self.process
    }

    /// Whether it is restarted when this file changes; the path is relative to the app's folder.
    pub(super) fn minds(&self, path: &Path) -> bool {
        self.globs.as_ref().is_none_or(|globs| globs.is_match(path))
    }
}

fn set(process: &str, globs: &[String]) -> Result<Option<GlobSet>, BadGlob> {
    if globs.is_empty() {
        return Ok(None);
    }
    let bad = |glob: &str, error: globset::Error| BadGlob {
        process: process.to_owned(),
        glob: glob.to_owned(),
        reason: error.kind().to_string(),
    };
    let mut set = GlobSetBuilder::new();
    for text in globs {
        // `*` stays within a folder, as in .gitignore.
        let glob = GlobBuilder::new(text).literal_separator(true).build();
        set.add(glob.map_err(|error| bad(text, error))?);
    }
    let built = set.build();
    built
        .map(Some)
        .map_err(|error| bad(&globs.join(", "), error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formation::Process;

    #[test]
    fn a_type_minds_what_its_globs_say_and_everything_without_them() {
        let mut web = Process::new("web", "true");
        web.watch = vec!["src/**/*.js".to_owned(), "*.json".to_owned()];
        let mut job = Process::new("job", "true");
        job.kind = Kind::Once;
        let formation = Formation {
            processes: vec![web, Process::new("worker", "true"), job],
        };
        let watched = Watched::of(&formation).expect("globs");
        let minds = |path: &str| -> Vec<&str> {
            let minding = watched.iter().filter(|one| one.minds(Path::new(path)));
            minding.map(Watched::process).collect()
        };
        assert_eq!(minds("src/a/b.js"), ["web", "worker"]);
        assert_eq!(minds("package.json"), ["web", "worker"]);
        assert_eq!(minds("data/package.json"), ["worker"]);
    }

    #[test]
    fn a_bad_glob_is_told() {
        let mut web = Process::new("web", "true");
        web.watch = vec!["src/[".to_owned()];
        let formation = Formation {
            processes: vec![web],
        };
        let error = Watched::of(&formation).expect_err("a bad glob");
        assert!(
            error
                .to_string()
                .starts_with("process type `web` watches `src/[`"),
            "{error}"
        );
    }
}

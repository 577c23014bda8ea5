//! A folder as what is to run in it.

use std::path::{Path, PathBuf};

use xii_model::grammar::{self, Variable};
use xii_runtime::environment::Environment;
use xii_runtime::formation::{Faulty, Formation, Kind, of_procfile};

use super::inferred::inferred;
use super::text_file;
use crate::error::Failure;
use crate::settings::{self, RunSettings};

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    /// The app's folder.
    pub(crate) folder: &'a Path,
    /// The Procfile that the user named, relative to where the user is.
    pub(crate) procfile: Option<&'a Path>,
    /// The files of variables that the user named; a later one is over an earlier one.
    pub(crate) env_files: &'a [PathBuf],
    /// Whether files of variables are read at all.
    pub(crate) variables: bool,
    /// The caller's environment.
    pub(crate) caller: Environment,
}

/// What is to run.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The process types.
    pub(crate) formation: Formation,
    /// The variables that all of them get.
    pub(crate) environment: Environment,
    /// `[run]` of xii.toml.
    pub(crate) run: RunSettings,
    /// What was inferred, a line each, when nothing was declared.
    pub(crate) told: Vec<String>,
}

/// Reads Procfile, xii.toml and `.env` of a folder, and infers a formation where none is declared.
///
/// # Errors
/// Everything that is wrong with any of the files, at once.
pub(crate) fn load(wanted: Wanted<'_>) -> Result<Loaded, Failure> {
    read(wanted, true)
}

/// The same without inferring anything: a formation that is not declared is empty.
pub(crate) fn load_declared(wanted: Wanted<'_>) -> Result<Loaded, Failure> {
    read(wanted, false)
}

fn read(wanted: Wanted<'_>, infer: bool) -> Result<Loaded, Failure> {
    let settings = settings::read(wanted.folder)?;
    let mut faults = Vec::new();
    let named = wanted.procfile.map(Path::to_owned).or_else(|| {
        settings
            .run
            .procfile
            .as_ref()
            .map(|path| wanted.folder.join(path))
    });
    let declared = procfile(wanted.folder, named).unwrap_or_else(|told| {
        faults.extend(told);
        Some(Vec::new())
    });
    let environment = environment(&wanted, &settings.run).unwrap_or_else(|told| {
        faults.extend(told);
        Environment::default()
    });
    let unnamed = settings
        .processes
        .iter()
        .all(|one| one.command.is_none() || one.kind == Some(Kind::Task));
    let mut told = Vec::new();
    let base = match declared {
        Some(processes) => processes,
        None if infer && unnamed && faults.is_empty() => {
            let found = inferred(wanted.folder)?;
            told = found.iter().map(ToString::to_string).collect();
            found.into_iter().map(|one| one.process).collect()
        }
        None => Vec::new(),
    };
    let formation = Formation::composed(base, settings.processes);
    let formation = formation.unwrap_or_else(|Faulty(told)| {
        faults.extend(told);
        Formation::default()
    });
    if faults.is_empty() {
        Ok(Loaded {
            formation,
            environment,
            run: settings.run,
            told,
        })
    } else {
        Err(Failure::usage(faults.join("\n")))
    }
}

type Told<T> = Result<T, Vec<String>>;

/// The types of the Procfile; `None` when there is none and nobody named one.
fn procfile(
    folder: &Path,
    named: Option<PathBuf>,
) -> Told<Option<Vec<xii_runtime::formation::Process>>> {
    let path = named.clone().unwrap_or_else(|| folder.join("Procfile"));
    let shown = shown(&path);
    let bytes = text_file::read(&path, &shown, named.is_some()).map_err(|told| vec![told])?;
    match bytes {
        None => Ok(None),
        Some(bytes) => of_procfile(&shown, &bytes)
            .map(Some)
            .map_err(|Faulty(told)| told),
    }
}

/// The caller's variables and those of the files over them.
fn environment(wanted: &Wanted<'_>, run: &RunSettings) -> Told<Environment> {
    let mut files: Vec<(PathBuf, bool)> = wanted
        .env_files
        .iter()
        .map(|path| (path.clone(), true))
        .collect();
    if files.is_empty() {
        files.push(match &run.env_file {
            Some(path) => (wanted.folder.join(path), true),
            None => (wanted.folder.join(".env"), false),
        });
    }
    if !wanted.variables {
        files.clear();
    }
    let mut environment = wanted.caller.clone();
    let mut faults = Vec::new();
    for (path, named) in files {
        let shown = shown(&path);
        match text_file::read(&path, &shown, named) {
            Err(told) => faults.push(told),
            Ok(None) => {}
            Ok(Some(bytes)) => match environment.clone().with_file(&shown, &bytes) {
                Ok(over) => environment = over,
                Err(Faulty(told)) => faults.extend(told),
            },
        }
    }
    if faults.is_empty() {
        Ok(environment)
    } else {
        Err(faults)
    }
}

/// Files of variables that the user named, each by itself: the name it is shown by, and what it says.
///
/// # Errors
/// Everything that is wrong with any of them, at once.
pub(crate) fn variables(files: &[PathBuf]) -> Result<Vec<(String, Vec<Variable>)>, Failure> {
    let mut read = Vec::new();
    let mut faults = Vec::new();
    for path in files {
        let shown = shown(path);
        let bytes = match text_file::read(path, &shown, true) {
            Ok(bytes) => bytes.unwrap_or_default(),
            Err(told) => {
                faults.push(told);
                continue;
            }
        };
        let text = grammar::utf8(&bytes).map_err(|error| vec![error]);
        match text.and_then(|text| grammar::variables(text, &|_| None)) {
            Ok(variables) => read.push((shown, variables)),
            Err(errors) => faults.extend(errors.iter().map(|error| error.told(&shown, &bytes))),
        }
    }
    if faults.is_empty() {
        Ok(read)
    } else {
        Err(Failure::usage(faults.join("\n")))
    }
}

/// A path as messages show it: as short as where the user is allows.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let short = path.strip_prefix(&here).or_else(|_| path.strip_prefix("."));
    short.unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;

    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("a file");
        }
        folder
    }

    fn loaded(folder: &Path, env_files: &[PathBuf]) -> Result<Loaded, String> {
        let wanted = Wanted {
            folder,
            procfile: None,
            env_files,
            variables: true,
            caller: Environment::default(),
        };
        let within = format!("{}/", folder.display());
        load(wanted).map_err(|failure| failure.message.replace(&within, ""))
    }

    #[test]
    fn a_folder_is_read_as_one() {
        let folder = folder(&[
            ("Procfile", "web: a\nworker: b\n"),
            (
                "xii.toml",
                "[processes.web]\ncount = 2\n[run]\nport = 7000\n",
            ),
            (".env", "A=1\n"),
        ]);
        let loaded = loaded(folder.path(), &[]).expect("no faults");
        let names: Vec<_> = loaded.formation.names().collect();
        assert_eq!(names, ["web", "worker"]);
        assert_eq!(loaded.formation.processes[0].count, 2);
        assert_eq!(loaded.environment.get("A"), Some(OsStr::new("1")));
        assert_eq!((loaded.run.port, loaded.told.len()), (Some(7000), 0));
    }

    #[test]
    fn the_faults_of_all_files_are_told_at_once() {
        let folder = folder(&[
            ("Procfile", "web\n"),
            (".env", "A=$B\n"),
            ("xii.toml", "[processes.api]\ncount = 1\n"),
        ]);
        let told = loaded(folder.path(), &[]).expect_err("faults");
        let starts: Vec<_> = told
            .lines()
            .map(|line| line.split(' ').next().unwrap_or_default())
            .collect();
        assert_eq!(starts, ["Procfile:1:1:", ".env:1:3:", "xii.toml:1:"]);
    }

    #[test]
    fn files_that_somebody_named_have_to_be_there() {
        let folder = folder(&[
            ("Procfile", "web: a\n"),
            ("a.env", "A=1\nB=2\n"),
            ("b.env", "A=3\n"),
        ]);
        let path = |name: &str| folder.path().join(name);
        let both = loaded(folder.path(), &[path("a.env"), path("b.env")]).expect("no faults");
        assert_eq!(both.environment.get("A"), Some(OsStr::new("3")));
        assert_eq!(both.environment.get("B"), Some(OsStr::new("2")));
        let told = loaded(folder.path(), &[path("none.env"), path("")]).expect_err("not there");
        assert!(
            told.starts_with("cannot read none.env: entity not found;"),
            "{told}"
        );
        assert_eq!(told.lines().count(), 2, "{told}");
    }
}

//! A small repository, surveyed and provided for.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use xii_model::App;
use xii_model::grammar::{Variable, variables};
use xii_probes::Settings;
use xii_probes::provision::{Given, Provided, Resource, Wanted, provide};

/// What servers start from, for all tests: it is kept from one run of the tests to the next.
const CACHE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/clusters");

/// A folder with an app in it, removed when the test ends.
pub(crate) struct Repository {
    folder: TempDir,
    scratch: TempDir,
    pub(crate) settings: Settings,
    pub(crate) files: Vec<(String, Vec<Variable>)>,
}

impl Repository {
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let full = folder.path().join(path);
            fs::create_dir_all(full.parent().expect("it has one")).expect("folders");
            fs::write(full, text).expect("a file");
        }
        Repository {
            folder,
            scratch: tempfile::tempdir().expect("a folder"),
            settings: Settings::default(),
            files: Vec::new(),
        }
    }

    /// With a file of `--env-file`.
    pub(crate) fn given(mut self, shown: &str, text: &str) -> Self {
        let read = variables(text, &|_| None).expect("a file of variables");
        self.files.push((shown.to_owned(), read));
        self
    }

    /// Where private servers make their folders.
    pub(crate) fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    fn app(&self) -> App {
        let survey = xii_survey::survey(self.folder.path(), &xii_survey::Options::default());
        let mut apps = survey.expect("it can be read").apps;
        assert_eq!(apps.len(), 1);
        apps.remove(0)
    }

    /// What it is given.
    pub(crate) async fn provided(&self) -> Provided {
        let path = std::env::var_os("PATH").unwrap_or_default();
        self.provided_with(&path).await
    }

    /// What it is given where programs are looked for in these folders.
    pub(crate) async fn provided_with(&self, path: &std::ffi::OsStr) -> Provided {
        let app = self.app();
        provide(Wanted {
            app: &app,
            settings: &self.settings,
            files: &self.files,
            scratch: self.scratch.path(),
            cache: Some(CACHE.as_ref()),
            folder: self.folder.path(),
            path,
            variables: &[],
            tell: &|_| {},
        })
        .await
    }
}

/// Runs a test's future as the probes do, on one thread.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

/// A variable that was given.
pub(crate) fn given<'p>(provided: &'p Provided, name: &str) -> &'p Given {
    let found = provided.given.iter().find(|one| one.name == name);
    found.unwrap_or_else(|| panic!("{name} was not given: {provided:?}"))
}

/// A resource, by a variable.
pub(crate) fn resource<'p>(provided: &'p Provided, name: &str) -> &'p Resource {
    let mut all = provided.resources.iter();
    let found = all.find(|one| one.variables.iter().any(|variable| variable == name));
    found.unwrap_or_else(|| panic!("nothing stands behind {name}: {provided:?}"))
}

/// Whether a server's program is here; if not, says that the test cannot run.
pub(crate) fn has(test: &str, program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let beside = ["/usr/sbin".into(), "/usr/local/bin".into()];
    let postgres = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"));
    let found = std::env::split_paths(&path)
        .chain(beside)
        .chain(postgres)
        .any(|folder| folder.join(program).is_file());
    if !found {
        skipped(test, &format!("{program} is not installed"));
    }
    found
}

/// Says that a test cannot run here, to who counts tests and to who reads along.
fn skipped(test: &str, why: &str) {
    use std::io::Write;
    eprintln!("skipped: {test}: {why}");
    if let Some(list) = std::env::var_os("XII_SKIPPED") {
        let file = fs::OpenOptions::new().append(true).open(list);
        let mut file = file.expect("the list of skipped tests");
        writeln!(file, "{test}: {why}").expect("it can be written");
    }
}

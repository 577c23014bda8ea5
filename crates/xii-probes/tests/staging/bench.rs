//! An app's folder, and staging it.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use xii_model::App;
use xii_probes::staging::{
    BuildPlan, CannotStage, Planned, Progress, Staged, Wanted, infer, stage,
};

/// A folder with an app in it, and one that scratch folders are made in.
pub(crate) struct Bench {
    app: TempDir,
    temporary: TempDir,
    /// Variables of the caller that are other than the test's own.
    pub(crate) caller: Vec<(OsString, OsString)>,
    /// What was told, a line each.
    pub(crate) told: RefCell<Vec<String>>,
}

impl Bench {
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let bench = Bench {
            app: tempfile::tempdir().expect("a folder"),
            temporary: tempfile::tempdir().expect("a folder"),
            caller: Vec::new(),
            told: RefCell::default(),
        };
        for (path, text) in files {
            bench.write(path, text);
        }
        bench
    }

    pub(crate) fn path(&self) -> &Path {
        self.app.path()
    }

    pub(crate) fn temporary(&self) -> &Path {
        self.temporary.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let full = self.path().join(path);
        fs::create_dir_all(full.parent().expect("a file has a folder")).expect("folders");
        fs::write(full, text).expect("a file");
    }

    /// Makes it a git work tree with everything in it tracked.
    pub(crate) fn track(&self) {
        for words in [&["init", "--quiet"][..], &["add", "--all", "--force"]] {
            git(self.path(), words);
        }
    }

    /// What the survey makes of it.
    pub(crate) fn app(&self) -> App {
        let survey = xii_survey::survey(self.path(), &xii_survey::Options::default());
        let mut apps = survey.expect("it can be surveyed").apps;
        assert_eq!(apps.len(), 1, "one app");
        apps.remove(0)
    }

    pub(crate) fn plan(&self) -> BuildPlan {
        infer(&self.app(), self.path())
    }

    /// Stages it by its manifests.
    pub(crate) fn stage(&self) -> Result<Staged, CannotStage> {
        self.stage_with(self.plan(), |_| {})
    }

    /// Stages it with these commands and no others.
    pub(crate) fn stage_by(&self, lines: &[&str]) -> Result<Staged, CannotStage> {
        self.stage_with(plan_of(lines), |_| {})
    }

    pub(crate) fn stage_with(
        &self,
        plan: BuildPlan,
        change: impl FnOnce(&mut Wanted<'_>),
    ) -> Result<Staged, CannotStage> {
        let mut caller: Vec<(OsString, OsString)> = std::env::vars_os()
            .filter(|(name, _)| name != "TMPDIR" && !self.caller.iter().any(|(own, _)| own == name))
            .collect();
        caller.extend(self.caller.iter().cloned());
        caller.push(("TMPDIR".into(), self.temporary().into()));
        let tell = |progress: Progress<'_>| {
            let line = match progress {
                Progress::Copied(copied) => format!("copied {}", copied.files),
                Progress::Started(line) => format!("started {line}"),
                Progress::Output(line) => format!("output {line}"),
                Progress::Ended(built) => format!("ended {}: {}", built.line, built.ended),
            };
            self.told.borrow_mut().push(line);
        };
        let mut wanted = Wanted {
            source: self.path(),
            root: ".",
            in_place: false,
            plan,
            within: Duration::from_secs(300),
            keep: false,
            caller,
            variables: Vec::new(),
            prefix: &|_| Vec::new(),
            tell: &tell,
        };
        change(&mut wanted);
        run(stage(wanted))
    }

    /// What is in the folder for temporary files now.
    pub(crate) fn scratches(&self) -> Vec<PathBuf> {
        let list = fs::read_dir(self.temporary()).expect("it is there");
        list.map(|entry| entry.expect("an entry").path()).collect()
    }
}

pub(crate) fn plan_of(lines: &[&str]) -> BuildPlan {
    let steps = lines.iter().map(|line| Planned {
        line: (*line).to_owned(),
        origin: "a test".to_owned(),
        folder: ".".to_owned(),
        ..Planned::default()
    });
    BuildPlan {
        steps: steps.collect(),
        ..BuildPlan::default()
    }
}

pub(crate) fn run<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(what)
}

pub(crate) fn git(folder: &Path, words: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@localhost"])
        .args(["-c", "protocol.file.allow=always"])
        .args(words)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("git runs");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "git {words:?}: {said}");
}

/// Runs a program in the staged app as a run of it would be, and says whether it ended well and what it printed.
pub(crate) fn within(staged: &Staged, folder: &Path, line: &str) -> (bool, String) {
    let done = Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env_clear()
        .envs(staged.variables_in(folder))
        .output()
        .expect("sh runs");
    let mut said = String::from_utf8_lossy(&done.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&done.stderr));
    (done.status.success(), said)
}

/// Says that a test cannot run here, to who counts tests and to who reads along.
pub(crate) fn skipped(test: &str, why: &str) {
    eprintln!("skipped: {test}: {why}");
    if let Some(list) = std::env::var_os("XII_SKIPPED") {
        let file = fs::OpenOptions::new().append(true).open(list);
        let mut file = file.expect("the list of skipped tests");
        writeln!(file, "{test}: {why}").expect("it can be written");
    }
}

/// Why a test that needs the command to work is skipped; none when it works.
pub(crate) fn cannot(command: &str) -> Option<String> {
    let done = Command::new("sh").args(["-c", command]).output();
    let works = done.is_ok_and(|done| done.status.success());
    (!works).then(|| format!("`{command}` does not work here"))
}

//! A folder to audit, and the real binary to audit it with.
#![allow(dead_code, unreachable_pub)] // Each test program uses its own part of it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Says that a test cannot run here, to who counts tests and to who reads along.
pub fn skipped(test: &str, why: &str) {
    eprintln!("skipped: {test}: {why}");
    if let Some(list) = std::env::var_os("XII_SKIPPED") {
        let file = fs::OpenOptions::new().append(true).open(list);
        let mut file = file.expect("the list of skipped tests");
        writeln!(file, "{test}: {why}").expect("it can be written");
    }
}

/// A folder that is removed when the test ends.
pub struct Folder {
    scratch: TempDir,
}

impl Folder {
    /// An empty folder.
    pub fn empty() -> Self {
        Folder {
            scratch: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// An empty folder in memory where the system has one: for tests that make very many files, which
    /// a disk takes a minute for.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        let scratch = if memory.is_dir() {
            tempfile::tempdir_in(memory)
        } else {
            tempfile::tempdir()
        };
        Folder {
            scratch: scratch.expect("a temporary folder"),
        }
    }

    /// A folder with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let folder = Folder::empty();
        for (path, text) in files {
            folder.write(path, text.as_bytes());
        }
        folder
    }

    /// Its path; short and the same in every run for what is printed relative to it.
    pub fn path(&self) -> &Path {
        self.scratch.path()
    }

    /// A path inside it.
    pub fn join(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// Writes a file, and the folders around it.
    pub fn write(&self, path: &str, bytes: &[u8]) {
        let full = self.join(path);
        fs::create_dir_all(full.parent().expect("a file has a folder"))
            .expect("folders can be made");
        fs::write(full, bytes).expect("a file can be written");
    }

    /// Makes it a git work tree with everything committed.
    pub fn commit(&self) {
        for words in [
            &["init", "--quiet", "--initial-branch=main"][..],
            &["add", "--all"],
            &["commit", "--quiet", "--message=all"],
        ] {
            let status = Command::new("git")
                .args(words)
                .current_dir(self.path())
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .env("GIT_CONFIG_SYSTEM", "/dev/null")
                .envs([
                    ("GIT_AUTHOR_NAME", "a"),
                    ("GIT_AUTHOR_EMAIL", "a@localhost"),
                ])
                .envs([
                    ("GIT_COMMITTER_NAME", "a"),
                    ("GIT_COMMITTER_EMAIL", "a@localhost"),
                ])
                .status()
                .expect("git runs");
            assert!(status.success());
        }
    }

    /// Runs `xii` in it.
    pub fn xii(&self, words: &[&str]) -> Run {
        Run::of(xii().args(words).current_dir(self.path()))
    }
}

/// The binary under test, with no colour asked for and nothing of the caller's choices.
pub fn xii() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xii"));
    command.env_remove("NO_COLOR").env("TERM", "xterm");
    command
}

/// What a run printed and how it ended.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Run {
    /// Runs a command to its end.
    pub fn of(command: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().expect("xii runs");
        Run {
            code: status.code(),
            out: String::from_utf8(stdout).expect("the output is UTF-8"),
            err: String::from_utf8(stderr).expect("the errors are UTF-8"),
        }
    }

    /// The report of `--format json`.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The rules of the findings, with their places.
    pub fn findings(&self) -> Vec<String> {
        let report = self.json();
        let list = report["findings"].as_array().expect("a list").iter();
        list.map(|one| {
            format!(
                "{}:{} {}",
                one["path"].as_str().unwrap_or_default(),
                one["line"],
                one["rule"].as_str().unwrap_or_default()
            )
        })
        .collect()
    }
}

//! The good app and its twins, as repositories of their own, built once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::proof::Proof;
use crate::table::{Twin, fixtures};
use crate::workbench::skipped;

/// What the apps need to run.
const NEEDED: [&str; 1] = ["redis-server"];

/// Set to `whole`, every twin is asked for every criterion: half an hour on two cores.
const WHOLE: &str = "XII_MATRIX";
/// How a twin that says it itself builds the program.
const OWN_BUILD: &str = "\"cargo build --release --locked\"";

/// The good app, built when somebody first asks.
pub(crate) struct Apps {
    binary: OnceLock<Result<PathBuf, String>>,
}

impl Apps {
    pub(crate) fn new() -> Self {
        Apps {
            binary: OnceLock::new(),
        }
    }

    /// Whether a test cannot run here; says so.
    pub(crate) fn cannot(&self, test: &str) -> bool {
        let has = |program: &str| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
        };
        match NEEDED.iter().find(|program| !has(program)) {
            Some(program) => {
                skipped(test, &format!("there is no {program}"));
                true
            }
            None => false,
        }
    }

    /// The app's program, built beside this workspace's own.
    fn binary(&self) -> Result<&Path, String> {
        let built = self.binary.get_or_init(|| {
            let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("good");
            let done = Command::new(env!("CARGO"))
                .args(["build", "--release", "--locked", "--quiet"])
                .current_dir(fixtures().join("good"))
                .env("CARGO_TARGET_DIR", &target)
                .stdout(Stdio::null())
                .output()
                .map_err(|error| format!("cargo cannot be run: {error}"))?;
            if !done.status.success() {
                return Err(String::from_utf8_lossy(&done.stderr).into_owned());
            }
            Ok(target.join("release/good"))
        });
        built.as_deref().map_err(Clone::clone)
    }

    /// Proves the good app with every probe, or a twin of it; a twin only for what it is about, unless the
    /// whole matrix was asked for.
    pub(crate) fn prove(&self, twin: Option<&Twin>) -> Result<Proof, String> {
        let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
        let folder = scratch.path().join("app");
        let told = |error: std::io::Error| error.to_string();
        copy(&fixtures().join("good"), &folder).map_err(told)?;
        if let Some(twin) = twin {
            let overlay = fixtures().join("twins").join(&twin.name);
            if !overlay.is_dir() {
                return Err(format!("{} is not there", overlay.display()));
            }
            copy(&overlay, &folder).map_err(told)?;
        }
        if let Some(twin) = twin {
            self.take_built(&folder, twin)?;
        }
        repository(&folder).map_err(told)?;
        let done = Command::new(env!("CARGO_BIN_EXE_xii"))
            .args(["prove", "--format", "json"])
            .args(asked(twin))
            .arg(&folder)
            .env_remove("XII_PROCESS")
            .stdin(Stdio::null())
            .output()
            .map_err(told)?;
        let text = String::from_utf8_lossy(&done.stdout);
        Proof::read(&text)
            .map_err(|why| format!("{why}; it said: {}", String::from_utf8_lossy(&done.stderr)))
    }

    /// Has the staged copy take the program that was built already, where it would build it itself; but
    /// not of a twin that is about the build.
    fn take_built(&self, folder: &Path, twin: &Twin) -> Result<(), String> {
        let overlay = fixtures().join("twins").join(&twin.name);
        if ["Cargo.toml", "Cargo.lock", "src"]
            .iter()
            .any(|name| overlay.join(name).exists())
        {
            return Ok(());
        }
        let path = folder.join("xii.toml");
        let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let binary = self.binary()?.display().to_string();
        let take = format!("\"mkdir -p target/release\", \"cp {binary} target/release/good\"");
        let text = if text.contains(OWN_BUILD) {
            text.replacen(OWN_BUILD, &take, 1)
        } else {
            text.replacen("[prove]\n", &format!("[prove]\nbuild = [{take}]\n"), 1)
        };
        fs::write(&path, text).map_err(|error| error.to_string())
    }
}

/// The flags for the criteria that a twin is asked for.
fn asked(twin: Option<&Twin>) -> Vec<String> {
    let whole = std::env::var_os(WHOLE).is_some_and(|value| value == "whole");
    let asks = twin.filter(|_| !whole).map(|twin| twin.asks.as_slice());
    let flags = asks.unwrap_or_default().iter();
    flags.map(|id| format!("--criterion={id}")).collect()
}

/// Copies a folder's files over another's, but for what a build leaves.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if ["target", ".git", "node_modules"]
            .iter()
            .any(|one| name == *one)
        {
            continue;
        }
        let to = to.join(&name);
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}

/// Makes a repository of a folder, with one commit.
fn repository(folder: &Path) -> std::io::Result<()> {
    for words in [
        &["init", "--quiet"][..],
        &["add", "--force", "."],
        &["commit", "--quiet", "--message", "everything"],
    ] {
        let done = Command::new("git")
            .args(["-c", "user.name=test", "-c", "user.email=test@localhost"])
            .args(words)
            .current_dir(folder)
            .output()?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            return Err(std::io::Error::other(said));
        }
    }
    Ok(())
}

//! Running programs from the project's root.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What came of a chore; the error is a sentence.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The project's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The cargo that runs this.
pub(crate) fn cargo_program() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// Runs cargo in the project's root.
pub(crate) fn cargo(words: &[&str]) -> Outcome {
    cargo_with(words, &[])
}

/// The same with variables set.
pub(crate) fn cargo_with(words: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let mut command = Command::new(cargo_program());
    command
        .args(words)
        .current_dir(root())
        .envs(variables.iter().copied());
    let status = command
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`cargo {}` failed", words.join(" ")))
    }
}

/// The standard output of a program that succeeds.
pub(crate) fn output(program: &str, words: &[&str]) -> Outcome<String> {
    let done = Command::new(program)
        .args(words)
        .current_dir(root())
        .output()
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    if !done.status.success() {
        return Err(format!(
            "`{program} {}` failed: {}",
            words.join(" "),
            String::from_utf8_lossy(&done.stderr).trim()
        ));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Reads a file below the project's root.
pub(crate) fn read(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Whether a program can be found.
pub(crate) fn has(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    })
}

/// Every tracked or new file of the project that git does not ignore, below the root.
pub(crate) fn files() -> Outcome<Vec<String>> {
    let listed = output(
        "git",
        &["ls-files", "--cached", "--others", "--exclude-standard"],
    )?;
    let mut files: Vec<String> = listed
        .lines()
        .map(str::to_owned)
        .filter(|path| root().join(path).is_file())
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}

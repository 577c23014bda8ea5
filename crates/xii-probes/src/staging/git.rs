//! Asking git without running anything that the repository or the machine sets up.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// `git` in a folder, with no settings but the repository's own, and of those none that runs a program.
pub(super) fn git(folder: &Path, path: &OsStr) -> Command {
    let mut git = Command::new("git");
    git.args(["-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null"])
        // It only reads; whose the repository is does not matter.
        .args(["-c", "safe.directory=*", "-c", "core.untrackedCache=false"])
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        .env("HOME", "/nonexistent")
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0");
    git
}

/// Writes the folder as the commit before the current one has it, and says which commit that is; none when
/// there is no earlier one that has the folder. What git keeps of files outside of it is left.
///
/// # Errors
/// Why it could not be written, in one sentence.
pub(super) fn before(folder: &Path, path: &OsStr, to: &Path) -> Result<Option<String>, String> {
    let ask = |words: &[&str]| -> Option<String> {
        let done = git(folder, path)
            .args(words)
            .stdin(Stdio::null())
            .output()
            .ok()?;
        let said = String::from_utf8_lossy(&done.stdout).trim().to_owned();
        done.status.success().then_some(said)
    };
    // The commit that changed this folder last is the current release; its parent the one before.
    let Some(last) = ask(&["log", "-1", "--format=%H", "--", "."]).filter(|last| !last.is_empty())
    else {
        return Ok(None);
    };
    let earlier = format!("{last}~1");
    let Some(commit) = ask(&[
        "rev-parse",
        "--verify",
        "--quiet",
        &format!("{earlier}^{{commit}}"),
    ]) else {
        return Ok(None);
    };
    let prefix = ask(&["rev-parse", "--show-prefix"]).unwrap_or_default();
    if ask(&["cat-file", "-e", &format!("{commit}:{prefix}")]).is_none() {
        return Ok(None);
    }
    let mut archive = git(folder, path)
        .args(["archive", "--format=tar", &commit])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("git cannot be run: {error}"))?;
    let Some(tar) = archive.stdout.take() else {
        return Err("git gives no archive".to_owned());
    };
    let done = Command::new("tar")
        .args(["--extract", "--file=-", "--no-same-owner", "--directory"])
        .arg(to)
        .env_clear()
        .env("PATH", path)
        .stdin(tar)
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("tar cannot be run: {error}"));
    let archived = archive.wait().is_ok_and(|status| status.success());
    match done {
        Ok(status) if status.success() && archived => Ok(Some(commit.chars().take(10).collect())),
        Ok(_) => Err(format!(
            "the commit {} cannot be written out",
            &commit[..commit.len().min(10)]
        )),
        Err(why) => Err(why),
    }
}

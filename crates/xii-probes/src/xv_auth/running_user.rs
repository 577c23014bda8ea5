//! Starts the app as a user without privilege and looks whether it serves.
//!
//! Where xii itself runs as root, web is started as user 65534 (`nobody`), in a copy of the app that belongs to that
//! user and with a HOME and a TMPDIR that it may write to, so that nothing but a want of privilege can be in its
//! way. An app that ends and says that it wants root, or that the system refused it an operation of root's, breaks
//! the criterion; one that fails for another reason is not judged. Where xii is not root, the app is not either: the
//! user of every process of it is read from the system.
//!
//! Which user the image or the manifest of a deploy starts it as is what the code shows, and not seen here. So where
//! an image leaves the app to root, that it could do without is told and does not stand against what the code shows.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, Gid, Uid, chownat};
use xii_model::{Instruction, Severity};

use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "running-user",
    criteria: &["XV.5"],
    phase: Phase::Start,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

/// `nobody`.
const NOBODY: u32 = 65534;
/// The most files whose owner is changed.
const MOST_FILES: usize = 500_000;

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        if !rustix::process::geteuid().is_root() {
            let run = stage.healthy().await?;
            return judge_users(stage, &run);
        }
        let healthy = stage.healthy().await?;
        let programs = healthy.processes();
        let programs = programs
            .iter()
            .filter_map(|one| fs::read_link(format!("/proc/{}/exe", one.pid)).ok());
        if let Some((program, closed)) = programs
            .filter_map(|one| Some((one.clone(), closed(&one)?)))
            .next()
        {
            return Err(CouldNotTell(format!(
                "it cannot be run as another user here: {} is closed to others, and {} lies below it",
                closed.display(),
                program.display()
            )));
        }
        let folder = stage.another_folder()?;
        let home = tempfile::Builder::new()
            .prefix("home-")
            .tempdir_in(&stage.staged()?.temporary)
            .map_err(|error| CouldNotTell(format!("no HOME can be made: {error}")))?;
        for path in [folder.as_path(), home.path()] {
            let mut left = MOST_FILES;
            give(path, &mut left).map_err(|error| {
                CouldNotTell(format!(
                    "the app's copy cannot be given to user {NOBODY}: {error}"
                ))
            })?;
        }
        stage.note(format!(
            "starting it as user {NOBODY}, in a copy that belongs to that user"
        ));
        let setup = Setup::web()
            .in_folder(&folder)
            .with("HOME", home.path().display().to_string())
            .as_user(NOBODY);
        let run = stage.start(setup).await?;
        match stage.ready(&run).await {
            Ok(_) => judge_users(stage, &run)?,
            Err(why) => {
                let lines = run.record.last_words(40);
                match lines.iter().find(|line| wants_privilege(line)) {
                    Some(line) => stage.broken(
                        "XV.5",
                        format!("it does not serve as user {NOBODY}; it said `{}`", short(line)),
                    ),
                    None => stage.could_not_tell(
                        "XV.5",
                        format!("it does not serve as user {NOBODY}, and not surely for want of privilege: {why}"),
                    ),
                }
            }
        }
        run.kill().await;
        Ok(())
    })
}

/// The folder on the way to a program that another user may not go through; none where all are open.
fn closed(program: &Path) -> Option<PathBuf> {
    let mut folders: Vec<&Path> = program.ancestors().skip(1).collect();
    folders.reverse();
    let shut = |folder: &&Path| {
        fs::metadata(folder).is_ok_and(|about| about.mode() & 0o001 == 0 && about.uid() != NOBODY)
    };
    folders.into_iter().find(shut).map(Path::to_owned)
}

/// What the users of its processes show.
fn judge_users(stage: &mut Stage, run: &Run) -> Result<(), CouldNotTell> {
    let processes = run.processes();
    let users: Vec<u32> = processes
        .iter()
        .filter_map(|one| user_of(&fs::read_to_string(format!("/proc/{}/status", one.pid)).ok()?))
        .collect();
    stage.note_of(
        run,
        format!("{} processes, of the users {users:?}", users.len()),
    );
    match users.iter().max() {
        None => Err(CouldNotTell::because(
            "the users of its processes cannot be read",
        )),
        Some(_) if users.contains(&0) => {
            let reason = "it serves with a process that has made itself root";
            stage.broken("XV.5", reason);
            Ok(())
        }
        Some(user) if image_of_root(stage) => Err(CouldNotTell(format!(
            "it serves as user {user} as well, but its image names no user other than root"
        ))),
        Some(user) => {
            stage.holds(
                "XV.5",
                format!("it serves as user {user}, without privilege"),
            );
            Ok(())
        }
    }
}

/// Whether an image of the app names no user, or root.
fn image_of_root(stage: &Stage) -> bool {
    let images = stage.app().facts.images.iter();
    images
        .filter(|image| image.scope.is_deployed())
        .any(|image| {
            let user =
                image
                    .effective_steps()
                    .into_iter()
                    .rev()
                    .find_map(|step| match &step.does {
                        Instruction::User { name } => name.split(':').next().map(str::to_owned),
                        _ => None,
                    });
            user.is_none_or(|user| user == "root" || user == "0")
        })
}

/// The effective user, of `/proc/PID/status` (proc_pid_status(5)).
fn user_of(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Whether an app says here that it wants root.
fn wants_privilege(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let names_root = ["root", "superuser", "sudo", "privilege"]
        .iter()
        .any(|word| {
            line.split(|char: char| !char.is_alphanumeric())
                .any(|part| part.trim_end_matches('s') == *word)
        });
    let wants = [
        "must",
        "need",
        "require",
        "only",
        "run as",
        "use sudo",
        "not permitted",
    ]
    .iter()
    .any(|word| line.contains(word));
    // What only root may do: setuid(2), chown(2), setgroups(2). A file that cannot be read says EACCES.
    names_root && wants || line.contains("eperm") || line.contains("operation not permitted")
}

/// The beginning of a line.
fn short(line: &str) -> String {
    line.chars().take(160).collect()
}

/// Gives a folder and what is in it to the user, but for files that other copies share.
fn give(path: &Path, left: &mut usize) -> std::io::Result<()> {
    let meta = fs::symlink_metadata(path)?;
    if *left == 0 {
        return Err(std::io::Error::other("it holds too many files"));
    }
    *left -= 1;
    if meta.is_dir() || meta.nlink() == 1 {
        chownat(
            CWD,
            path,
            Some(Uid::from_raw(NOBODY)),
            Some(Gid::from_raw(NOBODY)),
            AtFlags::SYMLINK_NOFOLLOW,
        )?;
    }
    if meta.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), left)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effective_user_is_read() {
        assert_eq!(
            user_of("Name:\tweb\nUid:\t1000\t33\t33\t33\nGid:\t0\t0\t0\t0\n"),
            Some(33)
        );
        assert_eq!(user_of("Name:\tUid\n"), None);
    }

    #[test]
    fn a_want_of_privilege_is_told_from_other_trouble() {
        for line in [
            "this program must be run as root",
            "Error: setgroups: Operation not permitted",
            "nginx: requires superuser privileges",
            "Error: EPERM: operation not permitted, chown '/srv'",
        ] {
            assert!(wants_privilege(line), "{line}");
        }
        for line in [
            "Error: EACCES: permission denied, open '/srv/root/data.db'",
            "module 'root' cannot be found",
            "sqlite3.OperationalError: unable to open database file",
            "listening at the root path /",
        ] {
            assert!(!wants_privilege(line), "{line}");
        }
    }
}

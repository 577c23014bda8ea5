//! A server's process: its start, its log, its end.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;

use super::ground::User;

/// How long a server may take to answer after its start.
const START: Duration = Duration::from_secs(30);
/// How long it may take to go after it was asked to.
const STOP: Duration = Duration::from_secs(5);
/// How often it is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(10);
/// Bytes of its log that are told.
const TAIL: u64 = 600;

/// What to start.
pub(super) struct Recipe {
    pub(super) program: PathBuf,
    pub(super) words: Vec<OsString>,
    /// All variables that it gets.
    pub(super) variables: Vec<(OsString, OsString)>,
    /// The folder that it runs in.
    pub(super) folder: PathBuf,
    pub(super) user: Option<User>,
    /// What asks it to go.
    pub(super) stop: Signal,
    /// Whether its whole group is asked, and not it alone.
    pub(super) group: bool,
}

/// A running server. Dropped, it is stopped, and its folder removed.
pub(super) struct Process {
    child: Child,
    stop: Signal,
    group: bool,
    asked: bool,
    log: PathBuf,
    /// Removed after the process has ended.
    _folder: Option<TempDir>,
}

impl Process {
    /// Starts it as the leader of a group of its own. What it prints goes to `log` in its folder.
    pub(super) fn start(recipe: Recipe, folder: TempDir) -> io::Result<Self> {
        let log = folder.path().join("log");
        let file = OpenOptions::new().create(true).append(true).open(&log)?;
        let mut command = Command::new(&recipe.program);
        command
            .args(&recipe.words)
            .env_clear()
            .envs(recipe.variables)
            .current_dir(&recipe.folder)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0);
        if let Some(user) = recipe.user {
            command.uid(user.id).gid(user.group);
        }
        Ok(Process {
            child: command.spawn()?,
            stop: recipe.stop,
            group: recipe.group,
            asked: false,
            log,
            _folder: Some(folder),
        })
    }

    /// Waits until `ready` says something, or says why it never will.
    pub(super) async fn ready<T>(
        &mut self,
        mut ready: impl AsyncFnMut() -> Option<T>,
    ) -> Result<T, String> {
        let end = Instant::now() + START;
        loop {
            let asked = tokio::time::timeout(Duration::from_secs(2), ready()).await;
            if let Ok(Some(told)) = asked {
                return Ok(told);
            }
            if self.has_ended() {
                return Err(format!("it ended at once{}", self.last_words()));
            }
            if Instant::now() > end {
                let seconds = START.as_secs();
                return Err(format!(
                    "it did not answer within {seconds} s{}",
                    self.last_words()
                ));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Whether it has ended, whoever waited for it.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// The end of its log, as a part of a sentence.
    fn last_words(&self) -> String {
        let words = tail(&self.log).unwrap_or_default();
        match words.is_empty() {
            true => String::new(),
            false => format!(": {words}"),
        }
    }

    /// Asks it to go, and does not wait.
    pub(super) fn ask_to_stop(&mut self) {
        if !self.asked
            && !self.has_ended()
            && let Some(pid) = self.pid()
        {
            let _ = match self.group {
                true => kill_process_group(pid, self.stop),
                false => kill_process(pid, self.stop),
            };
        }
        self.asked = true;
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(self.child.id().cast_signed())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.ask_to_stop();
        let end = Instant::now() + STOP;
        while !self.has_ended() {
            if Instant::now() > end {
                let _ = self.child.kill();
                let _ = self.child.wait();
                break;
            }
            std::thread::sleep(LOOK / 2);
        }
        // What it left in its group, such as the workers of a stand.
        let Some(group) = self.pid() else {
            return;
        };
        while Instant::now() < end + STOP && lives(group) {
            let _ = kill_process_group(group, Signal::KILL);
            std::thread::sleep(LOOK / 2);
        }
    }
}

/// Whether a group has a member that has not ended; one that only waits to be reaped has.
fn lives(group: Pid) -> bool {
    rustix::process::test_kill_process_group(group).is_ok()
        && xii_runtime::platform::list()
            .iter()
            .any(|one| one.group == group.as_raw_pid() && !one.zombie)
}

/// The last lines of a file as one line.
fn tail(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    // What a program prints is its own affair, and what we print is ours.
    for secret in xii_model::secret_spans(&text).into_iter().rev() {
        text.replace_range(secret, "***");
    }
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let from = lines.len().saturating_sub(3);
    Ok(lines.get(from..).unwrap_or_default().join("; "))
}

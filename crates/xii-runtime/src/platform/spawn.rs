//! Starting a process as the leader of a group of its own.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rustix::process::Pid;

use super::guard::is_over;
use super::{limits, mask};

/// What to start.
#[derive(Debug)]
pub struct Spawn {
    /// The program and its arguments.
    pub words: Vec<OsString>,
    /// The folder that it runs in.
    pub folder: PathBuf,
    /// All variables that it gets.
    pub environment: Vec<(OsString, OsString)>,
}

/// A process that was started.
#[derive(Debug)]
pub struct Spawned {
    /// Its id, which is its group's too.
    pub pid: Pid,
    /// The end of the pipe that its standard output comes out of.
    pub stdout: OwnedFd,
    /// The same of its standard error.
    pub stderr: OwnedFd,
}

/// Starts a process: it leads its own group, reads nothing, writes to two pipes, and is killed when the
/// calling *thread* ends (`prctl(2)`, PR_SET_PDEATHSIG), which should therefore live as long as the run.
///
/// The caller waits for it: nothing here does.
///
/// # Errors
///
/// When the program cannot be run, or the system gives no process or pipe.
pub fn spawn(what: &Spawn) -> io::Result<Spawned> {
    let (program, arguments) = what
        .words
        .split_first()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(&what.folder)
        .env_clear()
        .envs(what.environment.iter().map(|(name, value)| (name, value)))
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    before_exec(&mut command);
    if is_over() {
        return Err(io::Error::other("everything is being ended"));
    }
    let child = command.spawn()?;
    let pid = Pid::from_raw(child.id().cast_signed()).ok_or(io::ErrorKind::Other)?;
    match (child.stdout, child.stderr) {
        (Some(stdout), Some(stderr)) => Ok(Spawned {
            pid,
            stdout: stdout.into(),
            stderr: stderr.into(),
        }),
        _ => Err(io::ErrorKind::BrokenPipe.into()),
    }
}

/// What the new process does before it becomes the program.
pub(super) fn before_exec(command: &mut Command) {
    let parent = rustix::process::getpid();
    let files = limits::callers();
    let prepare = move || {
        die_with(parent)?;
        // A signal that is held back here is not meant to be held back there.
        mask::give_back()?;
        if let Some(files) = files {
            // The supervisor may have raised its own limit.
            rustix::process::setrlimit(rustix::process::Resource::Nofile, files)?;
        }
        Ok(())
    };
    // SAFETY: between fork and exec it makes system calls and touches no memory but its own.
    unsafe { command.pre_exec(prepare) };
}

/// Asks for SIGKILL when the parent dies; fails if it is dead already.
#[cfg(target_os = "linux")]
fn die_with(parent: Pid) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    if rustix::process::getppid() == Some(parent) {
        Ok(())
    } else {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with(_: Pid) -> io::Result<()> {
    Ok(())
}

//! Starting a process as the leader of a group of its own.

#[cfg(target_os = "linux")]
use std::ffi::OsStr;
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::Pid;

use super::guard::is_over;
#[cfg(target_os = "linux")]
use super::{find, path_of, quick};
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
    if is_over() {
        return Err(io::Error::other("everything is being ended"));
    }
    start(what)
}

#[cfg(target_os = "linux")]
fn start(what: &Spawn) -> io::Result<Spawned> {
    let name = what.words.first().ok_or(io::ErrorKind::InvalidInput)?;
    let program = name
        .to_str()
        .and_then(|name| find(name, path_of(&what.environment), &what.folder))
        .ok_or(io::ErrorKind::NotFound)?;
    match quick::spawn(what, program.as_os_str()) {
        // A script that does not name its interpreter.
        Err(error) if error.raw_os_error() == Some(libc::ENOEXEC) => {
            let by_shell = Spawn {
                words: quick::by_shell(&what.words, program.as_os_str()),
                folder: what.folder.clone(),
                environment: what.environment.clone(),
            };
            quick::spawn(&by_shell, OsStr::new("/bin/sh"))
        }
        done => done,
    }
}

#[cfg(not(target_os = "linux"))]
fn start(what: &Spawn) -> io::Result<Spawned> {
    use std::process::Stdio;

    let mut command = command(what)?;
    command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
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

/// The command that starts it, whose streams and group are still to be said.
pub(super) fn command(what: &Spawn) -> io::Result<Command> {
    let (program, arguments) = what
        .words
        .split_first()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(&what.folder)
        .env_clear()
        .envs(what.environment.iter().map(|(name, value)| (name, value)));
    before_exec(&mut command);
    Ok(command)
}

/// What the new process does before it becomes the program.
fn before_exec(command: &mut Command) {
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use rustix::process::{WaitOptions, getpgid, waitpid};

    use super::*;

    fn start(words: &[&str], folder: &Path) -> io::Result<Spawned> {
        spawn(&Spawn {
            words: words.iter().map(OsString::from).collect(),
            folder: folder.to_owned(),
            environment: vec![
                ("PATH".into(), "/usr/bin:/bin".into()),
                ("A".into(), "b c".into()),
            ],
        })
    }

    /// What it wrote to both streams, and its exit code.
    fn ran(words: &[&str], folder: &Path) -> (String, String, Option<i32>) {
        let started = start(words, folder).expect("it starts");
        let text = |pipe: OwnedFd| {
            let mut text = String::new();
            let mut file = fs::File::from(pipe);
            file.read_to_string(&mut text).expect("text");
            text
        };
        let (out, err) = (text(started.stdout), text(started.stderr));
        let ended = waitpid(Some(started.pid), WaitOptions::empty()).expect("our child");
        let code = ended.and_then(|(_, status)| status.exit_status());
        (out, err, code)
    }

    #[test]
    fn a_process_has_its_folder_its_variables_and_two_pipes() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().canonicalize().expect("its real path");
        let script = "pwd; env; echo e >&2; exit 3";
        let (out, err, code) = ran(&["sh", "-c", script], &folder);
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines[0], folder.to_str().expect("text"));
        assert!(lines.contains(&"A=b c"), "{out}");
        assert!(!out.contains("CARGO"), "{out}");
        assert_eq!((err.as_str(), code), ("e\n", Some(3)));
    }

    #[test]
    fn a_process_leads_its_own_group() {
        let started = start(&["sleep", "1000"], Path::new("/")).expect("it starts");
        let group = getpgid(Some(started.pid));
        rustix::process::kill_process(started.pid, rustix::process::Signal::KILL).expect("it runs");
        waitpid(Some(started.pid), WaitOptions::empty()).expect("our child");
        assert_eq!(group.ok(), Some(started.pid));
    }

    #[test]
    fn a_script_without_an_interpreter_is_for_the_shell() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = folder.path().join("script");
        fs::write(&script, "echo $1 $0\n").expect("a file");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&script, mode).expect("it may be run");
        let (out, _, code) = ran(&["./script", "hello"], folder.path());
        assert!(out.starts_with("hello "), "{out}");
        assert_eq!(code, Some(0));
    }

    #[test]
    fn what_cannot_be_started_is_told_and_leaves_nothing() {
        let error = start(&["no-such-program"], Path::new("/")).expect_err("no program");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let error = start(&["sleep", "1"], Path::new("/no/such/folder")).expect_err("no folder");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn signals_are_let_through_as_to_any_program() {
        // A pipe that nobody reads ends a program silently, as a shell expects.
        let (_, _, code) = ran(
            &[
                "sh",
                "-c",
                "yes | head -1 >/dev/null; kill -s PIPE $$; exit 7",
            ],
            Path::new("/"),
        );
        assert_eq!(code, None);
    }
}

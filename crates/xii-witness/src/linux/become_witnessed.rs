//! The other side: a process puts the filter on itself and becomes the program.

use std::convert::Infallible;
use std::env;
use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use rustix::process::{getppid, parent_process_death_signal, set_parent_process_death_signal};

use super::handover::{self, Tree};
use super::{filter, kernel};
use crate::Options;

/// Becomes this program, watched from its first instruction: it may gain no privileges from now on
/// (`PR_SET_NO_NEW_PRIVS`), gets the filter, hands the listener to the witness at this socket, waits until it
/// was taken, and is then replaced by `words`. The process stays the same: its id, group, folder, variables,
/// streams, and the signal that it gets when its parent dies.
///
/// Call it from a program with no other threads: only the calling one is watched and lives on.
///
/// Returns only on failure: the kind is `NotFound` or the system's own when the program could not be run,
/// `Other` when the witness could not be had.
pub fn become_witnessed(
    socket: &Path,
    label: &str,
    options: &Options,
    words: &[OsString],
) -> io::Error {
    let done = || -> io::Result<Infallible> {
        let program = Program::find(words)?;
        watch(socket, label, options)?;
        Err(program.run())
    };
    match done() {
        Err(error) => error,
        Ok(never) => match never {},
    }
}

/// Puts the filter on, and hands the listener over.
fn watch(socket: &Path, label: &str, options: &Options) -> io::Result<()> {
    // Before any other user is taken: the socket is private.
    let connection = handover::connection(socket).map_err(failed("cannot reach the recorder"))?;
    if let Some(user) = options.user {
        become_user(user)?;
    }
    rustix::thread::set_no_new_privs(true)
        .map_err(|error| failed("cannot give up new privileges")(error.into()))?;
    let program = filter::program(options.reads);
    let message = handover::message(&Tree {
        label: label.to_owned(),
        reads: options.reads,
    });
    // The message itself is a call that would wait to be told, to nobody yet: so it is sent by a thread that
    // was there before, and has no filter.
    let (give, given) = mpsc::channel::<OwnedFd>();
    let courier = thread::Builder::new()
        .stack_size(64 << 10)
        .spawn(move || -> io::Result<()> {
            let Ok(listener) = given.recv() else {
                return Ok(());
            };
            handover::send(connection.as_fd(), &message, listener.as_fd())?;
            handover::wait_for_answer(connection.as_fd())
        })
        .map_err(failed("cannot start a thread"))?;
    let listener = kernel::install(&program).map_err(|error| {
        if error.raw_os_error() == Some(libc::EBUSY) {
            io::Error::other("this process is recorded already, and the kernel allows one recorder")
        } else {
            failed("cannot install the filter")(error)
        }
    })?;
    let _ = give.send(listener);
    match courier.join() {
        Ok(sent) => sent.map_err(failed("cannot hand over to the recorder")),
        Err(_) => Err(io::Error::other("cannot hand over to the recorder")),
    }
}

fn failed(what: &'static str) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::other(format!("{what}: {error}"))
}

/// Becomes another user, and still dies with its parent: the kernel forgets that with the user.
fn become_user(user: u32) -> io::Result<()> {
    let dies_by = parent_process_death_signal().ok().flatten();
    let parent = getppid();
    kernel::become_user(user).map_err(failed("cannot become the user"))?;
    if let Some(signal) = dies_by {
        set_parent_process_death_signal(Some(signal))?;
        if getppid() != parent {
            return Err(io::Error::other("the parent is gone"));
        }
    }
    Ok(())
}

/// A program that was found, with its arguments.
struct Program {
    path: CString,
    words: Vec<CString>,
}

impl Program {
    /// Looks for it as a shell does, before it is watched: what is tried in vain is no deed of the app.
    fn find(words: &[OsString]) -> io::Result<Self> {
        let name = words
            .first()
            .filter(|name| !name.is_empty())
            .ok_or(io::ErrorKind::InvalidInput)?;
        let path = match name.as_bytes().contains(&b'/') {
            true => PathBuf::from(name),
            false => on_path(name).ok_or(io::ErrorKind::NotFound)?,
        };
        let words = words
            .iter()
            .map(|word| text(word))
            .collect::<Result<_, _>>()?;
        Ok(Program {
            path: text(path.as_os_str())?,
            words,
        })
    }

    /// Becomes it; returns why not.
    fn run(self) -> io::Error {
        let error = kernel::execute(&self.path, &self.words);
        if error.raw_os_error() != Some(libc::ENOEXEC) {
            return error;
        }
        // A script that does not name its interpreter is for the shell (`execvp(3)`).
        let mut words = vec![c"sh".to_owned(), self.path];
        words.extend(self.words.into_iter().skip(1));
        kernel::execute(c"/bin/sh", &words)
    }
}

fn text(word: &OsStr) -> io::Result<CString> {
    Ok(CString::new(word.as_bytes())?)
}

fn on_path(name: &OsStr) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| {
            file.is_file() && rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
        })
}

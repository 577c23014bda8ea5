//! Writing to the terminal, to pipes and to files.

use std::fs;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;

use clap::ValueEnum;

use crate::error::Failure;

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Whether to colour what goes to standard output.
    pub(crate) fn for_stdout(self) -> bool {
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => io::stdout().is_terminal() && environment_allows(),
        }
    }

    /// Whether to colour what goes to standard error.
    pub(crate) fn for_stderr(self) -> bool {
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => io::stderr().is_terminal() && environment_allows(),
        }
    }
}

/// Whether the terminal can be coloured, and its user wants it.
fn environment_allows() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Columns of the terminal on standard output, or 100 where there is none.
pub(crate) fn width() -> usize {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok();
    size.map(|size| usize::from(size.ws_col))
        .filter(|columns| *columns >= 40)
        .unwrap_or(100)
        .min(140)
}

/// Writes to standard output. A reader that closed the pipe has had enough, which is no error.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::unfinished(format!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Writes an error, or a remark, to standard error.
pub(crate) fn complain(message: &str) {
    let mut out = io::stderr().lock();
    for line in message.lines() {
        let _ = writeln!(out, "xii: {line}");
    }
}

/// Writes a text to standard error as it is.
pub(crate) fn show(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes a file whole or not at all: beside it first, then renamed.
pub(crate) fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    let cannot =
        |error: io::Error| Failure::unfinished(format!("cannot write {}: {error}", path.display()));
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new()
        .prefix(".xii-")
        .tempfile_in(folder)
        .map_err(cannot)?;
    beside.write_all(text.as_bytes()).map_err(cannot)?;
    match fs::metadata(path) {
        Ok(metadata) => beside
            .as_file()
            .set_permissions(metadata.permissions())
            .map_err(cannot)?,
        #[cfg(unix)]
        Err(_) => {
            use std::os::unix::fs::PermissionsExt;
            beside
                .as_file()
                .set_permissions(fs::Permissions::from_mode(0o644))
                .map_err(cannot)?;
        }
        #[cfg(not(unix))]
        Err(_) => {}
    }
    beside.persist(path).map_err(|error| cannot(error.error))?;
    Ok(())
}

//! How an instance is to be started.

use std::net::SocketAddr;
use std::path::PathBuf;

/// How an instance is to be started: as a platform would, but for what is said here.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// The process type; none: the one that answers HTTP.
    pub(super) process: Option<String>,
    pub(super) number: Option<u32>,
    pub(super) set: Vec<(String, String)>,
    pub(super) unset: Vec<String>,
    pub(super) port: Option<u16>,
    pub(super) folder: Option<PathBuf>,
    pub(super) apart: bool,
    pub(super) targets: Vec<(String, SocketAddr)>,
    pub(super) user: Option<u32>,
    pub(super) reads: bool,
    pub(super) command: Option<String>,
}

impl Setup {
    /// The process type that answers HTTP.
    pub fn web() -> Self {
        Setup::default()
    }

    /// A process type by its name.
    pub fn of(process: &str) -> Self {
        Setup {
            process: Some(process.to_owned()),
            ..Setup::default()
        }
    }

    /// The how manieth instance it is called; 1 unless said.
    pub fn number(mut self, number: u32) -> Self {
        self.number = Some(number);
        self
    }

    /// With this value of a variable.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set.push((name.to_owned(), value.into()));
        self
    }

    /// Without this variable.
    pub fn without(mut self, name: &str) -> Self {
        self.unset.push(name.to_owned());
        self
    }

    /// With this port in `PORT`, instead of a free one.
    pub fn on_port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// In this folder, instead of the probe's own copy of the app.
    pub fn in_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// In a copy of the app that no other instance has, as long as it runs.
    pub fn apart(mut self) -> Self {
        self.apart = true;
        self
    }

    /// With something else behind a resource's interposer from the start.
    pub fn with_resource_at(mut self, name: &str, target: SocketAddr) -> Self {
        self.targets.push((name.to_owned(), target));
        self
    }

    /// As another user; needs the witness, and root.
    pub fn as_user(mut self, user: u32) -> Self {
        self.user = Some(user);
        self
    }

    /// The witness also tells which files are read.
    pub fn telling_reads(mut self) -> Self {
        self.reads = true;
        self
    }

    /// With another command line in place of the process type's own.
    pub fn running(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }
}

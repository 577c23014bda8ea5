//! Systems that have no witness.

use std::convert::Infallible;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::{Options, Seen, Unavailable};

/// Records what processes do to the system; there is none here.
#[derive(Debug)]
pub struct Witness {
    never: Infallible,
}

impl Witness {
    /// # Errors
    ///
    /// Always: this system has nothing of the kind.
    pub fn start(_tell: impl FnMut(Seen) + Send + 'static) -> Result<Witness, Unavailable> {
        Err(Unavailable::System)
    }

    /// The words to put before a command line.
    pub fn prefix(&self, _label: &str, _options: &Options) -> Vec<OsString> {
        match self.never {}
    }

    /// How many deeds were not told.
    pub fn lost(&self) -> u64 {
        match self.never {}
    }

    /// How many deeds of the trees with this label were not told.
    pub fn lost_of(&self, _label: &str) -> u64 {
        match self.never {}
    }

    /// Waits until no watched process lives.
    pub fn wait(&self, _within: Option<Duration>) -> bool {
        match self.never {}
    }
}

/// Becomes a program that is watched; fails.
pub fn become_witnessed(_: &Path, _: &str, _: &Options, _: &[OsString]) -> io::Error {
    io::Error::other(Unavailable::System.to_string())
}

//! What the witness tells, and what it is asked to look at.

use jiff::Timestamp;
use xii_model::Act;

/// Something that a watched process did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When it asked the system for it.
    pub at: Timestamp,
    /// The label that its tree was started with.
    pub label: String,
    /// What it did.
    pub act: Act,
}

/// How a tree is watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Files that are opened only to be read are told too. It costs much more: every program reads.
    pub reads: bool,
    /// The user and group id that the process takes before it becomes the program, with no other groups;
    /// needs privilege.
    pub user: Option<u32>,
}

//! The commands, one a file.

pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod up;
pub(crate) mod logs;

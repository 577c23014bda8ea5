//! The commands, one a file.

pub(crate) mod bench;
pub(crate) mod chaos;
pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod logs;
pub(crate) mod prove;
pub(crate) mod ps;
pub(crate) mod restart;
pub(crate) mod run;
pub(crate) mod scale;
pub(crate) mod stop;
pub(crate) mod up;
pub(crate) mod witness;
pub(crate) mod witnessed;

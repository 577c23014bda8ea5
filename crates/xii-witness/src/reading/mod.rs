//! Reading what a process passed to the kernel. Pure: any bytes in, no panic.

mod address;
mod path;
mod signal;

#[cfg_attr(not(target_os = "linux"), allow(unused_imports))]
pub(crate) use address::{Name, read_name};
#[cfg_attr(not(target_os = "linux"), allow(unused_imports))]
pub(crate) use path::resolve;
#[cfg_attr(not(target_os = "linux"), allow(unused_imports))]
pub(crate) use signal::name as signal_name;

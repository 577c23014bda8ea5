//! What `xii up` is made of.

mod attend;
mod front;
mod note;
mod plan;
mod session;
mod sinks;

pub(crate) use session::run;

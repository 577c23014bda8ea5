//! What SIGTERM does to an app: who serves, who is told, and what is left when the process that was started
//! has ended.

mod disposition;
mod ending;
mod servers;
mod stopping;

pub(crate) use disposition::{Disposition, disposition};
pub(crate) use ending::{Ending, seconds, terminate};
pub(crate) use servers::{Named, named, servers};
pub(crate) use stopping::{Flown, Halved, Seen, holds};

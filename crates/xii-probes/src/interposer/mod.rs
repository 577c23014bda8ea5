//! What stands between an app and a resource: it relays, counts, and interferes when told to.

mod connection;
mod door;
mod handle;
mod line;
mod relay;
mod tally;
mod teller;
mod watched;
mod way;

pub use handle::Interposer;
pub use tally::Counts;
pub use watched::Watched;

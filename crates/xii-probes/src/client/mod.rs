//! Talking to an app over HTTP as a prober must: seeing how an answer fails, not only that it does.

mod answer;
mod connection;
mod cookies;
mod flood;
mod half;
mod miss;
mod request;
mod sending;
mod session;
mod wire;

pub use answer::{Answer, LONGEST_BODY};
pub use connection::Connection;
pub use cookies::Cookies;
pub use flood::{Amount, Tally, flood};
pub use half::Half;
pub use miss::{Knock, Miss};
pub use request::Request;
pub use session::Client;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod tiny;

//! Clients of backing services, and what keeps an app up when one fails.

mod aws;
mod broken;
mod clients;
mod resilience;
mod rows;

pub(super) use clients::read as clients;
pub(super) use resilience::read as resilience;

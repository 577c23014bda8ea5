//! Which requests need which resource, and where an app tells of its health.

mod dead;
mod find;
mod health;

pub use dead::dead_address;
pub use find::{Needing, Reach, reach};
pub use health::{health_routes, is_guessed, is_health, readiness_route};

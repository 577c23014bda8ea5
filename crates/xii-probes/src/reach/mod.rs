//! Which requests need which resource, and where an app tells of its health.

mod find;
mod health;

pub use find::{Needing, Reach, reach};
pub use health::{health_routes, is_health, readiness_route};

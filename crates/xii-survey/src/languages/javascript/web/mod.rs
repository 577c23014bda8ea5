//! Routes, health, contracts, errors and telemetry.

mod contracts;
mod decorated;
mod errors;
mod health;
mod mounts;
mod routes;
mod telemetry;
mod versions;

pub(super) use contracts::read as contracts;
pub(super) use decorated::read as decorated;
pub(super) use errors::read as errors;
pub(super) use health::read as health;
pub(super) use mounts::exported as mounts;
pub(super) use routes::read as routes;
pub(super) use telemetry::read as telemetry;
pub(super) use versions::read as versions;

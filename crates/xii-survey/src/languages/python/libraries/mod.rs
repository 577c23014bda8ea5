//! What is known of libraries, in tables: a row is a canonical path and what it means.

pub(super) mod auth;
pub(super) mod client_rows;
pub(super) mod clients;
mod contracts;
pub(super) mod files;
mod health;
pub(super) mod jobs;
mod log_leaks;
pub(super) mod logging;
pub(super) mod migrations;
pub(super) mod processes;
pub(super) mod resilience;
pub(super) mod routes;
pub(super) mod servers;
pub(super) mod signals;
pub(super) mod state;
pub(super) mod telemetry;

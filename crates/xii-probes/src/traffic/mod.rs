//! Requests that several probes send: those that are known to be answered, those that can be made to last, and
//! those that leave something behind.

mod created;
mod flight;
mod lever;
mod tour;

pub(crate) use created::{Created, created, id, place};
pub(crate) use flight::take_off;
pub(crate) use lever::Lever;
pub(crate) use tour::{SCENARIO, Visit, serve, tour, warm};

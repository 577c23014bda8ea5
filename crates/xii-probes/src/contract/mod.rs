//! The API that an app says it has (OpenAPI, Swagger), and whether its answers fit.

mod check;
mod document;
mod find;
mod operation;
mod problem;
mod read;
mod sample;
mod schema;
mod yaml;

pub use check::Fault;
pub use find::{PATHS, find};
pub use operation::{Alternative, Body, Operation, Parameter, Place, Response, Scheme};
pub use problem::ErrorShape;
pub use read::Contract;

#[cfg(test)]
mod tests;

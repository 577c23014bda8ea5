//! Routes and the routers they hang on: whole paths are known once all files are read.

mod compose;
mod kinds;
mod prefixes;

pub(crate) use compose::{compose, names_application};
pub(crate) use kinds::{Mount, Part, Pending, Prefix, Router, Routing, Says, Standing, What};

//! Command lines: what they run, which server they start, and which of them start the app.

mod lexer;
mod line;
pub(crate) mod schema;
mod server;
mod server_programs;
pub(crate) mod server_starts;
pub(crate) mod start;
pub(crate) mod start_lines;
mod words;
mod wrappers;

pub(crate) use line::{Command, main, parse};
pub(crate) use server::Part;

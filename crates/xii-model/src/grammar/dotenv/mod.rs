//! `.env` files: one grammar, read as it is written for an audit and with its values for a process.

mod expand;
mod quoted;
mod reader;
mod variables;

pub use reader::{DotEnv, DotEnvEntry, dotenv};
pub use variables::{Variable, variables};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod values;

//! `.env` files.

mod quoted;
mod reader;

pub use reader::{DotEnv, DotEnvEntry, dotenv};

#[cfg(test)]
mod tests;

//! Loads against servers whose behaviour is known: every count must be exact.

mod losses;
mod pace;
mod server;
mod whole;

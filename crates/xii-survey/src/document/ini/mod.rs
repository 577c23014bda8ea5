//! INI files.

mod entry;
mod reader;

pub use entry::{Ini, IniEntry, IniSection};
pub use reader::ini;

#[cfg(test)]
mod tests;

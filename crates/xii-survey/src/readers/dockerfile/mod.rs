//! Dockerfiles: images in stages, and what they say of the process that runs.

mod instructions;
mod reader;
mod repair;
mod runs;
mod stages;
mod words;

#[cfg(test)]
mod tests;

pub(super) use reader::READER;

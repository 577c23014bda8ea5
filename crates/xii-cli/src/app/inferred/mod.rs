//! A formation for an app that declares none, from what the survey found. Nothing of the app is run.

mod code;
mod image;
mod infer;
mod scripts;

pub(crate) use infer::{Inferred, inferred, of_app};

#[cfg(test)]
mod tests;

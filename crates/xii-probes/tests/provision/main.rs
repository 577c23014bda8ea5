//! The environment that apps of several styles are given, with real servers behind it.

mod apps;
mod repository;
mod resources;

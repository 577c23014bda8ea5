//! The stream as people read it.

mod clock;
mod colour;
mod json;
mod paint;
mod renderer;
mod text;
mod words;

pub use renderer::{Renderer, Settings};

//! The log stream, with real processes and pipes.

mod floods;
mod kept;
mod lines;
mod order;
mod render;
mod terminal;

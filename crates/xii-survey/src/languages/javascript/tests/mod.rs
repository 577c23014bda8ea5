//! What is seen in JavaScript and TypeScript, and what is not.

mod config;
mod literals;
mod lowering;
mod resources;
mod seeing;
mod servers;
mod streams;
mod surroundings;
mod web;

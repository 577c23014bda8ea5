//! The xii command.

fn main() {}

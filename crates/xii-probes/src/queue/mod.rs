//! Giving an app's workers jobs, and watching what becomes of them.

mod hand;
mod marks;
mod shop;

pub use hand::Hand;
pub use marks::{ids, line_shape, state};
pub use shop::{Job, Shop};

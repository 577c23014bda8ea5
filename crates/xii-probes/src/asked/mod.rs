//! Which variables an app's own code asks for while it runs, in languages that let us see.

mod known;
mod observe;

pub use known::is_known;
pub use observe::{Observer, observer};

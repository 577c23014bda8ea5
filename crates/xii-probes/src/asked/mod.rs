//! Which variables an app's own code asks for while it runs, in languages that let us see.

mod known;
mod named;
mod observe;

pub use known::is_known;
pub use named::names;
pub use observe::{Observer, observer};

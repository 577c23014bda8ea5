//! One-off tasks: a command in the environment and folder of the processes, in the user's hands.

mod ended;
mod name;
mod one_off;
mod recorder;
mod relay;
mod terminal;

pub use ended::Ended;
pub use name::{NoName, TaskName};
pub use one_off::{TaskError, Work, run};
pub use terminal::has_terminal;

//! What is asked of an app, in order, and what came of it.

mod ask;
mod compare;
mod evaluate;
mod files;
mod found;
pub mod hurl;
mod leaves;
mod mask;
mod nonsense;
mod plan;
mod play;
mod study;
mod template;
mod value;

pub use compare::{Difference, Learned, compare, fallen, learn};
pub use found::{found, settled};
pub use nonsense::{Nonsense, learn_nonsense};
pub use plan::{
    Ask, Assert, Content, Expected, Filter, Kind, Operand, Options, Part, Pattern, Payload, Query,
    Scenario, Selection, Step, Test,
};
pub use play::{Outcome, Played, play, play_on};
pub use study::study;
pub use template::{Hole, Template, Variables};
pub use value::Value;
pub(crate) use value::cut as shortened;

#[cfg(test)]
mod tests;

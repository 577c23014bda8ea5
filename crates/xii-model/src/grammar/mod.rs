//! Grammars that both the audit and the runtime read: Procfile, `.env`, spans of time. Pure: text in,
//! values out.
//!
//! What holds for all of them: offsets are bytes of the text that was passed in, a byte order mark
//! included; input is taken to be hostile, so everything is bounded; no message quotes a value, which
//! may be a secret.

mod bounds;
mod dotenv;
mod duration;
mod lines;
mod malformed;
mod place;
mod procfile;

pub use bounds::{MAX_ERRORS, MAX_VALUES, split_byte_order_mark};
pub use dotenv::{DotEnv, DotEnvEntry, Variable, dotenv, variables};
pub use duration::{NoDuration, duration, shown_duration};
pub use lines::{comment_in, line_at, trimmed};
pub use malformed::Malformed;
pub use place::{place, utf8};
pub use procfile::{
    Procfile, ProcfileEntry, ProcfileFault, ProcfileFaultKind, is_process_name, procfile,
};

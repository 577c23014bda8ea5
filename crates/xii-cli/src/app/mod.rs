//! What `up` and `run` make of a folder: its formation, its environment, its tasks.

mod inferred;
mod load;
mod secrets;
mod tasks;
mod text_file;

pub(crate) use inferred::{Inferred, of_app};
pub(crate) use load::{Loaded, Wanted, load, load_declared, variables};
pub(crate) use secrets::secrets;
pub(crate) use tasks::{declared as tasks_declared, found as tasks_found};

//! What `up` and `run` make of a folder: its formation, its environment, its tasks.

mod inferred;
mod load;
mod text_file;

pub(crate) use inferred::{Inferred, inferred, of_app};
pub(crate) use load::{Wanted, load};

//! Joins what a run showed with what the code said, criterion by criterion.

mod claim;
mod joined;
mod settle;

pub use joined::join;

//! Settings of frameworks: names that Django, Flask and Celery read.

mod apps;
mod databases;
mod entries;
mod flags;
mod resources;
mod sessions;

pub(super) use entries::read;

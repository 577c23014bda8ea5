//! Config: variables read and checked, settings classes, branches on the environment's name.

pub(super) mod branches;
pub(super) mod checks;
pub(super) mod environment;
pub(super) mod exports;
pub(super) mod reads;
pub(super) mod settings;
pub(super) mod wrappers;

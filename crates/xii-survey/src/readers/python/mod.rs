//! Files of pip, Poetry, uv, PDM, Hatch, Pipenv, setuptools and conda.

pub(super) mod conda;
mod literal_list;
pub(super) mod locks;
pub(super) mod pipfile;
pub(super) mod pipfile_lock;
mod poetry;
pub(super) mod pyproject;
mod requirement;
pub(super) mod requirements;
pub(super) mod setup_cfg;
pub(super) mod setup_py;
mod tool_tables;

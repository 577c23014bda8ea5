//! Files of pip, Poetry, uv, PDM, Hatch, Pipenv, setuptools and conda.

mod poetry;
pub(super) mod pyproject;
mod requirement;
pub(super) mod requirements;
mod tool_tables;

//! Manifests of platforms that run apps: Heroku, Render, Fly.

pub(super) mod app_json;
mod declared;
pub(super) mod fly;
pub(super) mod heroku_yml;
pub(super) mod render;

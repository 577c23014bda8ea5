//! Files of npm, yarn, pnpm and bun.

pub(super) mod bun_lock;
mod lock;
pub(super) mod npmrc;
pub(super) mod package_json;
pub(super) mod package_lock;
pub(super) mod pnpm_lock;
pub(super) mod pnpm_workspace;
pub(super) mod tsconfig;
pub(super) mod yarn_lock;

//! Web servers and process managers in front of or around the app.

mod caddy;
mod haproxy;
mod nginx;
mod setting;
mod supervisor;
mod uwsgi;

#[cfg(test)]
mod tests;

pub(super) use caddy::READER as CADDY;
pub(super) use haproxy::READER as HAPROXY;
pub(super) use nginx::READER as NGINX;
pub(super) use setting::tell;
pub(super) use supervisor::READER as SUPERVISOR;
pub(super) use uwsgi::READER as UWSGI;

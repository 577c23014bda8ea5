//! The catalogue, a file a factor.

mod catalogue;
mod i_codebase;
mod ii_dependencies;
mod iii_config;
mod iv_backing_services;
mod ix_disposability;
mod v_build_release_run;
mod vi_processes;
mod vii_port_binding;
mod viii_concurrency;
mod x_dev_prod_parity;
mod xi_logs;
mod xii_admin_processes;
mod xiii_api_first;
mod xiv_telemetry;
mod xv_auth;

pub(crate) use catalogue::all;

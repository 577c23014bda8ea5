//! The router, as `up` sets it up.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;
use xii_model::{Event, Request, Source, What};
use xii_runtime::log::PumpHandle;
use xii_runtime::ports::check_free;
use xii_runtime::router::{Observer, Router, RouterHandle, Settings, Tls};

use super::plan::Plan;
use crate::commands::up::Arguments;
use crate::error::Failure;

/// Starts the router, if there is to be one.
///
/// # Errors
/// A taken port, with who has it; a network, certificate or key that cannot be used.
pub(super) fn start(
    plan: &Plan,
    arguments: &Arguments,
    pump: PumpHandle,
) -> Result<Option<RouterHandle>, Failure> {
    if !plan.routed {
        return Ok(None);
    }
    check_free(plan.base_port).map_err(Failure::usage)?;
    let chosen = &plan.settings.router;
    let mut settings = Settings::new(plan.base_port);
    settings.listen = SocketAddr::from((arguments.host, plan.base_port));
    if chosen.access_log.unwrap_or(true) {
        settings.observer = Some(Arc::new(Access { pump }));
    }
    for (own, said) in [
        (&mut settings.connect_timeout, chosen.connect_timeout),
        (&mut settings.first_byte_timeout, chosen.first_byte_timeout),
        (&mut settings.idle_timeout, chosen.idle_timeout),
    ] {
        *own = said.unwrap_or(*own);
    }
    settings.tls = chosen.tls.as_ref().map(|(certificate, key)| Tls {
        certificate: plan.path(certificate),
        key: plan.path(key),
    });
    let mut faults = Vec::new();
    for text in &chosen.trusted_proxies {
        match text.parse() {
            Ok(network) => settings.trusted.push(network),
            Err(error) => faults.push(format!("xii.toml, trusted-proxies: {error}")),
        }
    }
    if !faults.is_empty() {
        return Err(Failure::usage(faults.join("\n")));
    }
    Router::start(settings).map(Some).map_err(Failure::usage)
}

/// Writes requests into the stream of events.
struct Access {
    pump: PumpHandle,
}

impl Observer for Access {
    fn request(&self, request: Request) {
        self.pump.event(Event {
            at: Timestamp::now(),
            source: Source::Router,
            release: None,
            what: What::Request(Box::new(request)),
        });
    }
}

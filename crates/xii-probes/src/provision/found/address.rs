//! Hosts and ports as texts have them.

use xii_model::ResourceKind;

use super::kinds::usual_port;

/// `host:port`, or several with commas.
pub(super) fn is_address(value: &str) -> bool {
    value.split(',').all(|one| {
        one.trim().rsplit_once(':').is_some_and(|(host, port)| {
            let valid = |c: char| c.is_ascii_alphanumeric() || ".-_[]:".contains(c);
            !host.is_empty() && host.chars().all(valid) && port.parse::<u16>().is_ok()
        })
    })
}

/// The first host of a list, and its port.
pub(super) fn host_and_port(hosts: &str, usual: Option<u16>) -> (String, Option<u16>) {
    let first = hosts.split(',').next().unwrap_or_default().trim();
    let (host, port) = match first.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, port.parse().ok().or(usual))
        }
        _ => (first, usual),
    };
    (host.trim_matches(['[', ']']).to_owned(), port)
}

pub(super) fn port_of(scheme: &str, kind: &ResourceKind) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "amqps" => Some(5671),
        "smtps" => Some(465),
        _ => usual_port(kind),
    }
}

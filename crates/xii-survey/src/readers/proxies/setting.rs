//! A setting, and what it says of the protection of traffic.

use std::ops::Range;

use xii_model::{Facts, ProxySetting, TransportProtection};

use crate::source::Source;

/// More settings than this in one file are not a person's.
pub(super) const MAX_SETTINGS: usize = 1000;

/// Pushes a setting, and the protection that it switches on.
pub(in crate::readers) fn tell(
    source: &Source<'_>,
    span: Range<usize>,
    setting: ProxySetting,
    facts: &mut Facts,
) {
    if let Some(what) = protection(&setting) {
        let protection = TransportProtection {
            what,
            on: true,
            through: setting.program.to_owned(),
        };
        facts.push(source.fact(span.clone(), protection));
    }
    facts.push(source.fact(span, setting));
}

fn protection(setting: &ProxySetting) -> Option<&'static str> {
    let value = setting.value.to_ascii_lowercase();
    let words = || value.split_whitespace();
    let hsts = value.contains("strict-transport-security") && !value.contains("max-age=0");
    match (setting.program, setting.directive.as_str()) {
        (_, "add_header" | "header" | "http-response") if hsts => Some("hsts"),
        ("nginx", "ssl_certificate") => Some("tls"),
        ("nginx", "return" | "rewrite") if value.contains("https://$") => Some("https redirect"),
        ("haproxy", "bind") if words().any(|word| word == "ssl") => Some("tls"),
        ("haproxy", "redirect" | "http-request")
            if value.contains("redirect") | value.starts_with("scheme")
                && value.contains("scheme https") =>
        {
            Some("https redirect")
        }
        ("caddy", "tls") => Some("tls"),
        ("traefik", "tls") if value == "true" => Some("tls"),
        ("traefik", "tls.certresolver") => Some("tls"),
        ("traefik", "redirectscheme.scheme") if value == "https" => Some("https redirect"),
        ("traefik", directive) if directive.starts_with("headers.sts") => Some("hsts"),
        _ => None,
    }
}

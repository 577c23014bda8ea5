//! Labels that configure a proxy in front of the services.

use xii_model::{Facts, ProxySetting};

use crate::document::Node;
use crate::readers::proxies;
use crate::readers::yaml_file::text;
use crate::source::Source;

/// What is kept of Traefik's labels: how requests are spread, and how traffic is protected.
const KEPT: [&str; 5] = ["sticky", "tls", "redirectscheme", "sts", "healthcheck"];

/// Pushes the settings of the labels of a service.
pub(super) fn read(source: &Source<'_>, service: &str, labels: &Node, facts: &mut Facts) {
    for entry in labels.entries() {
        let value = text(source, &entry.value).unwrap_or_default();
        tell(
            source,
            service,
            &entry.key,
            &value,
            entry.key_span.clone(),
            facts,
        );
    }
    for item in labels.items() {
        if let Some(label) = text(source, item) {
            let (key, value) = label.split_once('=').unwrap_or((&label, ""));
            tell(source, service, key, value, item.span.clone(), facts);
        }
    }
}

fn tell(
    source: &Source<'_>,
    service: &str,
    key: &str,
    value: &str,
    span: std::ops::Range<usize>,
    facts: &mut Facts,
) {
    let Some(rest) = key.strip_prefix("traefik.") else {
        return;
    };
    // `http.services.NAME.loadbalancer.sticky.cookie`: what follows the name is the setting.
    let lower = rest.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split('.').skip(3).collect();
    if !parts
        .iter()
        .any(|part| KEPT.iter().any(|kept| part.starts_with(kept)))
    {
        return;
    }
    let setting = ProxySetting {
        program: "traefik",
        directive: parts.join("."),
        value: source.redacted(value),
        block: Some(service.to_owned()),
    };
    proxies::tell(source, span, setting, facts);
}

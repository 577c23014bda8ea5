//! Requests of one client are always sent to the same instance.
//!
//! ## What it looks for
//!
//! Sticky routing in proxies and manifests: `ip_hash`, `sticky` and `hash $remote_addr` of nginx,
//! `balance source` and inserted cookies of HAProxy, `sessionAffinity: ClientIP` of a Service, affinity
//! annotations of an Ingress, sticky cookies of Traefik and load balancers.
//!
//! ## Why it matters
//!
//! Stickiness is needed only where an instance keeps something that the others lack. It hides that until
//! the instance is replaced, spreads load unevenly, and makes a new instance idle while the old ones are
//! full.
//!
//! ## What to do instead
//!
//! Keep sessions in a backing service and remove the setting:
//!
//! ```diff
//!  upstream app {
//! -  ip_hash;
//!    server app1:8000;
//!    server app2:8000;
//!  }
//! ```
//!
//! ## When it is fine
//!
//! Socket.IO needs it for its long-polling transport; with WebSocket alone it does not.

use xii_model::{
    App, Confidence, Evidence, FileClass, Framework, KubernetesObject, ProxySetting, ResourceKind,
    Severity,
};

use crate::{Claims, Rule};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "sticky-session",
    criteria: &["VI.4"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut found: Vec<(&Evidence, String)> = Vec::new();
    let settings = || {
        app.facts
            .proxy_settings
            .iter()
            .filter(|setting| setting.scope.class == FileClass::Source)
    };
    let objects = || {
        app.facts
            .kubernetes_objects
            .iter()
            .filter(|object| object.scope.class == FileClass::Source)
    };
    found.extend(settings().filter_map(|setting| Some((&setting.at, of_proxy(setting)?))));
    found.extend(objects().filter_map(|object| Some((&object.at, of_object(object)?))));
    let help = if app.uses(Framework::SocketIo) {
        "let clients use WebSocket only, share rooms through the Redis adapter, and remove the setting:\n    io(url, { transports: ['websocket'] })"
    } else {
        "keep sessions in a signed cookie or a backing service, then remove the setting, so that any instance can answer any request"
    };
    for (at, what) in found.iter().take(10) {
        claims
            .finding(
                at,
                format!("{what} ties each client to one instance: what that instance knows of the client is lost when it is replaced"),
            )
            .confidence(Confidence::High)
            .subject(what.as_str())
            .help(help);
    }
    if !found.is_empty() {
        return;
    }
    if let Some(upstream) = settings().find(|setting| {
        setting.directive == "upstream"
            || setting
                .block
                .as_deref()
                .is_some_and(|block| block.starts_with("upstream"))
    }) {
        claims.holds(
            "VI.4",
            format!(
                "{} spreads requests over its upstream without affinity",
                upstream.program
            ),
            &upstream.at,
        );
    } else if let Some(service) = objects().find(|object| {
        object.kind == "Service"
            && !object.templated
            && ResourceKind::from_image(&object.name).is_none()
            && object.name != "db"
    }) {
        claims.holds(
            "VI.4",
            format!("the Service {} sets no session affinity", service.name),
            &service.at,
        );
    }
}

fn of_proxy(setting: &ProxySetting) -> Option<String> {
    let value = setting.value.to_ascii_lowercase();
    let directive = setting.directive.to_ascii_lowercase();
    let sticky = match (setting.program, directive.as_str()) {
        ("nginx", "ip_hash" | "sticky") => true,
        ("nginx", "hash") => value.contains("$remote_addr") || value.contains("$cookie_"),
        ("haproxy", "balance") => value.starts_with("source"),
        ("haproxy", "cookie") => ["insert", "rewrite", "prefix"]
            .iter()
            .any(|word| value.contains(word)),
        ("haproxy", "stick" | "stick on") => true,
        ("caddy", "lb_policy") => ["ip_hash", "client_ip_hash", "cookie"]
            .iter()
            .any(|policy| value.starts_with(policy)),
        ("traefik", name) => name.contains("sticky") && value != "false",
        _ => false,
    };
    sticky.then(|| format!("`{}` of {}", setting.directive, setting.program))
}

fn of_object(object: &KubernetesObject) -> Option<String> {
    if let Some(affinity) = &object.session_affinity
        && !affinity.eq_ignore_ascii_case("none")
    {
        return Some(format!(
            "`sessionAffinity: {affinity}` of {} {}",
            object.kind, object.name
        ));
    }
    object.annotations.iter().find_map(|(name, value)| {
        let short = name.rsplit('/').next().unwrap_or(name);
        let value = value.to_ascii_lowercase();
        let sticky = match short {
            "affinity" => value == "cookie",
            "upstream-hash-by" => value.contains("remote_addr") || value.contains("cookie"),
            "target-group-attributes" => value.contains("stickiness.enabled=true"),
            "service.sticky.cookie" | "sticky" | "sticky-sessions" | "cookie-persistence" => {
                value != "false"
            }
            _ => false,
        };
        sticky.then(|| {
            format!(
                "the annotation `{short}` of {} {}",
                object.kind, object.name
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nginx(directive: &str, value: &str) -> Option<String> {
        of_proxy(&ProxySetting {
            program: "nginx",
            directive: directive.to_owned(),
            value: value.to_owned(),
            block: None,
        })
    }

    #[test]
    fn hashing_by_client_is_told_from_hashing_by_content() {
        assert!(nginx("ip_hash", "").is_some());
        assert!(nginx("hash", "$remote_addr consistent").is_some());
        assert!(nginx("hash", "$request_uri consistent").is_none());
        assert!(nginx("least_conn", "").is_none());
    }

    #[test]
    fn a_service_without_affinity_is_fine() {
        let mut service = KubernetesObject {
            kind: "Service".to_owned(),
            ..Default::default()
        };
        service.session_affinity = Some("None".to_owned());
        assert_eq!(of_object(&service), None);
        service.session_affinity = Some("ClientIP".to_owned());
        assert!(of_object(&service).is_some());
    }
}

//! What an image's name and tag tell: its language, its version, whether the app is in it.

use xii_model::{ImageRef, Pin, ResourceKind};

/// The language runtime in an image, with its version as the tag gives it.
pub(super) fn runtime(image: &ImageRef) -> Option<(&'static str, String, Pin)> {
    let name = image.short_name().to_ascii_lowercase();
    let tag = image.tag.as_deref().unwrap_or_default();
    let language = match name.as_str() {
        "node" | "nodejs" => "node",
        "python" | "pypy" => "python",
        "ruby" => "ruby",
        "golang" | "go" => "go",
        "openjdk" | "eclipse-temurin" | "temurin" | "amazoncorretto" | "corretto"
        | "sapmachine" => "java",
        "rust" => "rust",
        "php" => "php",
        "elixir" => "elixir",
        "sdk" | "runtime" | "aspnet" | "runtime-deps" if image.name.contains("dotnet") => "dotnet",
        _ => return inside_name(image, &name, tag),
    };
    Some((language, tag.to_owned(), pin(image)))
}

/// Images that carry a language's version in the name (`nodejs20-debian12`) or in front of the tag
/// (`uv:python3.12-bookworm`, `uvicorn-gunicorn-fastapi:python3.11`).
fn inside_name(image: &ImageRef, name: &str, tag: &str) -> Option<(&'static str, String, Pin)> {
    for (word, language) in [("nodejs", "node"), ("node", "node"), ("python", "python")] {
        for text in [tag, name] {
            let Some(rest) = text.strip_prefix(word) else {
                continue;
            };
            let rest = rest.trim_start_matches('-');
            let version = version_of(rest);
            if !version.is_empty() {
                let pin = if image.digest.is_some() {
                    Pin::Exact
                } else {
                    pin_of_version(version)
                };
                return Some((language, version.to_owned(), pin));
            }
        }
    }
    None
}

/// How far an image's tag and digest fix what is in it.
pub(super) fn pin(image: &ImageRef) -> Pin {
    if image.digest.is_some() {
        return Pin::Exact;
    }
    match &image.tag {
        Some(tag) if !image.variable => pin_of_version(version_of(tag)),
        _ => Pin::Open,
    }
}

fn pin_of_version(version: &str) -> Pin {
    match version.split('.').filter(|part| !part.is_empty()).count() {
        0 => Pin::Open,
        1 | 2 => Pin::Range,
        _ => Pin::Exact,
    }
}

/// The number at the start of a tag: `16.2` of `16.2-alpine`.
fn version_of(tag: &str) -> &str {
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let end = tag
        .find(|c: char| c != '.' && !c.is_ascii_digit())
        .unwrap_or(tag.len());
    tag.get(..end).unwrap_or_default().trim_end_matches('.')
}

/// The version of a service that an image's tag gives; `None` for a moving tag.
pub(super) fn service_version(image: &ImageRef) -> Option<String> {
    let tag = image.tag.as_deref().filter(|_| !image.variable)?;
    let version = version_of(tag);
    if version.is_empty() {
        tag.contains(|c: char| c.is_ascii_digit())
            .then(|| tag.to_owned())
    } else {
        Some(version.to_owned())
    }
}

/// Tools that somebody else makes: consoles, proxies, collectors.
const KNOWN: [&str; 46] = [
    "adminer",
    "pgadmin4",
    "pgadmin",
    "phpmyadmin",
    "mongo-express",
    "redis-commander",
    "redisinsight",
    "traefik",
    "nginx",
    "haproxy",
    "caddy",
    "envoy",
    "httpd",
    "certbot",
    "prometheus",
    "grafana",
    "loki",
    "tempo",
    "promtail",
    "alertmanager",
    "jaeger",
    "all-in-one",
    "zipkin",
    "opentelemetry-collector",
    "opentelemetry-collector-contrib",
    "watchtower",
    "keycloak",
    "vault",
    "consul",
    "etcd",
    "zookeeper",
    "cp-zookeeper",
    "kibana",
    "logstash",
    "selenium",
    "gotenberg",
    "tika",
    "busybox",
    "alpine",
    "pgbouncer",
    "kafka-ui",
    "portainer",
    "dozzle",
    "swagger-ui",
    "node-exporter",
    "docker",
];

/// The backing service that an image is.
pub(super) fn resource(image: &ImageRef) -> Option<ResourceKind> {
    let name = image.short_name().to_ascii_lowercase();
    let tool = KNOWN.contains(&name.as_str()) || name.ends_with("-exporter");
    ResourceKind::from_image(&name).filter(|_| !tool)
}

/// Whether an image is a tool that somebody else makes, so that its variables are not the app's.
pub(super) fn is_third_party(image: &ImageRef) -> bool {
    let name = image.short_name().to_ascii_lowercase();
    resource(image).is_some() || KNOWN.contains(&name.as_str()) || name.ends_with("-exporter")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_tell_runtimes_and_how_far_they_are_fixed() {
        for (image, expected) in [
            ("node:20-alpine", Some(("node", "20-alpine", Pin::Range))),
            (
                "python:3.12.1-slim",
                Some(("python", "3.12.1-slim", Pin::Exact)),
            ),
            ("docker.io/library/node", Some(("node", "", Pin::Open))),
            ("node:lts", Some(("node", "lts", Pin::Open))),
            (
                "ghcr.io/astral-sh/uv:python3.12-bookworm-slim",
                Some(("python", "3.12", Pin::Range)),
            ),
            (
                "gcr.io/distroless/nodejs20-debian12",
                Some(("node", "20", Pin::Range)),
            ),
            (
                "tiangolo/uvicorn-gunicorn-fastapi:python3.11",
                Some(("python", "3.11", Pin::Range)),
            ),
            ("postgres:16", None),
            ("node-red:3", None),
        ] {
            let found = runtime(&ImageRef::parse(image));
            let found = found.as_ref().map(|(a, b, c)| (*a, b.as_str(), *c));
            assert_eq!(found, expected, "{image}");
        }
    }

    #[test]
    fn tags_tell_versions_of_services() {
        for (image, version) in [
            ("postgres:16.2-alpine", Some("16.2")),
            ("redis:alpine", None),
            ("redis", None),
            ("postgis/postgis:15-3.4", Some("15")),
            (
                "minio/minio:RELEASE.2024-01-01T00-00-00Z",
                Some("RELEASE.2024-01-01T00-00-00Z"),
            ),
            ("postgres:$PG", None),
        ] {
            let found = service_version(&ImageRef::parse(image));
            assert_eq!(found.as_deref(), version, "{image}");
        }
    }
}

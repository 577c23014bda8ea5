//! Where the app tells which version it is.

use xii_model::{Facts, VersionReport};

use crate::languages::javascript::seen::Seen;
use crate::languages::syntax::{Kind, NodeId};
use crate::languages::values::Values;

/// Variables that platforms and pipelines put a version or commit into.
const VARIABLES: [&str; 22] = [
    "npm_package_version",
    "GIT_SHA",
    "GIT_COMMIT",
    "COMMIT_SHA",
    "COMMIT",
    "COMMIT_HASH",
    "SOURCE_VERSION",
    "SOURCE_COMMIT",
    "HEROKU_SLUG_COMMIT",
    "HEROKU_RELEASE_VERSION",
    "APP_VERSION",
    "VERSION",
    "RELEASE",
    "BUILD_SHA",
    "BUILD_ID",
    "K_REVISION",
    "VERCEL_GIT_COMMIT_SHA",
    "RENDER_GIT_COMMIT",
    "RAILWAY_GIT_COMMIT_SHA",
    "SENTRY_RELEASE",
    "BUILD_VERSION",
    "REVISION",
];

/// Reads reports of the version.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    if seen.around.browser()
        || !(seen.has("ersion") || seen.has("COMMIT") || seen.has("SHA") || seen.has("RELEASE"))
    {
        return;
    }
    let tree = seen.tree;
    for id in tree.ids() {
        if !matches!(tree.kind(id), Kind::Member { .. } | Kind::Name(_))
            || tree.parent(id).is_none()
        {
            continue;
        }
        let Some(from) = version(seen, id) else {
            continue;
        };
        if let Some(place) = place(seen, id) {
            let fact = VersionReport {
                place,
                from: Some(from),
            };
            facts.push(seen.fact(id, fact));
        }
    }
}

/// The variable or file that a node takes the version from.
fn version(seen: &Seen<'_>, id: NodeId) -> Option<String> {
    let tree = seen.tree;
    let followed = match tree.kind(id) {
        Kind::Name(_) => tree.follow(id),
        _ => id,
    };
    if followed != id
        && !matches!(
            tree.kind(followed),
            Kind::Member { .. } | Kind::Binary { .. }
        )
    {
        return None;
    }
    if let Some(read) = seen.environment.env_read(tree, followed) {
        return VARIABLES.contains(&read.name.as_str()).then_some(read.name);
    }
    let path = seen.path(followed)?;
    let (module, member) = path.rsplit_once('.')?;
    (member == "version" && module.ends_with("package.json")).then(|| "package.json".to_owned())
}

/// Where the version is told from this place, if it is.
fn place(seen: &Seen<'_>, id: NodeId) -> Option<&'static str> {
    let tree = seen.tree;
    let mut found = None;
    for outer in tree.ancestors(id) {
        match tree.kind(outer) {
            Kind::Call { .. } => {
                let path = seen.path(outer).unwrap_or_default();
                let plain = path.trim_end_matches("()");
                let last = plain.rsplit('.').next().unwrap_or_default();
                let told = match last {
                    "init" if path.contains("entry") => Some("error tracker"),
                    "setVersion" => Some("contract"),
                    "setHeader" | "header" => Some("header"),
                    "setDefaultLabels" | "Gauge" => Some("metric"),
                    "log" | "info" | "debug"
                        if path.starts_with("console") || path.to_lowercase().contains("log") =>
                    {
                        Some("start line")
                    }
                    "json" | "send" | "status" => Some("route"),
                    "get" => {
                        let route = tree
                            .arg(outer, 0)
                            .and_then(|first| seen.text(first))
                            .unwrap_or_default();
                        if route.contains("health") || route.contains("status") {
                            return Some("health");
                        }
                        None
                    }
                    _ => None,
                };
                found = found.or(told);
            }
            Kind::Function(_) if seen.around.is_handler(outer) => found = found.or(Some("route")),
            Kind::Map(_) if found.is_none() && tree.entry(outer, "openapi").is_some() => {
                found = Some("contract");
            }
            _ => {}
        }
    }
    found
}

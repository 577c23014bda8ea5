//! What the path of a file says of its part in deploys.

use xii_model::{App, Evidence};

/// The last part of a path, in lower case.
pub(crate) fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase()
}

/// Whether the file sets up an editor's container.
pub(crate) fn in_devcontainer(path: &str) -> bool {
    path.split('/').any(|part| part == ".devcontainer")
}

/// Whether it is a compose file.
pub(crate) fn is_compose(path: &str) -> bool {
    let name = file_name(path);
    (name.starts_with("docker-compose") || name.starts_with("compose"))
        && (name.ends_with(".yml") || name.ends_with(".yaml"))
}

/// Whether it describes a pipeline: what stands there serves tests and deliveries, not the app.
pub(crate) fn is_pipeline(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let name = file_name(&path);
    [".github/", ".circleci/", ".gitlab/", ".buildkite/"]
        .iter()
        .any(|folder| path.starts_with(folder) || path.contains(&format!("/{folder}")))
        || name.starts_with(".gitlab-ci")
        || name.starts_with("azure-pipelines")
        || matches!(
            name.as_str(),
            "jenkinsfile" | ".travis.yml" | "bitbucket-pipelines.yml" | "cloudbuild.yaml"
        )
}

/// Whether it is a file of the `.env` family.
pub(crate) fn is_env_file(path: &str) -> bool {
    let name = file_name(path);
    name == ".env" || name.starts_with(".env.") || name.ends_with(".env")
}

/// Whether it describes how the app is run and not what it does: compose, manifests, images,
/// pipelines, proxies.
pub(crate) fn is_deployment(app: &App, path: &str) -> bool {
    let facts = &app.facts;
    let here = |at: &Evidence| *at.path == *path;
    is_compose(path)
        || is_pipeline(path)
        || facts.compose_services.iter().any(|fact| here(&fact.at))
        || facts.workloads.iter().any(|fact| here(&fact.at))
        || facts.kubernetes_objects.iter().any(|fact| here(&fact.at))
        || facts.images.iter().any(|fact| here(&fact.at))
        || facts.proxy_settings.iter().any(|fact| here(&fact.at))
        || facts.pipeline_jobs.iter().any(|fact| here(&fact.at))
        || facts.process_types.iter().any(|fact| {
            here(&fact.at) && matches!(fact.source.as_str(), "Procfile" | "app.json" | "kubernetes")
        })
}

/// Whether advice for the app is best given in Python: most of its source is.
pub(crate) fn is_pythonic(app: &App) -> bool {
    app.languages
        .first()
        .is_some_and(|language| language == "python")
}

/// Whether two pieces of evidence stand in the same line.
pub(crate) fn same_line(a: &Evidence, b: &Evidence) -> bool {
    a.path == b.path && a.start.line == b.start.line
}

/// Whether a host exists only inside one deploy: loopback, a name without a dot (a compose service),
/// or an address of a private network.
pub(crate) fn is_local_host(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host.is_empty()
        || xii_model::is_loopback_host(host)
        || host.starts_with("localhost.")
        || !host.contains(['.', ':'])
}

/// Whether a host lies in a private network: RFC 1918 addresses, cluster names, `.internal`, `.local`.
pub(crate) fn is_private_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let octets: Vec<u8> = host
        .split('.')
        .filter_map(|part| part.parse().ok())
        .collect();
    let private_address = host.split('.').count() == 4
        && match octets.as_slice() {
            [10, _, _, _] | [192, 168, _, _] => true,
            [172, second, _, _] => (16..32).contains(second),
            _ => false,
        };
    private_address
        || [
            ".internal",
            ".local",
            ".lan",
            ".intranet",
            ".corp",
            ".cluster.local",
            ".svc",
        ]
        .iter()
        .any(|end| host.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_apart() {
        assert!(is_local_host("db") && is_local_host("127.0.0.1") && is_local_host("[::1]"));
        assert!(!is_local_host("db.acme.io"));
        assert!(is_private_host("172.20.0.3") && is_private_host("mail.corp"));
        assert!(!is_private_host("172.40.0.3") && !is_private_host("10.acme.io"));
    }
}

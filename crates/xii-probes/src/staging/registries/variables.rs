//! Which variables say where packages come from.

/// Variables that name a proxy, certificates or a registry.
const CARRIED: [&str; 45] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NIX_SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_NO_INDEX",
    "PIP_TRUSTED_HOST",
    "PIP_PROXY",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_RETRIES",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
    "UV_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_INSECURE_HOST",
    "UV_NATIVE_TLS",
    "UV_SYSTEM_CERTS",
    "UV_HTTP_TIMEOUT",
    "YARN_REGISTRY",
    "YARN_HTTP_PROXY",
    "YARN_HTTPS_PROXY",
    "GOPROXY",
    "GOSUMDB",
    "GONOSUMDB",
    "GOPRIVATE",
    "GONOPROXY",
    "GOINSECURE",
    "RUBYGEMS_HOST",
    "BUN_CONFIG_REGISTRY",
];

/// The same by how they begin.
const CARRIED_BY_PREFIX: [&str; 9] = [
    "CARGO_REGISTR",
    "CARGO_SOURCE_",
    "CARGO_HTTP_",
    "CARGO_NET_",
    "UV_INDEX_",
    "YARN_NPM_",
    "BUNDLE_MIRROR__",
    "POETRY_REPOSITORIES_",
    "POETRY_HTTP_BASIC_",
];

/// Whether the variable names a registry, a proxy or certificates.
pub(super) fn is_carried(name: &str) -> bool {
    let npm = || {
        let lower = name.to_ascii_lowercase();
        lower
            .strip_prefix("npm_config_")
            .is_some_and(|key| super::npm::is_npm(&key.replace('_', "-")) || key.starts_with("//"))
    };
    CARRIED.contains(&name)
        || CARRIED_BY_PREFIX
            .iter()
            .any(|prefix| name.starts_with(prefix))
        || npm()
}

//! npm's settings, and Yarn's.

use std::io;
use std::path::Path;

use super::carried::{Caller, Registries, get, read};

/// What of npm's settings says where packages come from, and how.
const NPM: [&str; 19] = [
    "registry",
    "replace-registry-host",
    "cafile",
    "ca",
    "ca[]",
    "cert",
    "key",
    "proxy",
    "http-proxy",
    "https-proxy",
    "noproxy",
    "strict-ssl",
    "always-auth",
    "maxsockets",
    "fetch-retries",
    "fetch-timeout",
    "_auth",
    "_authToken",
    // Where the headers are that native packages are compiled against.
    "nodedir",
];

/// `registry`, `@scope:registry`, `//host/:_authToken`.
pub(super) fn is_npm(key: &str) -> bool {
    NPM.contains(&key) || key.ends_with(":registry") || key.starts_with("//")
}

impl Registries {
    pub(super) fn npm(&mut self, from: &Path, caller: Caller<'_>, to: &Path) -> io::Result<()> {
        let mut kept = String::new();
        for line in read(from).unwrap_or_default().lines() {
            let Some((key, value)) = line.split_once('=') else {
                continue;
            };
            let (key, value) = (key.trim(), expanded(value.trim(), caller));
            if key.starts_with(['#', ';']) || !is_npm(key) {
                continue;
            }
            let plain = value.trim_matches('"');
            self.note_secrets(key, plain);
            if key == "registry" {
                // Yarn and bun look here, and not into a file that npm was told of.
                self.set("npm_config_registry", plain);
            }
            kept.push_str(&format!("{key}={value}\n"));
        }
        self.write(to, &kept)?;
        self.variables
            .push(("npm_config_userconfig".to_owned(), to.into()));
        Ok(())
    }

    /// `.yarnrc` of Yarn 1 and `.yarnrc.yml` of the later ones, as the variables that say the same.
    pub(super) fn yarn(&mut self, home: &Path) {
        for line in read(&home.join(".yarnrc")).unwrap_or_default().lines() {
            if let Some(value) = line.strip_prefix("registry ") {
                self.set("YARN_REGISTRY", value.trim().trim_matches('"'));
            }
        }
        for line in read(&home.join(".yarnrc.yml")).unwrap_or_default().lines() {
            let Some((key, value)) = line.split_once(": ") else {
                continue;
            };
            let value = value.trim().trim_matches(['"', '\'']);
            let name = match key {
                "npmRegistryServer" => "YARN_NPM_REGISTRY_SERVER",
                "npmAuthToken" => "YARN_NPM_AUTH_TOKEN",
                "httpProxy" => "YARN_HTTP_PROXY",
                "httpsProxy" => "YARN_HTTPS_PROXY",
                "httpsCaFilePath" => "YARN_HTTPS_CA_FILE_PATH",
                _ => continue,
            };
            self.set(name, value);
        }
        let registry = self
            .variables
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("npm_config_registry"));
        if let Some((_, registry)) = registry {
            let registry = registry.to_string_lossy().into_owned();
            self.set("YARN_NPM_REGISTRY_SERVER", &registry);
        }
    }
}

/// `${NAME}` replaced, as npm does.
fn expanded(value: &str, caller: Caller<'_>) -> String {
    let mut to = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        to.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            to.push_str("${");
            rest = after;
            continue;
        };
        if let Some(value) = get(caller, name) {
            to.push_str(&value.to_string_lossy());
        }
        rest = after;
    }
    to.push_str(rest);
    to
}

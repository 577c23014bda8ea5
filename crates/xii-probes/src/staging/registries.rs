//! What this machine says of registries, carried over into a build: where packages come from, by which proxy, trusted by
//! which certificates, and with which credentials. Nothing else that a user has set up goes along.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, TableLike};

/// Settings files are not longer, in bytes.
const MAX_FILE: u64 = 1 << 20;

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

/// What of pip's settings does.
const PIP: [&str; 10] = [
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "trusted-host",
    "cert",
    "client-cert",
    "proxy",
    "timeout",
    "retries",
];

/// What of uv's does.
const UV: [&str; 9] = [
    "index",
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "allow-insecure-host",
    "native-tls",
    "system-certs",
    "keyring-provider",
];

/// What of cargo's does.
const CARGO: [&str; 5] = ["source", "registries", "registry", "http", "net"];

/// What was carried over.
#[derive(Debug, Default)]
pub(super) struct Registries {
    /// Variables for the build.
    pub(super) variables: Vec<(String, OsString)>,
    /// Values that nobody should see.
    pub(super) secrets: Vec<String>,
    /// Files that may hold secrets, to be removed when the build is done.
    pub(super) files: Vec<PathBuf>,
}

/// The caller's side: its variables.
pub(super) type Caller<'a> = &'a [(OsString, OsString)];

/// The value of a variable of the caller's; empty is none.
pub(super) fn get<'a>(caller: Caller<'a>, name: &str) -> Option<&'a OsStr> {
    let found = caller.iter().find(|(one, _)| one == name);
    found
        .map(|(_, value)| value.as_os_str())
        .filter(|value| !value.is_empty())
}

/// Carries over what the caller's variables and files say of registries. Files are written into `settings`, which is
/// the build's XDG_CONFIG_HOME; cargo's into `cargo`, which is its CARGO_HOME.
pub(super) fn carry(caller: Caller<'_>, settings: &Path, cargo: &Path) -> io::Result<Registries> {
    let mut carried = Registries::default();
    for (name, value) in caller {
        let Some(name) = name.to_str() else { continue };
        if is_carried(name) {
            carried.note_secrets(name, &value.to_string_lossy());
            carried.variables.push((name.to_owned(), value.clone()));
        }
    }
    let home = get(caller, "HOME").map(PathBuf::from).unwrap_or_default();
    let config = get(caller, "XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);

    let npmrc = ["NPM_CONFIG_USERCONFIG", "npm_config_userconfig"]
        .iter()
        .find_map(|name| get(caller, name))
        .map_or_else(|| home.join(".npmrc"), PathBuf::from);
    carried.npm(&npmrc, caller, &settings.join("npmrc"))?;

    let pip = [
        get(caller, "PIP_CONFIG_FILE").map(PathBuf::from),
        Some(config.join("pip/pip.conf")),
        Some(home.join("Library/Application Support/pip/pip.conf")),
        Some(home.join(".pip/pip.conf")),
    ];
    let pip: Vec<String> = pip.iter().flatten().filter_map(|file| read(file)).collect();
    carried.pip(&pip, &settings.join("pip.conf"))?;

    let uv = get(caller, "UV_CONFIG_FILE").map_or_else(|| config.join("uv/uv.toml"), PathBuf::from);
    carried.toml(&uv, &UV, &settings.join("uv/uv.toml"))?;

    let from = get(caller, "CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    for name in ["config.toml", "config"] {
        if from.join(name).is_file() {
            carried.toml(&from.join(name), &CARGO, &cargo.join("config.toml"))?;
            break;
        }
    }
    if let Some(text) = read(&from.join("credentials.toml")) {
        if let Ok(document) = text.parse::<DocumentMut>() {
            carried.toml_secrets(document.as_table(), true);
        }
        carried.write(&cargo.join("credentials.toml"), &text)?;
    }

    let go = get(caller, "GOENV").map_or_else(|| config.join("go/env"), PathBuf::from);
    for line in read(&go).unwrap_or_default().lines() {
        if let Some((name, value)) = line.split_once('=')
            && is_carried(name)
        {
            carried.set(name, value.trim());
        }
    }
    carried.yarn(&home);
    Ok(carried)
}

fn is_carried(name: &str) -> bool {
    let npm = || {
        let lower = name.to_ascii_lowercase();
        lower
            .strip_prefix("npm_config_")
            .is_some_and(|key| is_npm(&key.replace('_', "-")) || key.starts_with("//"))
    };
    CARRIED.contains(&name)
        || CARRIED_BY_PREFIX
            .iter()
            .any(|prefix| name.starts_with(prefix))
        || npm()
}

/// `registry`, `@scope:registry`, `//host/:_authToken`.
fn is_npm(key: &str) -> bool {
    NPM.contains(&key) || key.ends_with(":registry") || key.starts_with("//")
}

impl Registries {
    /// Sets a variable, unless the caller's own says it already.
    fn set(&mut self, name: &str, value: &str) {
        if !value.is_empty() && !self.variables.iter().any(|(one, _)| one == name) {
            self.note_secrets(name, value);
            self.variables.push((name.to_owned(), value.into()));
        }
    }

    /// Takes up what must not be shown: the password of a URL, and what is called a token or password.
    fn note_secrets(&mut self, name: &str, value: &str) {
        for word in value.split_whitespace() {
            let Some((_, rest)) = word.split_once("://") else {
                continue;
            };
            let authority = rest.split('/').next().unwrap_or_default();
            if let Some((user, _)) = authority.rsplit_once('@') {
                let (user, password) = user.split_once(':').unwrap_or((user, user));
                self.secrets.push(password.to_owned());
                if password.is_empty() {
                    self.secrets.push(user.to_owned());
                }
            }
        }
        let name = name.to_ascii_lowercase();
        if ["token", "_auth", "password", "secret"]
            .iter()
            .any(|word| name.ends_with(word))
        {
            self.secrets.push(value.to_owned());
        }
    }

    /// Writes a file that only its owner can read, to be removed later.
    fn write(&mut self, file: &Path, text: &str) -> io::Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = fs::OpenOptions::new();
        let mut opened = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(file)?;
        io::Write::write_all(&mut opened, text.as_bytes())?;
        self.files.push(file.to_owned());
        Ok(())
    }

    fn npm(&mut self, from: &Path, caller: Caller<'_>, to: &Path) -> io::Result<()> {
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

    fn pip(&mut self, files: &[String], to: &Path) -> io::Result<()> {
        let mut kept = String::new();
        // The first file outranks the others: pip takes the last that it reads.
        for text in files.iter().rev() {
            let mut keeps = false;
            for line in text.lines() {
                let bare = line.trim();
                if bare.starts_with('[') {
                    keeps = true;
                } else if !line.starts_with([' ', '\t']) {
                    let key = bare.split(['=', ':']).next().unwrap_or_default().trim();
                    keeps = PIP.contains(&key.replace('_', "-").as_str());
                }
                if keeps && !bare.is_empty() {
                    let value = bare.split_once(['=']).map_or(bare, |(_, value)| value);
                    self.note_secrets("", value);
                    kept.push_str(line);
                    kept.push('\n');
                }
            }
        }
        if let Some(index) = kept.lines().rev().find_map(|line| {
            line.split_once('=')
                .filter(|(key, _)| key.trim() == "index-url")
        }) {
            // uv does not read pip's settings, and would go past the mirror.
            self.set("UV_DEFAULT_INDEX", index.1.trim());
        }
        if let Some((_, index)) = self
            .variables
            .iter()
            .find(|(name, _)| name == "PIP_INDEX_URL")
        {
            let index = index.to_string_lossy().into_owned();
            self.set("UV_DEFAULT_INDEX", &index);
        }
        self.write(to, &merged(&kept))?;
        self.variables
            .push(("PIP_CONFIG_FILE".to_owned(), to.into()));
        Ok(())
    }

    fn toml(&mut self, from: &Path, keys: &[&str], to: &Path) -> io::Result<()> {
        let Some(mut document) = read(from).and_then(|text| text.parse::<DocumentMut>().ok())
        else {
            return Ok(());
        };
        let all: Vec<String> = document.iter().map(|(key, _)| key.to_owned()).collect();
        for key in all {
            if !keys.contains(&key.as_str()) {
                document.remove(&key);
            }
        }
        self.toml_secrets(document.as_table(), false);
        self.write(to, &document.to_string())
    }

    /// Takes up the strings of a table that are secrets: all of them, or those that are called so.
    fn toml_secrets(&mut self, table: &dyn TableLike, all: bool) {
        for (key, item) in table.iter() {
            match item {
                Item::Value(value) => {
                    if let Some(text) = value.as_str() {
                        self.note_secrets(if all { "token" } else { key }, text);
                    } else if let Some(inner) = value.as_inline_table() {
                        self.toml_secrets(inner, all);
                    }
                }
                Item::Table(inner) => self.toml_secrets(inner, all),
                Item::ArrayOfTables(tables) => {
                    for inner in tables {
                        self.toml_secrets(inner, all);
                    }
                }
                Item::None => {}
            }
        }
    }

    /// `.yarnrc` of Yarn 1 and `.yarnrc.yml` of the later ones, as the variables that say the same.
    fn yarn(&mut self, home: &Path) {
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

/// Sections that come twice are one: pip refuses a file in which they do, and a key that comes again replaces the first.
fn merged(text: &str) -> String {
    let mut sections: Vec<(&str, Vec<(&str, String)>)> = Vec::new();
    for line in text.lines() {
        let bare = line.trim();
        if bare.starts_with('[') {
            if !sections.iter().any(|(name, _)| *name == bare) {
                sections.push((bare, Vec::new()));
            }
            // The section that the next keys go to is the last one.
            let at = sections.iter().position(|(name, _)| *name == bare);
            let last = sections.len() - 1;
            sections.swap(at.unwrap_or(last), last);
        } else if let Some((_, keys)) = sections.last_mut() {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = keys.last_mut() {
                    value.push('\n');
                    value.push_str(line);
                }
                continue;
            }
            let key = bare.split(['=', ':']).next().unwrap_or_default().trim();
            keys.retain(|(one, _)| *one != key);
            keys.push((key, line.to_owned()));
        }
    }
    let mut text = String::new();
    for (name, keys) in sections {
        text.push_str(name);
        text.push('\n');
        for (_, value) in keys {
            text.push_str(&value);
            text.push('\n');
        }
    }
    text
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

/// The text of a settings file, when there is one that is not too long.
fn read(file: &Path) -> Option<String> {
    let about = fs::metadata(file).ok()?;
    (about.is_file() && about.len() <= MAX_FILE)
        .then(|| fs::read_to_string(file).ok())
        .flatten()
}

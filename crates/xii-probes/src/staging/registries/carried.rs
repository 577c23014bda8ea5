//! What was carried over, and from where.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use toml_edit::DocumentMut;

use super::toml::{CARGO, UV};
use super::variables::is_carried;

/// Settings files are not longer, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// What was carried over.
#[derive(Debug, Default)]
pub(crate) struct Registries {
    /// Variables for the build.
    pub(crate) variables: Vec<(String, OsString)>,
    /// Values that nobody should see.
    pub(crate) secrets: Vec<String>,
    /// Files that may hold secrets, to be removed when the build is done.
    pub(crate) files: Vec<PathBuf>,
}

/// The caller's side: its variables.
pub(crate) type Caller<'a> = &'a [(OsString, OsString)];

/// The value of a variable of the caller's; empty is none.
pub(crate) fn get<'a>(caller: Caller<'a>, name: &str) -> Option<&'a OsStr> {
    let found = caller.iter().find(|(one, _)| one == name);
    found
        .map(|(_, value)| value.as_os_str())
        .filter(|value| !value.is_empty())
}

/// Carries over what the caller's variables and files say of registries. Files are written into `settings`, which is
/// the build's XDG_CONFIG_HOME; cargo's into `cargo`, which is its CARGO_HOME.
pub(crate) fn carry(caller: Caller<'_>, settings: &Path, cargo: &Path) -> io::Result<Registries> {
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

impl Registries {
    /// Sets a variable, unless the caller's own says it already.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        if !value.is_empty() && !self.variables.iter().any(|(one, _)| one == name) {
            self.note_secrets(name, value);
            self.variables.push((name.to_owned(), value.into()));
        }
    }

    /// Takes up what must not be shown: the password of a URL, and what is called a token or password.
    pub(super) fn note_secrets(&mut self, name: &str, value: &str) {
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
    pub(super) fn write(&mut self, file: &Path, text: &str) -> io::Result<()> {
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
}

/// The text of a settings file, when there is one that is not too long.
pub(super) fn read(file: &Path) -> Option<String> {
    let about = fs::metadata(file).ok()?;
    (about.is_file() && about.len() <= MAX_FILE)
        .then(|| fs::read_to_string(file).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is carried over from a HOME with these files and with these variables.
    fn carried(
        files: &[(&str, &str)],
        variables: &[(&str, &str)],
    ) -> (Registries, tempfile::TempDir) {
        let scratch = tempfile::tempdir().expect("a folder");
        let home = scratch.path().join("home");
        for (path, text) in files {
            let full = home.join(path);
            fs::create_dir_all(full.parent().expect("a folder")).expect("folders");
            fs::write(full, text).expect("a file");
        }
        let mut caller: Vec<(OsString, OsString)> = vec![("HOME".into(), home.into())];
        caller.extend(
            variables
                .iter()
                .map(|(name, value)| (name.into(), value.into())),
        );
        let (settings, cargo) = (
            scratch.path().join("settings"),
            scratch.path().join("cargo"),
        );
        let carried = carry(&caller, &settings, &cargo).expect("it is carried");
        (carried, scratch)
    }

    fn text(scratch: &tempfile::TempDir, path: &str) -> String {
        fs::read_to_string(scratch.path().join(path)).unwrap_or_default()
    }

    fn value(carried: &Registries, name: &str) -> Option<String> {
        let found = carried.variables.iter().find(|(one, _)| one == name);
        found.map(|(_, value)| value.to_string_lossy().into_owned())
    }

    #[test]
    fn npms_settings_are_carried_as_far_as_they_name_registries() {
        let npmrc = "; mine\nregistry=https://npm.example/\n@acme:registry = https://acme.example/\nprefix=/x\n\
                     //npm.example/:_authToken=${TOKEN}\nsave-exact=true\ninit-author-name=me\n";
        let (carried, scratch) = carried(&[(".npmrc", npmrc)], &[("TOKEN", "t0ken-of-mine")]);
        assert_eq!(
            text(&scratch, "settings/npmrc"),
            "registry=https://npm.example/\n@acme:registry=https://acme.example/\n\
             //npm.example/:_authToken=t0ken-of-mine\n"
        );
        assert!(carried.secrets.contains(&"t0ken-of-mine".to_owned()));
        for name in ["npm_config_registry", "YARN_NPM_REGISTRY_SERVER"] {
            assert_eq!(
                value(&carried, name).as_deref(),
                Some("https://npm.example/")
            );
        }
        assert_eq!(value(&carried, "TOKEN"), None);
    }

    #[test]
    fn pips_settings_are_carried_and_the_nearer_file_outranks_the_other() {
        let old = "[global]\nindex-url = https://old.example/simple\ntimeout = 9\n[install]\nuser = true\n";
        let new = "[global]\nindex-url = https://me:s3cretpassword@new.example/simple\nno-cache-dir = true\n\
                   extra-index-url =\n    https://a.example\n    https://b.example\n";
        let (carried, scratch) = carried(
            &[(".pip/pip.conf", old), (".config/pip/pip.conf", new)],
            &[],
        );
        assert_eq!(
            text(&scratch, "settings/pip.conf"),
            "[install]\n[global]\ntimeout = 9\nindex-url = https://me:s3cretpassword@new.example/simple\n\
             extra-index-url =\n    https://a.example\n    https://b.example\n"
        );
        assert!(carried.secrets.contains(&"s3cretpassword".to_owned()));
        let index = value(&carried, "UV_DEFAULT_INDEX").expect("uv is told too");
        assert!(index.ends_with("new.example/simple"));
    }

    #[test]
    fn cargos_and_uvs_settings_are_carried_without_what_names_programs() {
        let cargo = "[build]\nrustc-wrapper = \"evil\"\n[source.crates-io]\nreplace-with = \"mirror\"\n\
                     [source.mirror]\nregistry = \"sparse+https://crates.example/\"\n[alias]\nb = \"build\"\n";
        let token = "[registries.mine]\ntoken = \"cargo-t0ken-1\"\n";
        let uv = "index-url = \"https://u:uvpassword1@pypi.example/simple\"\npython-downloads = \"never\"\n";
        let (carried, scratch) = carried(
            &[
                (".cargo/config.toml", cargo),
                (".cargo/credentials.toml", token),
                (".config/uv/uv.toml", uv),
            ],
            &[],
        );
        let config = text(&scratch, "cargo/config.toml");
        assert!(
            config.contains("crates.example") && config.contains("replace-with"),
            "{config}"
        );
        assert!(
            !config.contains("evil") && !config.contains("alias"),
            "{config}"
        );
        assert_eq!(text(&scratch, "cargo/credentials.toml"), token);
        let uv = text(&scratch, "settings/uv/uv.toml");
        assert!(uv.contains("pypi.example") && !uv.contains("never"), "{uv}");
        for secret in ["cargo-t0ken-1", "uvpassword1"] {
            assert!(carried.secrets.contains(&secret.to_owned()), "{secret}");
        }
        for file in &carried.files {
            let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(file).expect("a file"));
            assert_eq!(mode & 0o777, 0o600, "{}", file.display());
        }
    }

    #[test]
    fn settings_that_are_no_settings_carry_nothing() {
        let (carried, _scratch) = carried(
            &[
                (".npmrc", "=\n[[[\nregistry\n"),
                (".cargo/config.toml", "not = = toml"),
                (
                    ".config/pip/pip.conf",
                    "index-url before any section\n  x\n",
                ),
                (".yarnrc.yml", ": :\n"),
            ],
            &[],
        );
        assert!(carried.secrets.is_empty());
    }
}

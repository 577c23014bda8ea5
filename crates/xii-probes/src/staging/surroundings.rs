//! The variables of a build and of the runs that follow it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::registries::{Caller, Registries, carry, get};
use super::scratch::Scratch;

/// Where version managers keep what they manage, when no variable says so: below the caller's HOME, which is not the
/// build's.
const MANAGERS: [(&str, &str); 10] = [
    ("PYENV_ROOT", ".pyenv"),
    ("RUSTUP_HOME", ".rustup"),
    ("RBENV_ROOT", ".rbenv"),
    ("NODENV_ROOT", ".nodenv"),
    ("GOENV_ROOT", ".goenv"),
    ("NVM_DIR", ".nvm"),
    ("VOLTA_HOME", ".volta"),
    ("ASDF_DATA_DIR", ".asdf"),
    ("MISE_DATA_DIR", ".local/share/mise"),
    ("SDKMAN_DIR", ".sdkman"),
];

/// Where package managers keep what they fetched, each below the build cache. All of them find what they keep by its
/// content or by name and version, so that nothing is found there that the app does not declare.
const CACHES: [(&str, &str); 16] = [
    ("npm_config_cache", "npm"),
    ("npm_config_store_dir", "pnpm"),
    ("YARN_CACHE_FOLDER", "yarn"),
    ("YARN_GLOBAL_FOLDER", "yarn-global"),
    ("BUN_INSTALL_CACHE_DIR", "bun"),
    ("PIP_CACHE_DIR", "pip"),
    ("UV_CACHE_DIR", "uv"),
    ("POETRY_CACHE_DIR", "poetry"),
    ("PIPENV_CACHE_DIR", "pipenv"),
    ("GOMODCACHE", "go/mod"),
    ("GOCACHE", "go/build"),
    ("COMPOSER_CACHE_DIR", "composer"),
    ("BUNDLE_USER_CACHE", "bundle"),
    ("GRADLE_USER_HOME", "gradle"),
    ("NUGET_PACKAGES", "nuget"),
    ("HEX_HOME", "hex"),
];

/// What keeps package managers from asking, advertising and phoning home.
const MANNERS: [(&str, &str); 19] = [
    ("CI", "true"),
    ("npm_config_audit", "false"),
    ("npm_config_fund", "false"),
    ("npm_config_update_notifier", "false"),
    ("npm_config_progress", "false"),
    ("npm_config_package_import_method", "copy"),
    ("YARN_ENABLE_TELEMETRY", "0"),
    ("YARN_ENABLE_GLOBAL_CACHE", "1"),
    ("COREPACK_ENABLE_DOWNLOAD_PROMPT", "0"),
    ("NEXT_TELEMETRY_DISABLED", "1"),
    // Hooks for a repository that the copy is not.
    ("HUSKY", "0"),
    ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ("PIP_NO_INPUT", "1"),
    ("PIP_PROGRESS_BAR", "off"),
    ("PIP_ROOT_USER_ACTION", "ignore"),
    ("UV_LINK_MODE", "copy"),
    ("UV_NO_PROGRESS", "1"),
    ("POETRY_NO_INTERACTION", "1"),
    ("COMPOSER_NO_INTERACTION", "1"),
];

/// The variables of a build, and where they lead.
#[derive(Debug)]
pub(super) struct Surroundings {
    pub(super) home: PathBuf,
    pub(super) temporary: PathBuf,
    /// The virtual environment, whether or not there is one.
    pub(super) virtual_environment: PathBuf,
    /// Where programs are put that build the app and are not installed.
    pub(super) tools: PathBuf,
    /// The caller's PATH without what a developer's own app put there.
    path: OsString,
    /// What version managers need.
    managers: Vec<(String, OsString)>,
    build: Vec<(String, OsString)>,
    registries: Registries,
}

impl Surroundings {
    /// Makes the folders of a build in the scratch folder. Packages are cached in `~/.cache/xii/builds`.
    pub(super) fn make(scratch: &Scratch, caller: Caller<'_>) -> io::Result<Self> {
        let home = scratch.folder("home", 0o755)?;
        // Any user may be the one that runs the app.
        let temporary = scratch.folder("tmp", 0o1777)?;
        let settings = scratch.folder("settings", 0o700)?;
        let cargo = scratch.folder("cargo", 0o755)?;
        let cache = cache(caller).unwrap_or_else(|| scratch.path().join("cache"));
        let registries = carry(caller, &settings, &cargo)?;
        let mut build: Vec<(String, OsString)> = MANNERS
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).into()))
            .collect();
        for (name, folder) in CACHES {
            let folder = cache.join(folder);
            fs::create_dir_all(&folder)?;
            build.push((name.to_owned(), folder.into()));
        }
        // Cargo's home holds settings and installed programs besides what it fetched.
        for part in ["registry", "git"] {
            let folder = cache.join("cargo").join(part);
            fs::create_dir_all(&folder)?;
            symlink(folder, cargo.join(part))?;
        }
        build.push(("CARGO_HOME".to_owned(), cargo.into()));
        build.push(("GOPATH".to_owned(), scratch.path().join("go").into()));
        build.push(("GOENV".to_owned(), "off".into()));
        build.push(("XDG_CONFIG_HOME".to_owned(), settings.into()));
        let maven = format!("-Dmaven.repo.local={}", cache.join("maven").display());
        build.push(("MAVEN_OPTS".to_owned(), maven.into()));
        Ok(Surroundings {
            home,
            temporary,
            virtual_environment: scratch.path().join("venv"),
            tools: scratch.folder("tools", 0o755)?,
            path: clean_path(caller),
            managers: managers(caller),
            build,
            registries,
        })
    }

    /// PATH for the app in this folder: its own programs first, then what was installed to build it, then the machine's.
    pub(super) fn path(&self, app: &Path) -> OsString {
        let mut folders: Vec<PathBuf> = Vec::new();
        let venv = self.virtual_environment.join("bin");
        if venv.is_dir() {
            folders.push(venv);
        }
        folders.push(app.join("node_modules/.bin"));
        folders.push(self.tools.join("bin"));
        let mut path = folders
            .iter()
            .map(|folder| folder.as_os_str())
            .collect::<Vec<_>>()
            .join(OsStr::new(":"));
        path.push(":");
        path.push(&self.path);
        path
    }

    /// All variables of a step that builds the app in this folder.
    pub(super) fn of_build(&self, app: &Path) -> Vec<(OsString, OsString)> {
        let mut all = self.of_run(app);
        for (name, value) in self.build.iter().chain(&self.registries.variables) {
            all.retain(|(one, _)| one != name);
            all.push((name.clone(), value.clone()));
        }
        let pairs = all.into_iter().map(|(name, value)| (name.into(), value));
        pairs.collect()
    }

    /// The variables that a run of the app in this folder needs besides its config.
    pub(super) fn of_run(&self, app: &Path) -> Vec<(String, OsString)> {
        let mut all = vec![
            ("PATH".to_owned(), self.path(app)),
            ("HOME".to_owned(), self.home.clone().into()),
            ("TMPDIR".to_owned(), self.temporary.clone().into()),
            ("LANG".to_owned(), "C.UTF-8".into()),
        ];
        if self.virtual_environment.is_dir() {
            for name in ["VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"] {
                all.push((name.to_owned(), self.virtual_environment.clone().into()));
            }
        }
        all.extend(self.managers.iter().cloned());
        all
    }

    /// Values that no output may show.
    pub(super) fn secrets(&self) -> &[String] {
        &self.registries.secrets
    }
}

/// What may hold credentials goes with the build, also when the scratch folder is kept.
impl Drop for Surroundings {
    fn drop(&mut self) {
        for file in &self.registries.files {
            let _ = fs::remove_file(file);
        }
    }
}

/// `~/.cache/xii/builds`, if it can be had.
fn cache(caller: Caller<'_>) -> Option<PathBuf> {
    let base = match get(caller, "XDG_CACHE_HOME") {
        Some(folder) if Path::new(folder).is_absolute() => PathBuf::from(folder),
        _ => Path::new(get(caller, "HOME")?).join(".cache"),
    };
    let cache = base.join("xii/builds");
    fs::create_dir_all(&cache).ok()?;
    rustix::fs::access(&cache, rustix::fs::Access::WRITE_OK).ok()?;
    Some(cache)
}

/// The caller's PATH without the programs of virtual environments and of `node_modules`: a developer has their app's
/// there, declared or not.
fn clean_path(caller: Caller<'_>) -> OsString {
    let path = get(caller, "PATH").unwrap_or(OsStr::new("/usr/local/bin:/usr/bin:/bin"));
    let folders: Vec<PathBuf> = std::env::split_paths(path)
        .filter(|folder| folder.is_absolute() && !folder.ends_with("node_modules/.bin"))
        .filter(|folder| {
            let around = folder.parent();
            !around.is_some_and(|around| around.join("pyvenv.cfg").exists())
        })
        .collect();
    std::env::join_paths(folders).unwrap_or_default()
}

fn managers(caller: Caller<'_>) -> Vec<(String, OsString)> {
    let home = get(caller, "HOME").map(Path::new);
    let folder = |name: &str, below: &str| {
        get(caller, name).map(OsString::from).or_else(|| {
            let folder = home?.join(below);
            folder.is_dir().then(|| folder.into())
        })
    };
    MANAGERS
        .iter()
        .filter_map(|(name, below)| Some(((*name).to_owned(), folder(name, below)?)))
        .collect()
}

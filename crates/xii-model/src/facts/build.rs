//! Facts of dependencies and builds: manifests, locks, runtimes.

/// A package ecosystem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Ecosystem {
    Npm,
    Python,
    Cargo,
    Go,
    Ruby,
    Maven,
    Composer,
    Nuget,
    Hex,
}

/// A manifest: the file that declares dependencies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Whose manifest.
    pub ecosystem: Ecosystem,
    /// The kind of file: `package.json`, `pyproject.toml`, `requirements.txt`, `Pipfile`, `setup.py`.
    pub format: &'static str,
    /// The package's name, if it has one.
    pub name: Option<String>,
    /// The package's version, if it has one.
    pub version: Option<String>,
    /// Member folders or globs of a workspace.
    pub workspaces: Vec<String>,
    /// The entry module (`main`, `bin`), if given.
    pub entry: Option<String>,
    /// The tool that manages it, where the file says so: `poetry`, `uv`, `pdm`, `hatch`, `pnpm@9` …
    pub tool: Option<String>,
    /// Whether the dependencies could be read in full: `setup.py` may compute them.
    pub complete: bool,
}

/// A declared dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// Whose.
    pub ecosystem: Ecosystem,
    /// The package's name as declared; PyPI names are normalised (PEP 503).
    pub name: String,
    /// The version requirement as written.
    pub requirement: String,
    /// When it is needed.
    pub group: DependencyGroup,
    /// How far the requirement fixes the version.
    pub pin: Pin,
}

/// When a dependency is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum DependencyGroup {
    Run,
    Development,
    Optional,
    Peer,
    Build,
}

/// How far a requirement fixes the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// One version: `==1.2.3`, `1.2.3` in npm.
    Exact,
    /// A bounded range: `^1.2`, `~=1.2`, `>=1,<2`.
    Range,
    /// No upper bound or no version at all: `*`, `latest`, a bare name, `>=1`.
    Open,
    /// A path in the same repository, or a workspace member.
    Local,
    /// A git or archive address with a fixed commit.
    FixedSource,
    /// A git or archive address without one.
    FloatingSource,
}

/// A lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockFile {
    /// Whose.
    pub ecosystem: Ecosystem,
    /// The kind of file: `package-lock.json`, `yarn.lock`, `pnpm-lock.yaml`, `poetry.lock`, `uv.lock`,
    /// `Pipfile.lock`, `pdm.lock`, `requirements.txt` (when every line is pinned).
    pub format: &'static str,
    /// Names of the packages it locks.
    pub packages: Vec<String>,
    /// Direct dependencies that it records with the requirement it was made for, where it does
    /// (npm, pnpm, poetry's groups, uv).
    pub roots: Vec<(String, String)>,
    /// Whether git tracks it; `None` outside git.
    pub tracked: Option<bool>,
    /// Whether its packages carry hashes.
    pub hashes: bool,
}

/// A declaration of the language runtime's version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeVersion {
    /// The language: `node`, `python`, `ruby`, `go`, `java`, `rust`, `php`, `dotnet`, `elixir`.
    pub language: String,
    /// As written.
    pub requirement: String,
    /// Where: `engines`, `.nvmrc`, `requires-python`, `.python-version`, `runtime.txt`, `image` …
    pub source: &'static str,
    /// How far it fixes the version.
    pub pin: Pin,
}

/// A named script of a manifest: package.json scripts, pyproject scripts, Makefile targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Its name.
    pub name: String,
    /// Its command line; for a Python entry point the `module:function`.
    pub command: String,
    /// Where: `package.json`, `pyproject.toml`, `Makefile`.
    pub source: &'static str,
}

/// The code imports a package that is not part of the app itself or of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Whose.
    pub ecosystem: Ecosystem,
    /// The package as a manifest would name it: `@scope/name`, `express`; for Python the top-level module.
    pub package: String,
    /// The module as written.
    pub module: String,
    /// Its absence is handled (`try … except ImportError`), so the package is optional.
    pub optional: bool,
    /// Only its types are used, so it is not needed at run time.
    pub type_only: bool,
}

/// A name under which the app's own modules can be imported, from tsconfig.json or jsconfig.json.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleAlias {
    /// What such an import starts with: `@app/` of `@app/*`, or the whole name.
    pub prefix: String,
    /// Where it leads, as written.
    pub target: String,
}

/// A copy of dependencies that is tracked by git: `node_modules`, `venv`, `site-packages`, `vendor/bundle`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedDependencies {
    /// The folder.
    pub folder: String,
    /// How many tracked files it holds.
    pub files: usize,
}

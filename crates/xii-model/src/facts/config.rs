//! Facts of config: variables read and declared, branches, values written down.

use crate::{Locator, Origin};

/// The code reads an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvRead {
    /// The variable.
    pub name: String,
    /// What is used when it is not set. `Origin::Absent` when there is no default.
    pub default: Origin,
    /// Whether its absence stops the start: `Some(true)` when the read itself fails or a check
    /// follows, `Some(false)` when a default or `undefined` is used, `None` when that is not clear.
    pub required: Option<bool>,
    /// Whether the value's form is checked (number parsed and verified, schema, type).
    pub checked: bool,
    /// What reads it: `process.env`, `os.environ`, `envalid`, `pydantic-settings`, `environs` …
    pub through: &'static str,
}

/// The code reads a whole family of variables or the whole environment, so the names are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvReadAll {
    /// What is done: `copied`, `validated`, `printed`, `looked up by a computed name`.
    pub how: &'static str,
}

/// The code checks its config at start with a schema or by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigCheck {
    /// What checks: `joi`, `zod`, `envalid`, `pydantic-settings`, `an if that throws` …
    pub through: String,
    /// The variables it names, when they can be read.
    pub names: Vec<String>,
    /// Whether a failure stops the start.
    pub stops: bool,
}

/// The code branches on the name of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentBranch {
    /// The variable, such as `NODE_ENV`.
    pub variable: String,
    /// The names it compares with.
    pub names: Vec<String>,
    /// What hangs on it.
    pub chooses: Chooses,
}

/// What hangs on the environment's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chooses {
    /// Config values or a config file: what the manifesto calls grouping.
    Config,
    /// How the program behaves: logging, error pages, development tools.
    Behaviour,
    /// Cannot be told.
    Unknown,
}

/// A credential that is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretLiteral {
    /// What it is, such as `AWS secret access key` or `password`.
    pub kind: String,
    /// The name that it is bound to, if any.
    pub name: Option<String>,
    /// How it was told from other text.
    pub told_by: ToldBy,
    /// A later config layer takes the value from the environment: it is a default.
    pub overridden: bool,
    /// The start refuses this value outside development.
    pub refused_in_production: bool,
    /// It looks like a placeholder: `changeme`, `your-api-key`, `xxx`.
    pub placeholder: bool,
}

/// How a credential was told from other text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldBy {
    /// A provider's known key format.
    Format,
    /// A private key's header.
    PrivateKey,
    /// A URL with a password.
    UrlPassword,
    /// A secret-like name bound to a literal that looks random.
    Entropy,
    /// A secret-like name bound to a literal that looks chosen by a person.
    Name,
}

/// A URL, host, port, bucket or other locator that is written in the code or its config files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocatorLiteral {
    /// The locator, redacted.
    pub locator: Locator,
    /// The name that it is bound to, if any.
    pub name: Option<String>,
    /// A variable can replace it: it is a default.
    pub overridden: bool,
    /// What it is used for, when that shows: `fetch`, `axios.get`, `pg.Pool`.
    pub used_by: Option<String>,
}

/// A declaration of a variable outside the code: `.env.example`, `app.json`, compose, a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigDeclaration {
    /// The variable.
    pub name: String,
    /// What declares it.
    pub source: DeclarationSource,
    /// Whether a value stands there that is neither empty nor a placeholder nor taken from elsewhere.
    pub has_value: bool,
    /// The value, unless it is a secret or its name says so.
    pub value: Option<String>,
    /// Whether it must be given, where the declaration says so.
    pub required: Option<bool>,
    /// The comment beside it.
    pub comment: Option<String>,
}

/// What declares a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum DeclarationSource {
    /// `.env.example`, `.env.sample`, `.env.template`, `env.dist` …
    EnvTemplate,
    /// A `.env` file with values.
    EnvFile,
    AppJson,
    Compose,
    Kubernetes,
    Dockerfile,
    XiiToml,
    /// render.yaml, fly.toml, heroku.yml, a Helm values file.
    Platform,
    Pipeline,
}

/// A file that holds config values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// The deploy that its name speaks of, such as `production`; `None` for a file without one.
    pub environment: Option<String>,
    /// What kind of file.
    pub kind: ConfigFileKind,
    /// Whether git tracks it; `None` outside git.
    pub tracked: Option<bool>,
    /// Whether it is a template: an example to copy.
    pub template: bool,
    /// Keys with a literal value that is not empty.
    pub keys: usize,
    /// Of those, keys whose value looks like deploy config: locator, host, port, secret, credential.
    pub deploy_keys: Vec<String>,
}

/// What kind of config file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigFileKind {
    /// `.env` and its variants.
    Env,
    /// YAML, JSON, TOML, properties or INI.
    Data,
    /// A program's module, such as `config/production.js` or `settings/production.py`.
    Code,
}

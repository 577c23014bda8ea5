//! Where a value comes from.

/// Where a value that the code uses comes from: a port, a host, a locator, a path, a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// It is written in the code. A credential's text is redacted.
    Literal(String),
    /// It is read from the environment.
    Env(EnvValue),
    /// It is read from the app's own config, and where that takes it from is not known.
    Config(String),
    /// It is computed in a way that is not followed.
    Computed,
    /// It is not given, so the library's default counts.
    #[default]
    Absent,
}

/// A value read from an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvValue {
    /// The variable's name.
    pub name: String,
    /// What is used when it is not set; redacted when it is a credential.
    pub default: Option<String>,
}

impl Origin {
    /// The variable that the value is read from, if it is.
    pub fn env(&self) -> Option<&str> {
        match self {
            Origin::Env(value) => Some(&value.name),
            _ => None,
        }
    }

    /// The text that is written in the code, if it is.
    pub fn literal(&self) -> Option<&str> {
        match self {
            Origin::Literal(text) => Some(text),
            _ => None,
        }
    }

    /// The text used when nothing is configured: a literal, or the default of a variable.
    pub fn fallback(&self) -> Option<&str> {
        match self {
            Origin::Literal(text) => Some(text),
            Origin::Env(value) => value.default.as_deref(),
            _ => None,
        }
    }
}

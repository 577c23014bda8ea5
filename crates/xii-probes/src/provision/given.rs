//! What a variable is given, and why.

use std::fmt;

use super::form::Form;

/// A variable that the app is given.
#[derive(Clone, PartialEq, Eq)]
pub struct Given {
    /// Its name.
    pub name: String,
    /// Its value. That of a resource is the one without anything between app and resource.
    pub value: String,
    /// Where the value comes from.
    pub from: CameFrom,
    /// Whether the value is a secret or holds one.
    pub secret: bool,
    /// What to look for in the app's output, when the value was made for that.
    pub canary: Option<Canary>,
    /// Whether the app cannot start without it.
    pub required: Needed,
    /// What the value must look like.
    pub form: Form,
}

/// Without the value, which may be a secret.
impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given")
            .field("name", &self.name)
            .field("from", &self.from)
            .field("secret", &self.secret)
            .field("required", &self.required)
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

/// Where a value comes from. Who comes earlier here outranks who comes later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CameFrom {
    /// A file of `--env-file`: the name it is shown by, and the line.
    EnvFile(String, u32),
    /// `[prove.env]` of xii.toml.
    XiiToml,
    /// A resource that stands behind it.
    Resource,
    /// Made up to be recognised, since it is a secret.
    Canary,
    /// What a platform sets, such as `NODE_ENV=production`.
    Platform,
    /// A declaration with a value: its file and line.
    Declared(String),
    /// Made up to fit, since the app needs one and nobody says which.
    Made,
}

impl fmt::Display for CameFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CameFrom::EnvFile(shown, line) => write!(f, "{shown}:{line}"),
            CameFrom::XiiToml => f.write_str("xii.toml ([prove.env])"),
            CameFrom::Resource => f.write_str("a resource"),
            CameFrom::Canary => f.write_str("a canary"),
            CameFrom::Platform => f.write_str("as a platform sets it"),
            CameFrom::Declared(place) => f.write_str(place),
            CameFrom::Made => f.write_str("made up"),
        }
    }
}

/// Whether an app cannot start without a variable, with the place that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needed {
    /// It cannot.
    Yes(String),
    /// It can.
    No(String),
    /// Nothing says so.
    Unknown,
}

impl Needed {
    /// Whether it is known that the app cannot start without it.
    pub fn is_yes(&self) -> bool {
        matches!(self, Needed::Yes(_))
    }
}

/// A secret that was made for a run: its like is nowhere else, so that whoever finds it knows whence it
/// came.
#[derive(Clone, PartialEq, Eq)]
pub struct Canary {
    /// The variable that holds it.
    pub variable: String,
    /// The secret itself: of a locator only the password.
    pub value: String,
}

/// Without the value: a canary in our own messages would be found as a leak of the app's.
impl fmt::Debug for Canary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Canary({})", self.variable)
    }
}

/// A variable that was left unset, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Its name.
    pub name: String,
    /// Why, in a few words.
    pub why: String,
}

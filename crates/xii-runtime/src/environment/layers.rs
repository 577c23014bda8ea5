use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;

use xii_model::grammar::{utf8, variables};

use crate::formation::Faulty;

/// The most bytes of a `.env` file that are read.
pub const LARGEST_FILE: u64 = 1 << 20;

/// Variables with their values and where they come from.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<OsString, Variable>,
}

/// A variable's value and where it comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    /// The value.
    pub value: OsString,
    /// Who set it last.
    pub origin: Origin,
}

/// Who set a variable. Who comes later here sets it over who comes earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The environment that xii itself was started in.
    Caller,
    /// A file of variables: the name it is shown by, and the line.
    File(String, u32),
    /// xii.toml, for this process type.
    Process(String),
    /// The runtime.
    Runtime,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Caller => f.write_str("the caller's environment"),
            Origin::File(path, line) => write!(f, "{path}:{line}"),
            Origin::Process(name) => write!(f, "xii.toml ([processes.{name}].env)"),
            Origin::Runtime => f.write_str("the runtime"),
        }
    }
}

/// Names and origins; values may be secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.variables.iter().map(|(name, one)| (name, &one.origin));
        f.debug_map().entries(shown).finish()
    }
}

/// The origin; the value may be a secret.
impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "… ({})", self.origin)
    }
}

impl Environment {
    /// The caller's environment: `std::env::vars_os()` of the program, anything in a test.
    pub fn of_caller(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut environment = Environment::default();
        for (name, value) in variables {
            environment.set(name, value, Origin::Caller);
        }
        environment
    }

    /// The same with a `.env` file over it; `path` is the name that the file is shown by. `${A}` in it is
    /// what A has on a line before, or here.
    ///
    /// # Errors
    /// Everything in the file that is outside the grammar, each with its line and column; never a value.
    pub fn with_file(mut self, path: &str, bytes: &[u8]) -> Result<Self, Faulty> {
        let told = |error: &xii_model::grammar::Malformed| error.told(path, bytes);
        if bytes.len() as u64 > LARGEST_FILE {
            let fault = format!("{path} has more than 1 MiB: give a file of variables");
            return Err(Faulty(vec![fault]));
        }
        let text = utf8(bytes).map_err(|error| Faulty(vec![told(&error)]))?;
        let outer = |name: &str| {
            let value = self.get(name)?;
            value.to_str().map(str::to_owned)
        };
        let read =
            variables(text, &outer).map_err(|errors| Faulty(errors.iter().map(told).collect()))?;
        for one in read {
            let origin = Origin::File(path.to_owned(), one.line);
            self.set(one.name, one.value, origin);
        }
        Ok(self)
    }

    /// The value of a variable.
    pub fn get(&self, name: impl AsRef<OsStr>) -> Option<&OsStr> {
        self.variable(name).map(|one| one.value.as_os_str())
    }

    /// A variable with its origin.
    pub fn variable(&self, name: impl AsRef<OsStr>) -> Option<&Variable> {
        self.variables.get(name.as_ref())
    }

    /// All variables, by their names.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &Variable)> {
        self.variables
            .iter()
            .map(|(name, one)| (name.as_os_str(), one))
    }

    /// Sets a variable, whoever set it before.
    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>, origin: Origin) {
        let variable = Variable {
            value: value.into(),
            origin,
        };
        self.variables.insert(name.into(), variable);
    }

    /// Takes a variable out.
    pub fn remove(&mut self, name: impl AsRef<OsStr>) {
        self.variables.remove(name.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller() -> Environment {
        let pairs = [("HOME", "/home/me"), ("PORT", "80")];
        Environment::of_caller(pairs.map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn a_file_is_over_the_caller_and_expands_what_it_has() {
        let environment = caller()
            .with_file("dev.env", b"# x\nPORT=6000\nDATA=${HOME}/data\n")
            .expect("a file");
        assert_eq!(environment.get("PORT"), Some(OsStr::new("6000")));
        assert_eq!(environment.get("DATA"), Some(OsStr::new("/home/me/data")));
        let origin = |name| environment.variable(name).map(|one| one.origin.to_string());
        assert_eq!(origin("PORT").as_deref(), Some("dev.env:2"));
        assert_eq!(origin("HOME").as_deref(), Some("the caller's environment"));
    }

    #[test]
    fn neither_errors_nor_debug_show_a_value() {
        let error = caller()
            .with_file(".env", b"A=$hunter2\nB 'hunter2'\n")
            .expect_err("faults");
        assert_eq!(error.0.len(), 2);
        assert!(!error.to_string().contains("hunter2"), "{error}");
        let environment = caller().with_file(".env", b"A='hunter2'").expect("a file");
        assert!(!format!("{environment:?}").contains("hunter2"));
        assert!(caller().with_file(".env", b"A=\xff").is_err());
    }
}

//! What every fact carries: its evidence and the part of the program it stands in.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::Evidence;

/// Something read from the repository.
#[derive(Clone)]
pub struct Fact<T> {
    /// Where it was read.
    pub at: Evidence,
    /// The part of the program it stands in.
    pub scope: Scope,
    /// The root of the app it belongs to, when that is not the app around its path: a service of a
    /// shared compose file belongs to the app that it builds.
    pub belongs: Option<Arc<str>>,
    /// What was read.
    pub what: T,
}

/// The part of the program that a fact stands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// What the file is for.
    pub class: FileClass,
    /// The code runs in a browser, not on the server.
    pub browser: bool,
    /// Reached only in development or tests, as a branch on the environment's name says.
    pub development: bool,
    /// Inside a request handler, so it runs once a request.
    pub handler: bool,
    /// Runs when the module is loaded, outside every function.
    pub top_level: bool,
    /// The innermost function with a name.
    pub function: Option<Arc<str>>,
}

impl Scope {
    /// Part of what is deployed and runs on the server: source that is not a test, an example, a
    /// tool, browser code or a branch for development.
    pub fn is_deployed(&self) -> bool {
        self.class == FileClass::Source && !self.browser && !self.development
    }
}

/// What a file is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileClass {
    /// Part of what is deployed.
    #[default]
    Source,
    /// Runs only in tests: test files, fixtures, mocks.
    Test,
    /// Shows how to use the code.
    Example,
    /// Prose.
    Documentation,
    /// Made by a program: bundles, minified files, lock files, generated clients.
    Generated,
    /// Somebody else's code, kept in the tree.
    Vendored,
    /// A step of the schema's history.
    Migration,
    /// A skeleton that other files are made from.
    Template,
    /// Runs on a developer's machine or in the build: bundler and linter settings, scripts.
    Tooling,
}

impl<T> Deref for Fact<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.what
    }
}

impl<T: fmt::Debug> fmt::Debug for Fact<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.at, self.what)?;
        if self.scope.class != FileClass::Source {
            write!(f, " class={:?}", self.scope.class)?;
        }
        for (name, set) in [
            ("browser", self.scope.browser),
            ("development", self.scope.development),
            ("handler", self.scope.handler),
        ] {
            if set {
                write!(f, " {name}")?;
            }
        }
        Ok(())
    }
}

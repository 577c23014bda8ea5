//! Profiles: which edition of the methodology an audit is held to.

use serde::{Deserialize, Serialize};

use crate::Factor;

/// Which edition of the methodology an audit is held to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// The manifesto's text of 2011: factors I to XII.
    Twelve,
    /// With API first, telemetry, and authentication and authorization.
    #[default]
    Fifteen,
    /// The maintainers' draft: identity is a factor, admin processes fold into processes, and a
    /// variable may hold the location of a rotating credential.
    Next,
}

impl Profile {
    /// The profile's name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Twelve => "twelve",
            Profile::Fifteen => "fifteen",
            Profile::Next => "next",
        }
    }

    /// Whether this edition has the factor.
    pub fn has(self, factor: Factor) -> bool {
        self != Profile::Twelve || factor <= Factor::XII
    }
}

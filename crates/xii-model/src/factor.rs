//! The fifteen factors.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the fifteen factors: the manifesto's twelve (<https://12factor.net>) and the three
/// that practice added, API first, telemetry, and authentication and authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Factor {
    I,
    II,
    III,
    IV,
    V,
    VI,
    VII,
    VIII,
    IX,
    X,
    XI,
    XII,
    XIII,
    XIV,
    XV,
}

impl Factor {
    /// All factors, in order.
    pub const ALL: [Factor; 15] = [
        Factor::I,
        Factor::II,
        Factor::III,
        Factor::IV,
        Factor::V,
        Factor::VI,
        Factor::VII,
        Factor::VIII,
        Factor::IX,
        Factor::X,
        Factor::XI,
        Factor::XII,
        Factor::XIII,
        Factor::XIV,
        Factor::XV,
    ];

    /// The Roman numeral, such as `IX`.
    pub fn id(self) -> &'static str {
        match self {
            Factor::I => "I",
            Factor::II => "II",
            Factor::III => "III",
            Factor::IV => "IV",
            Factor::V => "V",
            Factor::VI => "VI",
            Factor::VII => "VII",
            Factor::VIII => "VIII",
            Factor::IX => "IX",
            Factor::X => "X",
            Factor::XI => "XI",
            Factor::XII => "XII",
            Factor::XIII => "XIII",
            Factor::XIV => "XIV",
            Factor::XV => "XV",
        }
    }

    /// The factor's name, such as `Disposability`.
    pub fn name(self) -> &'static str {
        match self {
            Factor::I => "Codebase",
            Factor::II => "Dependencies",
            Factor::III => "Config",
            Factor::IV => "Backing services",
            Factor::V => "Build, release, run",
            Factor::VI => "Processes",
            Factor::VII => "Port binding",
            Factor::VIII => "Concurrency",
            Factor::IX => "Disposability",
            Factor::X => "Dev/prod parity",
            Factor::XI => "Logs",
            Factor::XII => "Admin processes",
            Factor::XIII => "API first",
            Factor::XIV => "Telemetry",
            Factor::XV => "Authentication and authorization",
        }
    }

    /// The factor in one sentence.
    pub fn principle(self) -> &'static str {
        match self {
            Factor::I => "one codebase in revision control, many deploys",
            Factor::II => "declare and isolate dependencies",
            Factor::III => "keep config in the environment",
            Factor::IV => "treat backing services as attached resources",
            Factor::V => "keep build, release and run apart",
            Factor::VI => "run the app as stateless processes that share nothing",
            Factor::VII => "export services by binding a port",
            Factor::VIII => "scale out by processes",
            Factor::IX => "start fast, stop gracefully, survive sudden death",
            Factor::X => "keep development, staging and production alike",
            Factor::XI => "treat logs as event streams",
            Factor::XII => "run admin tasks as one-off processes of a release",
            Factor::XIII => "agree on the contract before the code",
            Factor::XIV => "let the app be measured from outside",
            Factor::XV => "know who asks, and what they may do",
        }
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// The text names no factor.
#[derive(Debug, thiserror::Error)]
#[error("no factor is called `{0}`: the factors are I to XV")]
pub struct UnknownFactor(String);

impl FromStr for Factor {
    type Err = UnknownFactor;

    /// Reads `III`, `iii`, `3` or a name such as `config`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = text.trim();
        Factor::ALL
            .into_iter()
            .enumerate()
            .find(|(index, factor)| {
                factor.id().eq_ignore_ascii_case(wanted)
                    || factor.name().eq_ignore_ascii_case(wanted)
                    || wanted.parse() == Ok(index + 1)
            })
            .map(|(_, factor)| factor)
            .ok_or_else(|| UnknownFactor(text.to_owned()))
    }
}

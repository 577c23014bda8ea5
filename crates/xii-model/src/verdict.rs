//! Verdicts: what a report says of a criterion.

use serde::{Deserialize, Serialize};

/// What a report says of a criterion. Silence never means `Holds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// There is positive evidence that the app keeps it.
    Holds,
    /// A finding of medium or high confidence says that it does not.
    Broken,
    /// The criterion asks nothing of this app.
    NotApplicable,
    /// Nothing that was read or run answers it.
    CouldNotTell,
}

impl Verdict {
    /// The words for a person.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Broken => "broken",
            Verdict::NotApplicable => "not applicable",
            Verdict::CouldNotTell => "could not tell",
        }
    }
}

//! The three separate axes of a finding: how bad, how sure, and for whom.

use serde::{Deserialize, Serialize};

/// How bad a broken criterion is for a deploy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing fails for it.
    Note,
    /// Will cost time or trouble on a platform.
    Warning,
    /// Fails, leaks or loses on a platform.
    Error,
}

/// How sure the claim is, judged from the evidence and not from how bad it would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A sign that a person should look at; it breaks no criterion by itself.
    Low,
    /// More likely true than not: at least three in four.
    Medium,
    /// At least nineteen in twenty are true.
    High,
}

/// For whom a finding is raised.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Persona {
    /// Everyone.
    #[default]
    Regular,
    /// Those who asked for the last one in a hundred as well.
    Strict,
}

impl Severity {
    /// The word used in every format.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }

    /// How many points of the score a broken criterion weighs.
    pub fn weight(self) -> u32 {
        match self {
            Severity::Note => 1,
            Severity::Warning => 2,
            Severity::Error => 4,
        }
    }
}

impl Confidence {
    /// The word used in every format.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

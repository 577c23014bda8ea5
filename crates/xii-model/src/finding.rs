//! A finding: the claim of a rule or a probe that a criterion is broken.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Confidence, Evidence, Factor, Persona, Severity};

/// The claim of a rule or a probe that a criterion is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Names the finding across runs: stays the same when lines above it move.
    pub fingerprint: String,
    /// The name of the rule or the probe.
    pub rule: &'static str,
    /// The criterion's id.
    pub criterion: &'static str,
    /// The criterion's factor.
    pub factor: Factor,
    /// The root of the app it was found for.
    pub app: String,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// For whom.
    pub persona: Persona,
    /// What is there and why it matters, in one or two sentences.
    pub message: String,
    /// Where.
    pub evidence: Evidence,
    /// What to write instead, in this app's own framework.
    pub help: String,
    /// Other places that belong to the claim.
    pub related: Vec<Related>,
    /// A change that mends it, when one can be written down.
    pub fix: Option<Fix>,
    /// Why it does not count, if it does not.
    pub suppression: Option<Suppression>,
}

/// Another place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub evidence: Evidence,
    /// What is there.
    pub message: String,
}

impl Finding {
    /// Whether it breaks its criterion: it is sure enough, and neither the maintainers nor a run spoke
    /// against it. What a baseline knows still does; it only fails nothing.
    pub fn counts(&self) -> bool {
        self.confidence > Confidence::Low
            && self
                .suppression
                .as_ref()
                .is_none_or(|suppression| suppression.by == SuppressedBy::Baseline)
    }
}

/// Why a finding does not count towards the verdict and the exit code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// Who said so.
    pub by: SuppressedBy,
    /// The reason given.
    pub reason: String,
}

/// Where a suppression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SuppressedBy {
    /// A comment `xii: allow(rule) reason` on the line or above it.
    Comment,
    /// `[check] allow` in xii.toml.
    Config,
    /// The baseline file.
    Baseline,
    /// A run of the app, which showed otherwise.
    Run,
}

/// A change to files that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an instruction: `add a frozen install`.
    pub title: String,
    /// Whether it can change what the program means.
    pub safety: Safety,
    /// The edits, all or none.
    pub edits: Vec<Edit>,
}

/// Whether a fix can change what the program means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// The program means the same afterwards.
    Safe,
    /// The program may behave differently; a person should read the diff.
    Unsafe,
}

/// One edit of one file. Paths are below the audited folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Put the text in place of what the evidence spans.
    Replace {
        /// What to replace.
        at: Evidence,
        /// The new text.
        with: String,
    },
    /// Put a line above the one where the evidence starts.
    InsertAbove {
        /// The line below the new one.
        at: Evidence,
        /// The new line, without its line break.
        line: String,
    },
    /// Add lines to the end of a file, which is made when it does not exist.
    Append {
        /// The file.
        path: String,
        /// The lines, each ended by a line break.
        text: String,
    },
    /// Make a file. When it exists, nothing is done.
    Create {
        /// The file.
        path: String,
        /// Its whole text.
        text: String,
    },
}

/// The fingerprint of a finding: SHA-256 over what identifies it, cut to 128 bits, in hex.
///
/// `anchor` is the text of the flagged line without white space (not its number, so that it survives
/// lines added above), `subject` what the claim is about, and `ordinal` counts equal ones in a file.
pub fn fingerprint(rule: &str, path: &str, subject: &str, anchor: &str, ordinal: usize) -> String {
    let anchor: String = anchor.split_whitespace().collect();
    let mut hash = Sha256::new();
    for part in [rule, path, subject, &anchor, &ordinal.to_string()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize()[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

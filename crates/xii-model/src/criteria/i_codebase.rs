//! I Codebase.

use super::EVERY;
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[Criterion {
    id: "I.1",
    factor: Factor::I,
    title: "is under version control",
    statement: "The app is under version control.",
    why: "A deploy that cannot be traced to a commit cannot be reproduced, compared or rolled back. \
          Code that lives only on a server or a laptop is one disk failure from gone.",
    how: "Keep the whole app in one git repository, and let `.gitignore` hold only what the build makes.",
    source: "The Twelve-Factor App, I Codebase: https://12factor.net/codebase",
    profiles: EVERY,
    from_code: Some("a git work tree around the app, with its files tracked"),
    from_run: None,
}];

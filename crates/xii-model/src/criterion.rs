//! The catalogue of criteria: the testable statements under each factor.

use crate::criteria;
use crate::{Factor, Profile};

/// A testable statement under a factor, such as IX.2.
#[derive(Debug)]
pub struct Criterion {
    /// The stable id: factor and number, such as `IX.2`.
    pub id: &'static str,
    /// The factor it stands under.
    pub factor: Factor,
    /// Two to six words for tables, such as `drains on SIGTERM`; lower case, a predicate of the app.
    pub title: &'static str,
    /// The statement in one sentence.
    pub statement: &'static str,
    /// Why it matters: what goes wrong on a platform when it is broken. Two or three sentences.
    pub why: &'static str,
    /// What an app does to keep it. Two to four sentences.
    pub how: &'static str,
    /// Where the demand comes from: a section of the manifesto, an RFC, a specification; with its address.
    pub source: &'static str,
    /// The profiles that hold an app to it.
    pub profiles: &'static [Profile],
    /// What reading the repository can show; `None` when code alone shows nothing.
    pub from_code: Option<&'static str>,
    /// What a run can show; `None` when a run shows nothing.
    pub from_run: Option<&'static str>,
}

impl Criterion {
    /// The criterion with this id, in any case.
    pub fn find(id: &str) -> Option<&'static Criterion> {
        criteria::all().find(|criterion| criterion.id.eq_ignore_ascii_case(id.trim()))
    }

    /// All criteria, in the order of their factors and numbers.
    pub fn all() -> impl Iterator<Item = &'static Criterion> {
        criteria::all()
    }

    /// The criteria of one factor.
    pub fn of(factor: Factor) -> impl Iterator<Item = &'static Criterion> {
        criteria::all().filter(move |criterion| criterion.factor == factor)
    }

    /// Whether the profile holds an app to it.
    pub fn in_profile(&self, profile: Profile) -> bool {
        self.profiles.contains(&profile)
    }
}

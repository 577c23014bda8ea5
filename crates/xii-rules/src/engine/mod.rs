//! How rules are run: what a rule is and may say, which of them ask something of an app, and how what
//! they say becomes verdicts.

pub(crate) mod applicability;
pub(crate) mod audit;
pub(crate) mod claims;
pub(crate) mod rule;
pub(crate) mod suppress;
pub(crate) mod verdict;

//! Reads everything of the environment.

use xii_model::Facts;

use super::{branches, checks, reads, whole};
use crate::languages::javascript::seen::Seen;

/// Reads everything of the environment.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    let mentioned = ["env", "Env", "ENV", "ConfigService"];
    if !mentioned.iter().any(|word| seen.has(word)) {
        return;
    }
    reads::reads(seen, facts);
    reads::described(seen, facts);
    whole::whole(seen, facts);
    checks::checks(seen, facts);
    branches::branches(seen, facts);
}

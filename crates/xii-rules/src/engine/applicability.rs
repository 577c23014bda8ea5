//! Which criteria ask something of an app at all. A criterion that asks nothing is told once, here,
//! so that no rule has to.

use xii_model::{ANSWERS_NOTHING, App, AppKind, Criterion};

/// Why the criterion asks nothing of this app; `None` when it does ask something.
pub(crate) fn not_applicable(app: &App, criterion: &Criterion) -> Option<&'static str> {
    let asks_of_site = matches!(
        criterion.id,
        "I.1"
            | "I.2"
            | "I.3"
            | "I.4"
            | "II.1"
            | "II.2"
            | "II.3"
            | "II.6"
            | "II.7"
            | "III.1"
            | "III.6"
            | "V.1"
    );
    if app.kind == AppKind::Site && !asks_of_site {
        return Some("the app is files for a browser: no process of its own runs on a server");
    }
    match criterion.id {
        "VI.1" | "VI.4" | "VII.1" | "VII.2" | "VII.3" | "VII.4" | "IX.2" | "IX.6" | "XI.5"
        | "XIII.1" | "XIII.2" | "XIII.3" | "XIII.4" | "XIV.2" | "XV.1" | "XV.3" | "XV.6"
            if !app.serves() =>
        {
            Some(ANSWERS_NOTHING)
        }
        "IX.3" | "VIII.5" if !app.works() => Some("the app takes no work from a queue"),
        "IV.1" | "IV.2" | "IV.3" | "IV.4" | "IV.5" | "IV.6" | "IV.7" | "X.1" | "X.2"
            if app.facts.resource_clients.is_empty() && app.facts.attached_resources.is_empty() =>
        {
            Some("no backing service was found")
        }
        _ => None,
    }
}

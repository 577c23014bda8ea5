//! Reading a file: every family of facts in turn.

use xii_model::Facts;

use super::seen::Seen;
use super::{env, exports, imports, literals, resources, servers, state, stream, trust, web};
use crate::languages::language::{Exports, File};

/// A family of facts: a table of what libraries mean, and what goes over it.
type Topic = fn(&Seen<'_>, &mut Facts);

/// Every family but config and imports.
#[rustfmt::skip]
const TOPICS: &[Topic] = &[
    servers::listen, servers::signals, servers::jobs, servers::queues, servers::migrations, servers::programs,
    resources::clients, resources::resilience,
    state::sessions, state::files, state::memory,
    stream::sinks, stream::leaks, stream::requests,
    trust::tokens, trust::cookies, trust::identity,
    web::routes, web::decorated, web::health, web::errors, web::contracts, web::telemetry, web::versions,
];

/// Reads the facts of a file, and what it exports.
pub(super) fn read(file: &File<'_>, facts: &mut Facts) -> Exports {
    let seen = Seen::of(file);
    // Secrets first: what they mask is masked in all evidence after them.
    let bindings = literals::bindings(&seen);
    literals::read_secrets(&seen, &bindings, facts);
    literals::read_locators(&seen, &bindings, facts);
    imports::read(&seen, facts);
    env::read(&seen, facts);
    for topic in TOPICS {
        topic(&seen, facts);
    }
    let text = file.source.text;
    let mut exported = if text.contains("export") || text.contains("SIG") {
        exports::exports(&seen)
    } else {
        Exports::new()
    };
    if !facts.routes.is_empty() || text.contains(".use(") || text.contains(".route(") {
        web::mounts(&seen, &mut exported);
    }
    exported
}

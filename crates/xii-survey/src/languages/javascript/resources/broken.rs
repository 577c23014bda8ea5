//! Whether anybody listens when an idle connection of a pool breaks.
//!
//! The pool of node-postgres gives the error of an idle client out as its own `error` event, and that of
//! a client that was taken out as the client's. An `error` event that nobody listens for ends a Node
//! process: <https://node-postgres.com/apis/pool#error>.

use xii_model::{Facts, Resilience, Setting};

use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::syntax::{Kind, NodeId};

/// Makers of pools that behave so.
const POOLS: [&str; 5] = [
    "pg.Pool",
    "pg.default.Pool",
    "pg.native.Pool",
    "pg-pool",
    "@vercel/postgres.createPool",
];

/// Names of what a module gives away as its pool.
const NAMES: [&str; 5] = ["pool", "db", "pg", "database", "postgres"];

/// Whether a pool comes back by itself after an outage: its library does, unless the outage ends the
/// process.
pub(super) fn comes_back(seen: &Seen<'_>, call: &Called, retry: Setting) -> Setting {
    if retry != Setting::DefaultGood || !POOLS.contains(&call.path.as_str()) {
        return retry;
    }
    let held = held_as(seen, call);
    let on_it = |object: &str| held.iter().any(|name| name == object);
    if listened(seen, on_it) && !keeps_a_client(seen, on_it) {
        Setting::DefaultGood
    } else {
        Setting::DefaultBad
    }
}

/// Reads the listeners that one file has on a pool of another.
pub(super) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    for call in &seen.calls {
        let Some(object) = heard(seen, call) else {
            continue;
        };
        let elsewhere = object.starts_with(['.', '@', '#']) || object.starts_with("this.");
        let name = object.rsplit(['.', '/']).next().unwrap_or(object);
        let name = name.trim_end_matches("()").to_ascii_lowercase();
        if elsewhere && NAMES.iter().any(|word| name.ends_with(word)) {
            let listener = Resilience {
                what: "error listener",
                through: name,
            };
            facts.push(seen.fact(call.id, listener));
        }
    }
}

/// What `error` is listened for on, when the call does that.
fn heard<'c>(seen: &Seen<'_>, call: &'c Called) -> Option<&'c str> {
    let object = [".on", ".once", ".addListener"]
        .iter()
        .find_map(|end| call.path.strip_suffix(end))?;
    let event = seen.tree.arg(call.id, 0)?;
    (seen.text(event) == Some("error")).then_some(object)
}

fn listened(seen: &Seen<'_>, on_it: impl Fn(&str) -> bool) -> bool {
    seen.calls
        .iter()
        .any(|call| heard(seen, call).is_some_and(&on_it))
}

/// The paths under which the file names what a call makes: `pg.Pool()` through its name, `this.pool`
/// through the field that it is kept in.
fn held_as(seen: &Seen<'_>, call: &Called) -> Vec<String> {
    let tree = seen.tree;
    let mut held = vec![format!("{}()", call.path)];
    for outer in tree.ancestors(call.id).take(3) {
        match tree.kind(outer) {
            Kind::Assign { target, .. } => held.extend(seen.path(*target)),
            Kind::Field { name, .. } => held.push(format!("this.{name}")),
            _ => {}
        }
    }
    held
}

/// Whether a client is taken out of the pool and never given back: then its own errors count, and the
/// pool does not hear them.
fn keeps_a_client(seen: &Seen<'_>, on_it: impl Fn(&str) -> bool) -> bool {
    if seen.has(".release(") || seen.has(".release)") {
        return false;
    }
    seen.calls.iter().any(|call| {
        call.path.strip_suffix(".connect").is_some_and(&on_it) && !gives_back(seen, call.id)
    })
}

/// Whether the call-back of `pool.connect((error, client, done) => …)` calls `done`, or hands it on.
fn gives_back(seen: &Seen<'_>, call: NodeId) -> bool {
    let tree = seen.tree;
    let Some(function) = tree
        .arg(call, 0)
        .and_then(|arg| seen.function(arg))
        .and_then(|id| tree.as_function(id))
    else {
        return false;
    };
    let Some(done) = function.parameters.get(2).map(|one| one.name.as_str()) else {
        return false;
    };
    tree.within(function.body)
        .any(|id| matches!(tree.kind(id), Kind::Name(name) if name == done))
}

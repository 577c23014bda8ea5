//! Handlers of signals whose work is done in another file of the app: what a file exports that closes a
//! server, and which imported functions the handlers of a file call.

use std::collections::HashSet;

use xii_model::Origin;

use super::signals::{handled, handlers_function};
use crate::languages::javascript::modules::is_own;
use crate::languages::javascript::seen::Seen;
use crate::languages::language::{CLOSES_SERVER, Exports, handler_key};
use crate::languages::syntax::{Kind, NodeId};

/// How many imported functions one handler is followed into, and how many nodes of it are looked at.
const REFERENCES: usize = 8;
const NODES: usize = 2_000;

/// Adds what calling an exported function does, when it closes a server.
pub(in crate::languages::javascript) fn exported(
    seen: &Seen<'_>,
    path: &str,
    function: NodeId,
    exports: &mut Exports,
) {
    // The function's own text is asked first: most close nothing.
    let text = seen.file.source.text.get(seen.tree.span(function));
    let words = ["close", "stop", "shutdown", "Shutdown", "terminate"];
    if text.is_some_and(|text| words.iter().any(|word| text.contains(word)))
        && super::signals::closes(seen, function)
    {
        exports.insert(
            format!("{path}()"),
            Origin::Literal(CLOSES_SERVER.to_owned()),
        );
    }
}

/// Adds the imported functions that each handler of a signal calls.
pub(in crate::languages::javascript) fn called(seen: &Seen<'_>, exports: &mut Exports) {
    for call in &seen.calls {
        let Some(handler) = handled(seen, call) else {
            continue;
        };
        let at = seen.fact(call.id, ()).at.start;
        for (number, reference) in references(seen, handler).into_iter().enumerate() {
            exports.insert(
                format!("{}{number}", handler_key(at)),
                Origin::Config(reference),
            );
        }
    }
}

/// The functions of other modules that a handler is or calls, itself or through the file's own functions.
fn references(seen: &Seen<'_>, handler: NodeId) -> Vec<String> {
    let tree = seen.tree;
    let named = |id: NodeId| {
        let (module, members) = tree.reference(id)?;
        is_own(&module).then(|| format!("{module}#{}()", members.join(".")))
    };
    let Some(first) = handlers_function(seen, handler) else {
        return named(handler).into_iter().collect();
    };
    let mut found = Vec::new();
    let mut open = vec![first];
    let mut done = HashSet::new();
    while let Some(function) = open.pop() {
        if found.len() >= REFERENCES || done.len() >= REFERENCES || !done.insert(function) {
            break;
        }
        for id in tree.within(function).take(NODES) {
            let Kind::Call { callee, .. } = tree.kind(id) else {
                continue;
            };
            let followed = tree.follow(*callee);
            match tree.kind(followed) {
                Kind::Function(_) => open.push(followed),
                _ => found.extend(named(*callee)),
            }
        }
    }
    found.truncate(REFERENCES);
    found
}

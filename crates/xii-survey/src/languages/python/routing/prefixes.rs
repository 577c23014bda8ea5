//! Prefixes as code writes them.

use xii_model::Origin;

use crate::languages::python::reader::Reader;
use crate::languages::routing::{Part, Prefix};
use crate::languages::syntax::{Binding, Kind, NodeId, Operator};

/// How deep a prefix is followed.
const STEPS: usize = 8;
/// How many parts of one are read.
const PARTS: usize = 16;

/// The prefix that an argument gives; none when it is not given.
pub(in crate::languages::python) fn prefix_of(reader: &Reader<'_>, id: Option<NodeId>) -> Prefix {
    id.map_or_else(Prefix::none, |id| within(reader, id, STEPS))
}

fn within(reader: &Reader<'_>, id: NodeId, steps: usize) -> Prefix {
    let Some(steps) = steps.checked_sub(1) else {
        return Prefix::unknown();
    };
    let tree = reader.tree;
    let all = |parts: &[NodeId]| {
        let parts = parts.iter().take(PARTS);
        parts.fold(Prefix::none(), |prefix, part| {
            prefix.then(within(reader, *part, steps))
        })
    };
    match tree.kind(id) {
        Kind::Text(text) => Prefix::text(text.as_str()),
        Kind::Null => Prefix::none(),
        Kind::Template(parts) => all(parts),
        Kind::Binary {
            operator: Operator::Add,
            left,
            right,
        } => all(&[*left, *right]),
        Kind::Name(name) => match tree.lookup(name, id) {
            [Binding::Value(value)] => within(reader, *value, steps),
            // Assigned again somewhere: the first says what it is as long as nothing changes it.
            [Binding::Value(first), _, ..] => Prefix {
                certain: false,
                ..within(reader, *first, steps)
            },
            _ => value(reader, id),
        },
        _ => value(reader, id),
    }
}

/// A prefix that is taken from the environment or from another module.
fn value(reader: &Reader<'_>, id: NodeId) -> Prefix {
    match reader.origin(id) {
        Origin::Literal(text) => Prefix::text(text),
        origin @ (Origin::Env(_) | Origin::Config(_)) => Prefix {
            parts: vec![Part::Value(origin)],
            certain: true,
        },
        _ => Prefix::unknown(),
    }
}

//! A file while its facts are read: what every table needs, made once.

use std::collections::HashSet;
use std::ops::Range;

use xii_model::{Evidence, Fact, Facts, Kind as FactKind, Origin, Scope};

use super::surroundings::scope;
use super::values::Python;
use crate::languages::language::File;
use crate::languages::routing::Routing;
use crate::languages::syntax::{NodeId, Tree};

/// A file while its facts are read.
pub(super) struct Reader<'a> {
    pub(super) file: &'a File<'a>,
    pub(super) tree: &'a Tree,
    /// What is known of the file's values.
    pub(super) values: &'a Python,
    /// All calls with the canonical path of what they call.
    pub(super) calls: &'a [(NodeId, String)],
    /// Classes that take their fields from the environment.
    pub(super) settings: &'a HashSet<NodeId>,
    pub(super) facts: &'a mut Facts,
    /// Routers, and facts whose paths lack what they are mounted under.
    pub(super) routing: &'a mut Routing,
}

impl Reader<'_> {
    /// Adds a fact that was read at a node.
    pub(super) fn push<T: FactKind>(&mut self, id: NodeId, what: T) {
        let fact = self.fact(id, what);
        self.facts.push(fact);
    }

    /// A fact that was read at a node.
    pub(super) fn fact<T>(&self, id: NodeId, what: T) -> Fact<T> {
        Fact {
            at: self.file.source.evidence(self.tree.span(id)),
            scope: self.scope(id),
            belongs: None,
            what,
        }
    }

    /// Adds a fact that was read at these bytes of a node.
    pub(super) fn push_span<T: FactKind>(&mut self, id: NodeId, span: Range<usize>, what: T) {
        let at = self.file.source.evidence(span);
        self.push_at(id, at, what);
    }

    fn push_at<T: FactKind>(&mut self, id: NodeId, at: Evidence, what: T) {
        let scope = self.scope(id);
        self.facts.push(Fact {
            at,
            scope,
            belongs: None,
            what,
        });
    }

    pub(super) fn scope(&self, id: NodeId) -> Scope {
        scope(self.file, id)
    }

    /// Where a value comes from, its credentials left out.
    pub(super) fn origin(&self, id: NodeId) -> Origin {
        self.values.origin(self.tree, id)
    }

    /// Where an argument's value comes from; `Absent` when it is not given.
    pub(super) fn origin_of(&self, id: Option<NodeId>) -> Origin {
        id.map_or(Origin::Absent, |id| self.origin(id))
    }
}

//! What a language is to the survey.

use std::collections::BTreeMap;

use xii_model::{Facts, Origin, Position};

use super::routing::Routing;
use super::syntax::Tree;
use crate::source::Source;

/// A language: how its files are recognised, lowered and read.
pub(crate) struct Language {
    /// Endings of its files, without the dot.
    pub(crate) extensions: &'static [&'static str],
    /// The language's name for a file with this ending: `typescript` for `tsx`.
    pub(crate) name: fn(extension: &str) -> &'static str,
    /// The grammar for a file with this ending.
    pub(crate) grammar: fn(extension: &str) -> tree_sitter::Language,
    /// Whether a text may hold a fact besides its imports, told without parsing: too often rather
    /// than too rarely. What may not is not parsed.
    pub(crate) may_hold_facts: fn(text: &str) -> bool,
    /// Calls back with everything that may be an imported module, found without parsing: too many
    /// rather than too few. A file is parsed for its imports only when one of them is not known.
    pub(crate) import_candidates: Candidates,
    /// The package that an imported module belongs to, as a manifest would name it; `None` for the
    /// language's own modules and for relative ones.
    pub(crate) package: fn(module: &str) -> Option<String>,
    /// Lowers a syntax tree. Bounded in depth: what is nested deeper is left out.
    pub(crate) lower: fn(root: tree_sitter::Node<'_>, text: &str) -> Tree,
    /// Reads the facts of a lowered file, and says what the file gives to other files of the app. Both
    /// at once, because both need to know what its names mean.
    pub(crate) read: fn(file: &File<'_>, facts: &mut Facts) -> Given,
    /// The files, by path below the audited folder, that a reference to a module may mean, the
    /// likeliest first. `from` is the path of the file that imports it.
    pub(crate) module_files: fn(from: &str, module: &str) -> Vec<String>,
}

/// Calls back with every module that a text may import.
pub(crate) type Candidates = fn(text: &str, found: &mut dyn FnMut(&str));

/// A source file as it is being read.
pub(crate) struct File<'a> {
    /// The text and the making of evidence.
    pub(crate) source: &'a Source<'a>,
    /// The lowered tree.
    pub(crate) tree: &'a Tree,
    /// The ending, without the dot.
    pub(crate) extension: &'a str,
}

/// What a file gives to other files of the app.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// Where its values come from.
    pub(crate) exports: Exports,
    /// Its routers, and the routes whose whole paths other files know.
    pub(crate) routing: Routing,
}

/// Where the values that a file exports come from: `port`, `db.url`, `Settings.DATABASE_URL`, by their
/// path below the module.
///
/// Three kinds of keys are no values: `stop()` says that calling the exported `stop` closes a server
/// ([`CLOSES_SERVER`]), a [`handler_key`] leads to the imported functions that a handler of a signal in
/// the file calls, and a [`router_key`] says of a router where it is made, mounted and used.
pub(crate) type Exports = BTreeMap<String, Origin>;

/// What stands for a function that closes a server.
pub(crate) const CLOSES_SERVER: &str = "closes a server";

/// The start of the keys for the handler of a signal that is installed at this place.
pub(crate) fn handler_key(at: Position) -> String {
    format!("@{}:{}/", at.line, at.column)
}

/// What a [`router_key`] says. A router is told by the place in its file where it is made
/// ([`Origin::Literal`]), or by a reference to another file's ([`Origin::Config`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RouterPart {
    /// By a route's line and column: the router that it is registered on.
    Route,
    /// By the name under which it is exported: a router.
    Name,
    /// By a router's place: the prefix that it has by itself.
    Prefix,
    /// By the number of a mount: its path.
    MountPath,
    /// By the number of a mount: what is mounted on.
    MountParent,
    /// By the number of a mount: what is mounted.
    MountRouter,
    /// By the number of a mount: somebody asks who asks before it.
    MountGuard,
}

/// The key for a part of what a file says of routers. No member of a module starts with a slash.
pub(crate) fn router_key(part: RouterPart, of: &str) -> String {
    let part = match part {
        RouterPart::Route => "route",
        RouterPart::Name => "router",
        RouterPart::Prefix => "prefix",
        RouterPart::MountPath => "mount",
        RouterPart::MountParent => "mount on",
        RouterPart::MountRouter => "mount of",
        RouterPart::MountGuard => "mount guarded",
    };
    format!("/{part}/{of}")
}

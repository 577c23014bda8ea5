//! What one file says of routers: which there are, where they are mounted, which routes they hold.

use std::collections::BTreeMap;

use xii_model::{Fact, Facts, Health, Metrics, Origin, Route};

/// What one file says of routers.
#[derive(Debug, Default)]
pub(crate) struct Routing {
    /// The file's routers, by their name; what functions hold has the function's number with it.
    pub(crate) declared: BTreeMap<String, (Standing, Prefix)>,
    /// Names that stand for other routers: imports, results of functions.
    pub(crate) aliases: BTreeMap<String, Router>,
    pub(crate) mounts: Vec<Mount>,
    pub(crate) pending: Vec<Pending>,
    /// Modules whose patterns the framework's settings name as those of the whole app.
    pub(crate) roots: Vec<String>,
}

/// Where a router's routes are served when nothing mounts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// At their own paths: it is an application.
    Application,
    /// Nobody knows where: it has to be mounted.
    Group,
    /// At their own paths when the settings name its module, or name none.
    Patterns,
}

/// A router, as an expression names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Router {
    /// One of this file, by its key in `declared` or `aliases`.
    Here(String),
    /// What another module gives, and the name that it has here.
    There {
        module: String,
        members: Vec<String>,
        name: String,
    },
    /// The application itself, by its type or its name.
    Application,
    Unknown,
}

/// A router is served below a path of another one.
#[derive(Debug)]
pub(crate) struct Mount {
    pub(crate) child: Router,
    pub(crate) parent: Router,
    pub(crate) prefix: Prefix,
    /// Whether a prefix that is given here stands in place of the router's own (Flask), and not before it.
    pub(crate) replaces: bool,
}

/// A fact whose path lacks what its router is mounted under.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) what: What,
    pub(crate) on: Router,
    /// What stands between the router and the path.
    pub(crate) before: Prefix,
}

/// A fact with a path.
#[derive(Debug)]
pub(crate) enum What {
    Route(Fact<Route>, Says),
    Health(Fact<Health>),
    Metrics(Fact<Metrics>),
}

/// What a route's function shows, for what the whole path says besides.
#[derive(Clone, Debug)]
pub(crate) struct Says {
    /// Adds what the whole path says: the route, its path below its router, and what its function shows.
    pub(crate) besides: fn(&Fact<Route>, &str, &Says, &mut Facts),
    /// Whether the function asks a resource, when it shows.
    pub(crate) checks: Option<bool>,
    /// Whether the function does nothing but answer.
    pub(crate) only_answers: bool,
    /// Whether the file gives metrics away.
    pub(crate) metrics: bool,
}

/// A prefix in parts, some of which are values of other modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prefix {
    pub(crate) parts: Vec<Part>,
    /// Whether the parts are all of it, whatever the environment says.
    pub(crate) certain: bool,
}

/// A part of a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Value(Origin),
}

impl Prefix {
    /// No prefix at all.
    pub(crate) fn none() -> Self {
        Prefix {
            parts: Vec::new(),
            certain: true,
        }
    }

    /// A prefix that the code does not show.
    pub(crate) fn unknown() -> Self {
        Prefix {
            parts: Vec::new(),
            certain: false,
        }
    }

    /// A prefix that is written.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        let written = (!text.is_empty()).then_some(Part::Text(text));
        Prefix {
            parts: written.into_iter().collect(),
            certain: true,
        }
    }

    /// This prefix and then another.
    pub(crate) fn then(mut self, mut other: Prefix) -> Self {
        self.parts.append(&mut other.parts);
        self.certain &= other.certain;
        self
    }
}

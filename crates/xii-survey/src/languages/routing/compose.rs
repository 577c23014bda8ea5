//! Whole paths: what every router is mounted under, through the files of the app.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use xii_model::Facts;

use super::kinds::{Mount, Pending, Prefix, Router, Routing, Standing, What};
use super::prefixes::{Path, Values};
use crate::languages::{self, Exports};

/// How many names and modules are followed to a router.
const STEPS: usize = 12;
/// How many routers may stand above one another.
const DEPTH: usize = 16;
/// How many places one router is mounted at; the others are left out.
const PLACES: usize = 16;
/// How many modules are asked that a module takes everything from.
const WILDCARDS: usize = 8;

/// A router of a file.
type Id<'a> = (&'a str, &'a str);

/// Where a router that is named leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found<'a> {
    Declared(Id<'a>),
    Application,
    Unknown,
}

/// Adds the facts of all files that waited for the prefixes of their paths.
pub(crate) fn compose(
    facts: &mut Facts,
    files: &[(Arc<str>, Routing)],
    exports: &[(Arc<str>, Exports)],
) {
    if files.iter().all(|(_, routing)| routing.pending.is_empty()) {
        return;
    }
    let modules = exports.iter().map(|(path, one)| (&**path, one)).collect();
    let mut all = All {
        files: files.iter().map(|(path, one)| (&**path, one)).collect(),
        values: Values::of(modules),
        mounts: HashMap::new(),
        roots: HashSet::new(),
        known: HashMap::new(),
    };
    for (path, routing) in files {
        for module in &routing.roots {
            let place = (languages::of(path).into_iter())
                .flat_map(|language| (language.module_files)(path, module))
                .find_map(|file| all.files.get_key_value(file.as_str()));
            all.roots.extend(place.map(|(file, _)| *file));
        }
        for mount in &routing.mounts {
            if let Found::Declared(child) = all.find(path, &mount.child, STEPS) {
                let parent = all.find(path, &mount.parent, STEPS);
                let places = all.mounts.entry(child).or_default();
                if places.len() < PLACES {
                    places.push((path, mount, parent));
                }
            }
        }
    }
    for (path, routing) in files {
        for pending in &routing.pending {
            all.settle(path, pending, facts);
        }
    }
}

/// All files while paths are put together.
struct All<'a> {
    files: HashMap<&'a str, &'a Routing>,
    values: Values<'a>,
    /// Where routers are mounted: the file that says so, and what it is mounted on.
    mounts: HashMap<Id<'a>, Vec<(&'a str, &'a Mount, Found<'a>)>>,
    /// Files whose patterns the settings name.
    roots: HashSet<&'a str>,
    /// What stands before a router's paths, where it was put together already.
    known: HashMap<Id<'a>, Vec<Path>>,
}

impl<'a> All<'a> {
    /// The router that an expression of a file names.
    fn find(&self, from: &'a str, router: &'a Router, steps: usize) -> Found<'a> {
        match router {
            Router::Application => Found::Application,
            Router::Unknown => Found::Unknown,
            Router::Here(key) => self
                .in_file(from, key, &[], steps)
                .unwrap_or(Found::Unknown),
            Router::There {
                module,
                members,
                name,
            } => self
                .in_module(from, module, members, steps)
                .unwrap_or_else(|| match names_application(name) {
                    true => Found::Application,
                    false => Found::Unknown,
                }),
        }
    }

    /// The router that a file has under a name, or that members below the name lead to.
    fn in_file(
        &self,
        file: &'a str,
        key: &str,
        rest: &[String],
        steps: usize,
    ) -> Option<Found<'a>> {
        let steps = steps.checked_sub(1)?;
        let routing = self.files.get(file)?;
        if let Some((key, _)) = routing.declared.get_key_value(key) {
            return Some(Found::Declared((file, key)));
        }
        match routing.aliases.get(key) {
            Some(Router::There {
                module,
                members,
                name,
            }) => {
                let members: Vec<String> = members.iter().chain(rest).cloned().collect();
                self.in_module(file, module, &members, steps)
                    .or_else(|| names_application(name).then_some(Found::Application))
            }
            Some(Router::Here(other)) => self.in_file(file, other, rest, steps),
            Some(Router::Application) => Some(Found::Application),
            Some(Router::Unknown) => None,
            None => {
                let all = routing
                    .aliases
                    .iter()
                    .filter(|(key, _)| key.starts_with('*'));
                all.take(WILDCARDS).find_map(|(_, alias)| match alias {
                    Router::There { module, .. } => {
                        let members = [&[key.to_owned()], rest].concat();
                        self.in_module(file, module, &members, steps)
                    }
                    _ => None,
                })
            }
        }
    }

    fn in_module(
        &self,
        from: &'a str,
        module: &str,
        members: &[String],
        steps: usize,
    ) -> Option<Found<'a>> {
        let steps = steps.checked_sub(1)?;
        let language = languages::of(from)?;
        let file = (language.module_files)(from, module)
            .into_iter()
            .find_map(|file| self.files.get_key_value(file.as_str()));
        let Some((first, rest)) = members.split_first() else {
            // A module of patterns, given as itself.
            let (file, routing) = file?;
            let (key, _) = routing.declared.get_key_value("urlpatterns")?;
            return Some(Found::Declared((file, key)));
        };
        let direct = file.and_then(|(file, _)| self.in_file(file, first, rest, steps));
        direct.or_else(|| {
            let dot = if module.ends_with('.') { "" } else { "." };
            self.in_module(from, &format!("{module}{dot}{first}"), rest, steps)
        })
    }

    /// What stands before the paths of a router, for each place that it is mounted at.
    fn before(&mut self, found: Found<'a>, above: &mut Vec<Id<'a>>) -> Vec<Path> {
        let certainly = |certain| Path {
            text: String::new(),
            certain,
        };
        let id = match found {
            Found::Application => return vec![certainly(true)],
            Found::Unknown => return vec![certainly(false)],
            Found::Declared(id) => id,
        };
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        if above.contains(&id) || above.len() >= DEPTH {
            return Vec::new();
        }
        let Some((standing, own)) = self.files.get(id.0).and_then(|one| one.declared.get(id.1))
        else {
            return vec![certainly(false)];
        };
        let own = self.values.text(id.0, own);
        let mut paths: Vec<Path> = Vec::new();
        above.push(id);
        for (file, mount, parent) in self.mounts.get(&id).cloned().unwrap_or_default() {
            let given = self.values.text(file, &mount.prefix);
            let replaced = mount.replaces && mount.prefix != Prefix::none();
            for start in self.before(parent, above) {
                let whole = start.join(&given);
                let whole = match replaced {
                    true => whole,
                    false => whole.and_then(|start| start.join(&own)),
                };
                let Some(whole) = whole else { continue };
                if let Some(path) = paths.iter_mut().find(|path| path.text == whole.text) {
                    path.certain |= whole.certain;
                } else if paths.len() < PLACES {
                    paths.push(whole);
                }
            }
        }
        above.pop();
        let stands = match standing {
            Standing::Application => paths.is_empty(),
            Standing::Group => false,
            Standing::Patterns => {
                self.roots.contains(id.0) || self.roots.is_empty() && paths.is_empty()
            }
        };
        if stands && paths.iter().all(|path| path.text != own.text) {
            paths.push(own.clone());
        }
        if paths.is_empty() {
            paths.push(Path {
                text: own.text,
                certain: false,
            });
        }
        self.known.insert(id, paths.clone());
        paths
    }

    /// Adds a fact once for each whole path that it has.
    fn settle(&mut self, file: &'a str, pending: &'a Pending, facts: &mut Facts) {
        let on = self.find(file, &pending.on, STEPS);
        let between = self.values.text(file, &pending.before);
        let mut add = |text: Option<String>, certain: bool| match &pending.what {
            What::Route(fact, says) => {
                let mut whole = fact.clone();
                whole.what.certain &= certain;
                if let Some(text) = text {
                    whole.what.path = text;
                }
                (says.besides)(&whole, &fact.what.path, says, facts);
                facts.push(whole);
            }
            What::Health(fact) => {
                let mut whole = fact.clone();
                whole.what.path = text.or(whole.what.path);
                facts.push(whole);
            }
            What::Metrics(fact) => {
                let mut whole = fact.clone();
                whole.what.path = text.or(whole.what.path);
                facts.push(whole);
            }
        };
        let own = match &pending.what {
            What::Route(fact, _) => Some(&fact.what.path),
            What::Health(fact) => fact.what.path.as_ref(),
            What::Metrics(fact) => fact.what.path.as_ref(),
        };
        let Some(own) = own else {
            return add(None, true);
        };
        let own = Path {
            text: own.clone(),
            certain: true,
        };
        for start in self.before(on, &mut Vec::new()) {
            match start.join(&between).and_then(|start| start.join(&own)) {
                Some(path) => add(Some(from_root(path.text)), path.certain),
                None => add(Some(from_root(own.text.clone())), false),
            }
        }
    }
}

/// A path as a client asks for it.
fn from_root(path: String) -> String {
    if path.starts_with('/') {
        path
    } else {
        format!("/{path}")
    }
}

/// Whether a name says that it is the application.
pub(crate) fn names_application(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "app" | "application" | "server" | "web" | "current_app" | "asgi" | "wsgi" | "webapp"
    ) || lower.ends_with("_app")
}

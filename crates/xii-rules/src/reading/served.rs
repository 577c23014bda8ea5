//! Which files surely belong to what is started: a script beside the app may be a tool of its makers.

use std::collections::BTreeSet;

use xii_model::{App, Evidence};

use crate::command::start_lines;

/// Folders that by custom hold the app.
const CUSTOMARY: [&str; 9] = [
    "src",
    "server",
    "app",
    "api",
    "lib",
    "backend",
    "routes",
    "controllers",
    "dist",
];

/// The part of an app's tree that is surely started.
pub(crate) struct Served<'a> {
    root: &'a str,
    /// Files that hold a listener, a route or a consumer, as seen from the root.
    files: BTreeSet<&'a str>,
    /// Their folders below the root.
    folders: BTreeSet<&'a str>,
    /// Words of the start commands: files and modules.
    started: Vec<String>,
}

impl<'a> Served<'a> {
    /// Finds it by the facts of the app.
    pub(crate) fn of(app: &'a App) -> Self {
        let facts = &app.facts;
        let listens = facts
            .listens
            .iter()
            .filter(|one| one.scope.is_deployed())
            .map(|one| &one.at);
        let routes = facts
            .routes
            .iter()
            .filter(|one| one.scope.is_deployed())
            .map(|one| &one.at);
        let consumers = facts
            .queue_consumers
            .iter()
            .filter(|one| one.scope.is_deployed())
            .map(|one| &one.at);
        let files: BTreeSet<&str> = listens
            .chain(routes)
            .chain(consumers)
            .map(|at: &Evidence| below(&at.path, &app.root))
            .collect();
        let started: Vec<String> = start_lines::of(app)
            .iter()
            .flat_map(|start| start.commands())
            .flat_map(|command| command.operands().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        // A start command that names its folder says more than the facts do. The root holds
        // everything, tools too: only the files themselves count there.
        let says_where = started.iter().any(|word| {
            let word = word.trim_start_matches("./");
            !word.starts_with('/') && word.contains('/') && !word.contains("://")
        });
        let folders = files
            .iter()
            .map(|path| top(path))
            .filter(|folder| !says_where && !folder.is_empty())
            .collect();
        Served {
            root: &app.root,
            files,
            folders,
            started,
        }
    }

    /// Whether the file is surely part of it.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let path = below(path, self.root);
        let folder = top(path);
        let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        let module = stem.replace('/', ".");
        CUSTOMARY.contains(&folder)
            || self.files.contains(path)
            || self.folders.contains(folder)
            || self.started.iter().any(|word| {
                let word = word.trim_start_matches("./");
                let word = word.split(':').next().unwrap_or(word);
                word == path
                    || word == stem
                    || word == module
                    || (!folder.is_empty()
                        && (top(word) == folder || word.split('.').next() == Some(folder)))
            })
    }
}

/// A path as seen from the app's root.
fn below<'a>(path: &'a str, root: &str) -> &'a str {
    path.strip_prefix(root)
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(path)
}

/// The first folder of a path; empty for a file that stands at the root.
fn top(path: &str) -> &str {
    path.split_once('/').map_or("", |(top, _)| top)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specimen::{listen, process};

    #[test]
    fn what_is_started_is_told_from_tools_beside_it() {
        let mut app = App {
            root: ".".to_owned(),
            ..App::default()
        };
        app.facts.push(listen("web/main.js", "express"));
        app.facts
            .push(process("web", "gunicorn shop.wsgi:app -b :$PORT"));
        app.facts.push(process("clock", "node ./clock.js"));
        let mut sure = app.clone();
        sure.facts.push(process("worker", "node web/worker.js"));
        sure.facts.push(listen("extra/push.js", "express"));
        assert!(!Served::of(&sure).holds("extra/release.mjs"));
        let served = Served::of(&app);
        for path in ["web/orders.js", "shop/models.py", "clock.js", "src/a.ts"] {
            assert!(served.holds(path), "{path}");
        }
        for path in [
            "extra/release.mjs",
            "rsn/utils.ts",
            "hooks/post.py",
            "setup.js",
        ] {
            assert!(!served.holds(path), "{path}");
        }
    }
}

//! Which files are part of the processes that serve and work, as far as their paths tell.

use xii_model::{App, Evidence};

use crate::command::start_lines;

/// Where the app takes requests: what listens, else its first route. Code of the web process comes
/// before settings of a server in front of it, and before examples and tools that listen as well.
pub(crate) fn front_door(app: &App) -> Option<&Evidence> {
    let listens = app
        .facts
        .listens
        .iter()
        .filter(|listen| listen.scope.is_deployed())
        .map(|listen| &listen.at);
    let routes = app
        .facts
        .routes
        .iter()
        .filter(|route| route.scope.is_deployed())
        .map(|route| &route.at);
    listens
        .clone()
        .chain(routes.clone())
        .find(|at| stays(&at.path) && is_code(&at.path))
        .or_else(|| listens.chain(routes).next())
}

/// Whether the file is code and not settings, by its ending.
fn is_code(path: &str) -> bool {
    let end = path.rsplit('.').next().unwrap_or_default();
    !matches!(
        end,
        "ini" | "conf" | "yml" | "yaml" | "toml" | "json" | "cfg" | "sh"
    ) && !path.ends_with(".conf.py")
}

/// Whether what stands in the file is part of a process that stays, as its folders say: commands that
/// a person runs at a terminal may print.
pub(crate) fn stays(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    let name = path.rsplit('/').next().unwrap_or(path);
    !folders.split('/').any(|folder| {
        // A hidden folder holds settings of tools.
        folder.starts_with('.')
            || matches!(
                folder,
                "management"
                    | "commands"
                    | "cli"
                    | "scripts"
                    | "script"
                    | "bin"
                    | "hooks"
                    | "tools"
                    | "seeds"
                    | "seed"
                    | "seeders"
                    | "migrations"
                    | "alembic"
                    | "examples"
                    | "extra"
            )
    }) && !name.starts_with("cli.")
        && !name.starts_with("manage.")
        && !name.starts_with("seed.")
}

/// Whether a file that listens is part of a process that serves. `bin/` holds commands, but a command
/// that listens stays: it is where express-generator puts its `www`. What lies among tools and examples
/// is part of it when a start command names it.
pub(crate) fn serves(app: &App, path: &str) -> bool {
    let without_bin: Vec<&str> = path.split('/').filter(|part| *part != "bin").collect();
    stays(&without_bin.join("/")) || is_started(app, path)
}

/// Whether a start command names the file, or what is built of it: `node dist/bin/www.js` starts
/// `src/bin/www.ts`.
fn is_started(app: &App, path: &str) -> bool {
    let below = path
        .strip_prefix(app.root.as_str())
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(path);
    let source = module(below);
    start_lines::of(app)
        .iter()
        .flat_map(|start| start.commands())
        .any(|command| {
            command
                .words()
                .iter()
                .any(|word| module(word.trim_start_matches("./")) == source)
        })
}

/// A file without its ending and without the folder that it is kept in before or after the build.
fn module(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or(0, |(_, end)| end.len() + 1);
    let stem = path.get(..path.len() - ending).unwrap_or(path);
    ["src/", "dist/", "build/", "out/"]
        .iter()
        .find_map(|folder| stem.strip_prefix(folder))
        .unwrap_or(stem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specimen::process;

    #[test]
    fn what_listens_is_told_from_tools() {
        let mut app = App {
            root: ".".to_owned(),
            ..App::default()
        };
        for path in ["bin/www", "src/bin/www.ts", "server.js"] {
            assert!(serves(&app, path), "{path}");
        }
        let tools = ["scripts/mock.js", "examples/server.js", "tools/bin/x.js"];
        for path in tools {
            assert!(!serves(&app, path), "{path}");
        }
        app.facts.push(process("web", "node ./scripts/mock"));
        app.facts.push(process("api", "node dist/tools/bin/x.js"));
        assert_eq!(tools.map(|path| serves(&app, path)), [true, false, true]);
    }
}

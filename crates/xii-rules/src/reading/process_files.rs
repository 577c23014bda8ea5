//! Which files are part of the processes that serve and work, as far as their paths tell.

use xii_model::{App, Evidence};

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

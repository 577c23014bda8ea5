//! Process types from the scripts of package.json.

use xii_model::{App, Ecosystem, Fact, ProcessType};

use super::infer::Found;

/// How many scripts are followed one into the other.
const MOST: usize = 4;
/// Said where a script cannot be run without its package manager.
const THROUGH_MANAGER: &str = "through the package manager, which keeps signals from what it starts: the whole group is told to stop";

/// The `start` script; without one what npm starts, `server.js`.
pub(super) fn start(app: &App) -> Option<Found> {
    if let Some(process) = of_package(app).find(|one| one.name == "web") {
        return Some(found(app, "start", process));
    }
    let manifest = app.path("package.json");
    let server = app.path("server.js");
    let has = |path: &str| app.files.iter().any(|file| &*file.path == path);
    let scripts = app.facts.scripts.iter();
    let mut starts = scripts.filter(|one| one.source == "package.json" && one.name == "start");
    (has(&manifest) && has(&server) && starts.next().is_none()).then(|| Found {
        command: "node server.js".to_owned(),
        origin: format!("{server}, which `npm start` runs"),
        remark: None,
    })
}

/// The other scripts that are process types, by their types' names.
pub(super) fn others(app: &App) -> Vec<(&str, Found)> {
    of_package(app)
        .filter(|one| one.name != "web")
        .filter_map(|one| {
            let script = app
                .facts
                .scripts
                .iter()
                .find(|script| script.at == one.at)?;
            Some((one.name.as_str(), found(app, &script.name, one)))
        })
        .collect()
}

/// Types that the app's own package.json gives.
fn of_package(app: &App) -> impl Iterator<Item = &Fact<ProcessType>> {
    let manifest = app.path("package.json");
    app.facts
        .process_types
        .iter()
        .filter(move |one| one.source == "package.json" && *one.at.path == *manifest)
}

/// The script's own command where it is simple, so that signals reach it; else by the package manager.
fn found(app: &App, script: &str, process: &Fact<ProcessType>) -> Found {
    let origin = format!("{} scripts.{script}", process.at.path);
    match direct(app, script) {
        Some(command) => Found {
            command,
            origin,
            remark: None,
        },
        None => Found {
            command: format!("{} run {script}", manager(app)),
            origin,
            remark: Some(THROUGH_MANAGER),
        },
    }
}

/// The command of a script if it is one program, scripts that only run another script followed.
fn direct(app: &App, script: &str) -> Option<String> {
    let mut name = script.to_owned();
    for _ in 0..MOST {
        let command = command_of(app, &name)?;
        let around = [format!("pre{name}"), format!("post{name}")];
        if around.iter().any(|one| command_of(app, one).is_some()) || !is_simple(command) {
            return None;
        }
        match next_script(command) {
            Some(next) => name = next.to_owned(),
            None => return Some(command.to_owned()),
        }
    }
    None
}

fn command_of<'a>(app: &'a App, name: &str) -> Option<&'a str> {
    let manifest = app.path("package.json");
    let scripts = app.facts.scripts.iter();
    scripts
        .filter(|one| one.source == "package.json" && *one.at.path == *manifest)
        .find(|one| one.name == name)
        .map(|one| one.command.trim())
}

/// One program and its arguments: no list, no pipe, nothing that only the package manager knows.
fn is_simple(command: &str) -> bool {
    const RUNNERS: [&str; 8] = [
        "npx",
        "bunx",
        "run-s",
        "run-p",
        "npm-run-all",
        "concurrently",
        "cross-env",
        "dotenv",
    ];
    let program = command.split_whitespace().next().unwrap_or_default();
    !command.contains(['&', ';', '|', '\n', '<', '>', '`'])
        && !command.contains("npm_")
        && !command.contains("***")
        && !RUNNERS.contains(&program)
        && (next_script(command).is_some() || !matches!(program, "npm" | "yarn" | "pnpm" | "bun"))
}

/// The script that a command does nothing but run: `npm run serve`, `yarn serve`.
fn next_script(command: &str) -> Option<&str> {
    let words: Vec<&str> = command.split_whitespace().collect();
    match words.as_slice() {
        ["npm" | "yarn" | "pnpm" | "bun", "run", name] => Some(name),
        ["npm" | "yarn" | "pnpm", "start"] => Some("start"),
        _ => None,
    }
}

/// The package manager, by the manifest, else by the lock file.
fn manager(app: &App) -> &str {
    let manifests = app.facts.manifests.iter();
    let declared = manifests
        .filter(|one| one.ecosystem == Ecosystem::Npm)
        .find_map(|one| one.tool.as_deref()?.split('@').next());
    let has = |name: &str| {
        let path = app.path(name);
        app.files.iter().any(|file| *file.path == *path)
    };
    declared.unwrap_or_else(|| {
        [
            ("pnpm-lock.yaml", "pnpm"),
            ("yarn.lock", "yarn"),
            ("bun.lock", "bun"),
            ("bun.lockb", "bun"),
        ]
        .into_iter()
        .find(|(lock, _)| has(lock))
        .map_or("npm", |(_, manager)| manager)
    })
}

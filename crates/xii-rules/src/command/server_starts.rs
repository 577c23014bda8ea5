//! The servers that declared processes start.

use xii_model::{App, Fact, ProcessType};

use super::server::ServerCommand;
use crate::{deploy_names, places};

/// A declared process that starts a known server.
pub(crate) struct Started<'a> {
    pub(crate) fact: &'a Fact<ProcessType>,
    pub(crate) server: ServerCommand,
    /// It is declared for a developer's machine only, as far as its file and name say.
    pub(crate) local: bool,
}

/// The servers that the app's declared processes start.
pub(crate) fn started(app: &App) -> Vec<Started<'_>> {
    // A package script is what a developer types, where something else starts the deploy without it.
    let replaces_scripts = app.facts.process_types.iter().any(|process| {
        process.source != "package.json"
            && !is_local(process)
            && !process.command.is_empty()
            && !["npm", "yarn", "pnpm", "bun"]
                .iter()
                .any(|manager| process.command.contains(manager))
    });
    // A supervisor's file is for a machine of one's own, unless the image starts the supervisor.
    let replaces_supervisor = app.facts.process_types.iter().any(|process| {
        matches!(
            process.source.as_str(),
            "Procfile" | "Dockerfile" | "kubernetes"
        ) && !is_local(process)
            && !process.command.is_empty()
    }) && !app
        .facts
        .process_types
        .iter()
        .any(|process| process.command.contains("supervisor"));
    app.facts
        .process_types
        .iter()
        .filter(|process| !(replaces_scripts && process.source == "package.json"))
        .filter(|process| !(replaces_supervisor && process.source == "supervisor"))
        .filter_map(|fact| {
            let server = ServerCommand::read(&fact.command)?;
            Some(Started {
                fact,
                server,
                local: is_local(fact),
            })
        })
        .collect()
}

/// Whether a process is declared for a developer's machine. A compose file without a deploy in its
/// name is: that is what compose is used for first.
pub(crate) fn is_local(process: &Fact<ProcessType>) -> bool {
    let path = &process.at.path;
    process.scope.development
        || deploy_names::named_for_development(path)
        || places::is_pipeline(path)
        || (places::is_compose(path) && !deploy_names::named_for_production(path))
        || (process.source == "package.json"
            && process.name.split([':', '-', '_']).any(|word| {
                deploy_names::is_development_name(word)
                    || matches!(word, "watch" | "debug" | "preview")
            }))
}

/// Whether a declared process that is deployed starts a server made for production, so that what the
/// code starts by itself (`app.run`) is not what serves there.
pub(crate) fn has_production_server(app: &App) -> bool {
    started(app)
        .iter()
        .any(|one| !one.local && !one.server.development())
}

/// Whether what the code starts through this library gives way to a server that a command starts:
/// such a server loads the app and does not run its main program.
pub(crate) fn gives_way(through: &str) -> bool {
    [
        "flask",
        "uvicorn",
        "hypercorn",
        "werkzeug",
        "waitress",
        "wsgiref",
        "django",
        "fastapi",
    ]
    .iter()
    .any(|name| through.contains(name))
}

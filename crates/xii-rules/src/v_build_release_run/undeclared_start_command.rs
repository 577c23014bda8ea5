//! Finds apps that do not say how they are built and started.
//!
//! ## What it looks for
//!
//! A declared command that runs the app: a Procfile, an image's CMD, a compose or Kubernetes command, a
//! `start` script; and with it a declared build: a Dockerfile, a `build` script, a manifest that is
//! installed from a lock. The finding stands at the manifest when no command runs the app.
//!
//! ## Why it matters
//!
//! A platform builds the code, joins it with config, and starts it: three steps that it can repeat
//! only if the app says what they are. What stands in a wiki or in somebody's memory cannot be
//! automated, and differs from deploy to deploy.
//!
//! ## What to do instead
//!
//! Declare each step where platforms look for it:
//!
//! ```text
//! # Procfile
//! release: python manage.py migrate
//! web: gunicorn project.wsgi --bind 0.0.0.0:$PORT
//! ```
//! ```json
//! { "scripts": { "build": "tsc", "start": "node dist/server.js" } }
//! ```

use xii_model::{App, AppKind, Confidence, Framework, Instruction, Severity};

use crate::{Claims, Rule, images, manifests};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "undeclared-start-command",
    criteria: &["V.1"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let image = images::deployed(app).next();
    let runs_in_image = image.filter(|image| {
        image
            .effective_steps()
            .iter()
            .any(|step| matches!(step.does, Instruction::Cmd(_) | Instruction::Entrypoint(_)))
    });
    if let Some(image) = runs_in_image {
        claims.holds(
            "V.1",
            "the Dockerfile declares the build, and its command the run",
            &image.at,
        );
        return;
    }
    let declared = app
        .facts
        .process_types
        .iter()
        .find(|process| !crate::deploy_names::is_for_developers(&process.at.path));
    if let Some(process) = declared {
        let build = app
            .facts
            .scripts
            .iter()
            .any(|script| script.what.name == "build")
            || image.is_some()
            || !app.facts.lock_files.is_empty()
            || app
                .facts
                .manifests
                .iter()
                .any(|manifest| manifest.ecosystem == xii_model::Ecosystem::Python);
        if build {
            claims.holds(
                "V.1",
                format!(
                    "{} declares how `{}` runs, and the build is declared apart",
                    process.what.source, process.what.name
                ),
                &process.at,
            );
        }
        return;
    }
    let (AppKind::Service, Some(manifest)) = (app.kind, manifests::any(app)) else {
        return;
    };
    let place = app
        .facts
        .listens
        .iter()
        .find(|listen| listen.scope.is_deployed())
        .map_or(&manifest.at, |listen| &listen.at);
    claims
        .finding(
            &manifest.at,
            "no command that runs this app is declared: neither a Procfile nor an image nor a start script says how a platform starts it",
        )
        .confidence(if app.serves() && app.root == "." { Confidence::High } else { Confidence::Low })
        .related(place, "what would be started")
        .help(advice(app));
}

fn advice(app: &App) -> &'static str {
    if app.uses(Framework::Next) {
        "declare the build and the run apart, in package.json:\n    \"scripts\": { \"build\": \"next build\", \"start\": \"next start\" }"
    } else if app.uses(Framework::Nest) {
        "declare the build and the run apart, in package.json:\n    \"scripts\": { \"build\": \"nest build\", \"start\": \"node dist/main\" }"
    } else if app.uses(Framework::Django) {
        "declare what runs, in a Procfile:\n    release: python manage.py migrate\n    web: gunicorn project.wsgi --bind 0.0.0.0:$PORT"
    } else if app.uses(Framework::FastApi) || app.uses(Framework::Starlette) {
        "declare what runs, in a Procfile:\n    web: uvicorn app.main:app --host 0.0.0.0 --port $PORT"
    } else if app.is_python() {
        "declare what runs, in a Procfile:\n    web: gunicorn app:app --bind 0.0.0.0:$PORT"
    } else {
        "declare what runs, in package.json:\n    \"scripts\": { \"start\": \"node server.js\" }"
    }
}

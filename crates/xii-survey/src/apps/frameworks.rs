//! Which frameworks an app is built on, from what it declares and what it runs.

use std::collections::BTreeSet;

use xii_model::{DependencyGroup, Facts, Framework};

use super::sight::contains;

/// Package names and the framework that each speaks of.
const PACKAGES: [(&str, Framework); 44] = [
    ("express", Framework::Express),
    ("fastify", Framework::Fastify),
    ("koa", Framework::Koa),
    ("@hapi/hapi", Framework::Hapi),
    ("hapi", Framework::Hapi),
    ("@nestjs/core", Framework::Nest),
    ("next", Framework::Next),
    ("nuxt", Framework::Nuxt),
    ("@remix-run/node", Framework::Remix),
    ("@remix-run/express", Framework::Remix),
    ("socket.io", Framework::SocketIo),
    ("apollo-server", Framework::Apollo),
    ("apollo-server-express", Framework::Apollo),
    ("@apollo/server", Framework::Apollo),
    ("bullmq", Framework::BullMq),
    ("bull", Framework::BullMq),
    ("react", Framework::React),
    ("react-scripts", Framework::React),
    ("preact", Framework::React),
    ("vue", Framework::Vue),
    ("@angular/core", Framework::Angular),
    ("svelte", Framework::Svelte),
    ("vite", Framework::Vite),
    ("flask", Framework::Flask),
    ("quart", Framework::Flask),
    ("django", Framework::Django),
    ("djangorestframework", Framework::Django),
    ("wagtail", Framework::Django),
    ("fastapi", Framework::FastApi),
    ("starlette", Framework::Starlette),
    ("tornado", Framework::Tornado),
    ("aiohttp", Framework::Aiohttp),
    ("sanic", Framework::Sanic),
    ("celery", Framework::Celery),
    ("gunicorn", Framework::Gunicorn),
    ("uvicorn", Framework::Uvicorn),
    ("flask-restful", Framework::Flask),
    ("flask-restx", Framework::Flask),
    ("connexion", Framework::Flask),
    ("django-ninja", Framework::Django),
    ("sqlmodel", Framework::FastApi),
    ("@feathersjs/express", Framework::Express),
    ("@adonisjs/core", Framework::Express),
    ("sails", Framework::Express),
];

/// The frameworks that a package of this name speaks of.
pub(crate) fn named_frameworks(package: &str) -> Vec<Framework> {
    PACKAGES
        .iter()
        .filter(|(name, _)| *name == package)
        .map(|(_, framework)| *framework)
        .collect()
}

/// The frameworks of an app. `aiohttp` and `starlette` are often only a client or what FastAPI
/// stands on, so they count when the app listens or routes through them.
pub(crate) fn frameworks(facts: &Facts, own: &str) -> BTreeSet<Framework> {
    let declared = facts.dependencies.iter().filter(|one| {
        contains(own, &one.at.path)
            && matches!(one.group, DependencyGroup::Run | DependencyGroup::Optional)
            || one.name == "vite" && contains(own, &one.at.path)
    });
    let mut found: BTreeSet<Framework> = declared
        .flat_map(|one| named_frameworks(&one.name))
        .collect();
    let served: BTreeSet<Framework> = facts
        .listens
        .iter()
        .map(|one| one.what.through.as_str())
        .chain(facts.routes.iter().map(|one| one.what.through.as_str()))
        .flat_map(named_frameworks)
        .collect();
    for doubtful in [Framework::Aiohttp, Framework::Tornado, Framework::Starlette] {
        if !served.contains(&doubtful) {
            found.remove(&doubtful);
        }
    }
    for (command, framework) in [
        ("gunicorn", Framework::Gunicorn),
        ("uvicorn", Framework::Uvicorn),
        ("celery", Framework::Celery),
    ] {
        if facts
            .process_types
            .iter()
            .any(|one| one.what.command.contains(command))
        {
            found.insert(framework);
        }
    }
    found.extend(served);
    found
}

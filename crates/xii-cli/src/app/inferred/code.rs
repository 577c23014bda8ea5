//! Process types from what the code is built on.

use xii_model::{App, Framework};

use super::infer::Found;

/// Said where only a server for development is there.
const DEVELOPMENT: &str = "a server for development: declare gunicorn or uvicorn for deploys";

/// How the app is served, when its framework and its files say so.
pub(super) fn web(app: &App) -> Option<Found> {
    django(app)
        .or_else(|| asgi(app))
        .or_else(|| flask(app))
        .or_else(|| next(app))
        .or_else(|| cargo(app))
        .or_else(|| listener(app))
}

fn django(app: &App) -> Option<Found> {
    if !app.uses(Framework::Django) {
        return None;
    }
    let gunicorn = app.depends_on(&["gunicorn"]);
    if let Some(file) = own(app, "/wsgi.py").filter(|_| gunicorn) {
        return Some(Found {
            command: format!("gunicorn {} --bind 0.0.0.0:$PORT", module_of(app, &file)),
            origin: file,
            remark: None,
        });
    }
    let file = own(app, "manage.py").filter(|file| *file == app.path("manage.py"))?;
    Some(Found {
        // Its reloader would start a second process.
        command: "python3 manage.py runserver 0.0.0.0:$PORT --noreload".to_owned(),
        origin: file,
        remark: Some(DEVELOPMENT),
    })
}

fn asgi(app: &App) -> Option<Found> {
    if !app.uses(Framework::FastApi) && !app.uses(Framework::Starlette) {
        return None;
    }
    let routes = app
        .facts
        .routes
        .iter()
        .filter(|route| route.scope.is_deployed());
    let paths: Vec<&str> = routes.map(|route| &*route.at.path).collect();
    let file = ["main.py", "app.py", "asgi.py", "server.py"]
        .iter()
        .find_map(|name| paths.iter().find(|path| is_named(path, name)))?;
    Some(Found {
        command: format!(
            "uvicorn {}:app --host 0.0.0.0 --port $PORT",
            module_of(app, file)
        ),
        origin: (*file).to_owned(),
        remark: None,
    })
}

fn flask(app: &App) -> Option<Found> {
    if !app.uses(Framework::Flask) {
        return None;
    }
    let file = ["wsgi.py", "app.py", "main.py", "server.py"]
        .iter()
        .find_map(|name| own(app, name))?;
    let module = module_of(app, &file);
    if app.depends_on(&["gunicorn"]) {
        return Some(Found {
            command: format!("gunicorn {module}:app --bind 0.0.0.0:$PORT"),
            origin: file,
            remark: None,
        });
    }
    Some(Found {
        command: format!("flask --app {module} run --host 0.0.0.0 --port $PORT"),
        origin: file,
        remark: Some(DEVELOPMENT),
    })
}

fn next(app: &App) -> Option<Found> {
    app.uses(Framework::Next).then(|| Found {
        command: "next start --port $PORT".to_owned(),
        origin: app.path("package.json"),
        remark: Some("after `next build`"),
    })
}

/// A package of Cargo with one program. Cargo becomes it, so that signals reach it.
fn cargo(app: &App) -> Option<Found> {
    let manifest = app.path("Cargo.toml");
    let main = app.path("src/main.rs");
    let has = |path: &str| app.files.iter().any(|file| &*file.path == path);
    (has(&manifest) && has(&main)).then(|| Found {
        command: "cargo run --release".to_owned(),
        origin: main,
        remark: Some("cargo builds it first"),
    })
}

/// A file that itself listens. TypeScript runs after a build whose output folder is not known here.
fn listener(app: &App) -> Option<Found> {
    let listens = app.facts.listens.iter();
    let path = &listens
        .filter(|listen| listen.scope.is_deployed())
        .find(|listen| {
            [".js", ".mjs", ".cjs", ".py"]
                .iter()
                .any(|ending| listen.at.path.ends_with(ending))
        })?
        .at
        .path;
    let file = within(app, path)?;
    let program = if file.ends_with(".py") {
        "python3"
    } else {
        "node"
    };
    Some(Found {
        command: format!("{program} {file}"),
        origin: format!("{path} listens"),
        remark: None,
    })
}

/// The worker of an app whose code takes work from Celery.
pub(super) fn celery(app: &App) -> Option<Found> {
    let consumers = app.facts.queue_consumers.iter();
    let one = consumers
        .filter(|one| one.through == "celery")
        .find(|one| one.scope.is_deployed())?;
    Some(Found {
        command: format!("celery --app {} worker", module_of(app, &one.at.path)),
        origin: one.at.to_string(),
        remark: None,
    })
}

/// The app's own file whose path ends so, the one nearest to its root.
fn own(app: &App, end: &str) -> Option<String> {
    app.files
        .iter()
        .filter(|file| within(app, &file.path).is_some())
        .filter(|file| {
            matches!(
                file.class,
                xii_model::FileClass::Source | xii_model::FileClass::Tooling
            )
        })
        .map(|file| &*file.path)
        .filter(|path| path.ends_with(end) && (end.starts_with('/') || is_named(path, end)))
        .min_by_key(|path| (path.matches('/').count(), *path))
        .map(str::to_owned)
}

fn is_named(path: &str, name: &str) -> bool {
    path.rsplit('/').next() == Some(name)
}

/// A path below the app's root; `None` for what it shares with others.
fn within<'a>(app: &App, path: &'a str) -> Option<&'a str> {
    if app.root == "." {
        Some(path)
    } else {
        path.strip_prefix(app.root.as_str())?.strip_prefix('/')
    }
}

/// The Python module of a file: `shop.wsgi` of `shop/wsgi.py`.
fn module_of(app: &App, path: &str) -> String {
    within(app, path)
        .unwrap_or(path)
        .trim_end_matches(".py")
        .trim_end_matches("/__init__")
        .replace('/', ".")
}

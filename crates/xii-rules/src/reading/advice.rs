//! Advice that several rules give: the same thing, said in the app's own framework.

use xii_model::{App, Framework};

use crate::command::start::Place;
use crate::places;

/// How the app drains on SIGTERM.
pub(crate) fn drain(app: &App) -> &'static str {
    if app.uses(Framework::Nest) {
        "in main.ts, before `listen`:

    app.enableShutdownHooks();

SIGTERM then runs `app.close()`: requests in flight end, and every provider's `onModuleDestroy` and `onApplicationShutdown` can close its pool"
    } else if app.uses(Framework::Fastify) {
        "close the instance; Fastify refuses new requests and waits for those in flight:

    process.on('SIGTERM', async () => {
      await app.close(); // also runs the onClose hooks: close pools there
      process.exit(0);
    });"
    } else if app.uses(Framework::Next) {
        "`next start` drains on SIGTERM by itself; a custom server has to do it:

    const server = createServer(handle).listen(port);
    process.on('SIGTERM', () => server.close(() => process.exit(0)));"
    } else if app.uses(Framework::Koa) {
        "keep the server that `listen` returns and close it:

    const server = app.listen(port);
    process.on('SIGTERM', () => {
      server.close(async () => { await pool.end(); process.exit(0); });
      setTimeout(() => process.exit(1), 25_000).unref(); // below the platform's grace
    });"
    } else if places::is_pythonic(app) {
        python_drain(app)
    } else {
        "keep the server that `listen` returns and close it:

    const server = app.listen(port);
    process.on('SIGTERM', () => {
      server.close(async () => { await pool.end(); process.exit(0); });
      server.closeIdleConnections();
      setTimeout(() => process.exit(1), 25_000).unref(); // below the platform's grace
    });"
    }
}

/// How a Python app is served by something that drains.
fn python_drain(app: &App) -> &'static str {
    if app.uses(Framework::FastApi) || app.uses(Framework::Starlette) {
        "run it under uvicorn, which stops accepting on SIGTERM and finishes what is in flight; close pools after `yield` in the lifespan:

    exec uvicorn app.main:app --host 0.0.0.0 --port $PORT --timeout-graceful-shutdown 25"
    } else if app.uses(Framework::Django) {
        "run it under gunicorn, which stops accepting on SIGTERM and gives workers time to finish:

    exec gunicorn project.wsgi --bind 0.0.0.0:$PORT --graceful-timeout 25"
    } else {
        "run it under gunicorn, which stops accepting on SIGTERM and gives workers time to finish:

    exec gunicorn app:app --bind 0.0.0.0:$PORT --graceful-timeout 25"
    }
}

/// The exec form of a command, as the file that gives it writes it: of the given words, or of what
/// serves such an app.
pub(crate) fn exec_form(app: &App, place: Place, words: Option<&[String]>) -> String {
    let key = match place {
        Place::Image => "CMD",
        _ => "command:",
    };
    if let Some(words) = words.filter(|words| words.len() > 1) {
        let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
        return format!("{key} [{}]", words.join(", "));
    }
    let words = if app.uses(Framework::FastApi) || app.uses(Framework::Starlette) {
        r#""uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000""#
    } else if app.uses(Framework::Django) {
        r#""gunicorn", "project.wsgi", "--bind", "0.0.0.0:8000""#
    } else if places::is_pythonic(app) {
        r#""gunicorn", "app:app", "--bind", "0.0.0.0:8000""#
    } else if app.uses(Framework::Nest) {
        r#""node", "dist/main.js""#
    } else if app.uses(Framework::Next) {
        r#""node_modules/.bin/next", "start""#
    } else {
        r#""node", "server.js""#
    };
    format!("{key} [{words}]")
}

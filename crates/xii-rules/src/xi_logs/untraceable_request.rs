//! Nothing ties the events of one request together.
//!
//! ## What it looks for
//!
//! In an app that serves HTTP: a request id or trace id that is taken from the request or made, and that
//! log events repeat (`pino-http`, `express-request-id` with a logger, `AsyncLocalStorage`,
//! `asgi-correlation-id`, `django-guid`, Fastify's own `request.log`, OpenTelemetry's log correlation).
//! When there is none, the finding stands where the app listens.
//!
//! ## Why it matters
//!
//! Dozens of requests write into the stream at the same time, from several instances. Without an id that
//! each event repeats, the events of the one request that failed cannot be told from the others.
//!
//! ## What to do instead
//!
//! Take the id that the router sent, make one when there is none, put it into every event and into the
//! response. Express:
//!
//! ```js
//! app.use(pinoHttp({ genReqId: (req) => req.headers['x-request-id'] ?? crypto.randomUUID() }));
//! ```
//!
//! FastAPI and Starlette: `app.add_middleware(CorrelationIdMiddleware)`. Django: `django-guid`. Flask: a
//! `before_request` that binds the id with `structlog.contextvars`. NestJS: `nestjs-pino` or `nestjs-cls`.

use xii_model::{App, Confidence, Framework, Severity};

use crate::{Claims, Rule, places, process_files};

pub(crate) const RULE: Rule = Rule {
    name: "untraceable-request",
    criteria: &["XI.5"],
    severity: Severity::Warning,
    check,
};

/// Packages that start tracing by themselves, so that no call shows it.
const TRACERS: [&str; 4] = [
    "opentelemetry-distro",
    "opentelemetry-sdk",
    "@opentelemetry/sdk-node",
    "@opentelemetry/auto-instrumentations-node",
];

fn check(app: &App, claims: &mut Claims<'_>) {
    if !app.serves() {
        return;
    }
    let ids: Vec<_> = app
        .facts
        .request_ids
        .iter()
        .filter(|id| id.scope.is_deployed())
        .collect();
    let (access, ids): (Vec<_>, Vec<_>) = ids
        .into_iter()
        .partition(|id| id.through.contains("access log"));
    if let Some(id) = ids.iter().find(|id| id.in_logs) {
        claims.holds(
            "XI.5",
            format!("{} puts a request's id into its events", id.through),
            &id.at,
        );
        return;
    }
    if let Some(id) = ids.first() {
        claims
            .finding(
                &id.at,
                format!("{} gives each request an id, but no event was seen to repeat it: the events of a request can then not be found by it", id.through),
            )
            .severity(Severity::Note)
            .confidence(Confidence::Low)
            .subject("request id in events")
            .help(help(app));
        return;
    }
    if let Some(id) = access.first() {
        claims.could_not_tell(
            "XI.5",
            format!(
                "{} repeats the request's id; whether other events do does not show",
                id.through
            ),
        );
        return;
    }
    if let Some(tracing) = app
        .facts
        .tracing
        .iter()
        .find(|tracing| tracing.scope.is_deployed())
    {
        claims.could_not_tell(
            "XI.5",
            format!(
                "{} gives requests a trace id; whether events repeat it does not show in the code",
                tracing.through
            ),
        );
        return;
    }
    let Some(at) = process_files::front_door(app) else {
        return;
    };
    if app.depends_on(&TRACERS) {
        claims.could_not_tell(
            "XI.5",
            "OpenTelemetry is a dependency; whether events repeat the trace id does not show in the code",
        );
        return;
    }
    claims
        .finding(
            at,
            "no id ties the events of a request together: when one of many concurrent requests fails, its events cannot be told from the others",
        )
        .subject("request id")
        .help(help(app));
}

fn help(app: &App) -> &'static str {
    if app.uses(Framework::Nest) {
        "with nestjs-pino, which binds an id to every event of a request:\n\n    const genReqId = (req) => req.headers['x-request-id'] ?? randomUUID();\n    LoggerModule.forRoot({ pinoHttp: { genReqId } })"
    } else if app.uses(Framework::Fastify) {
        "Fastify makes an id; take the router's, and log through the request:\n\n    const app = Fastify({ logger: true, requestIdHeader: 'x-request-id' });\n    request.log.info('order placed');"
    } else if app.uses(Framework::FastApi) || app.uses(Framework::Starlette) {
        "with asgi-correlation-id:\n\n    app.add_middleware(CorrelationIdMiddleware)\n    handler.addFilter(CorrelationIdFilter())  # and %(correlation_id)s in the format"
    } else if app.uses(Framework::Django) {
        "with django-guid, in settings:\n\n    MIDDLEWARE = [\"django_guid.middleware.guid_middleware\", *MIDDLEWARE]\n    \"filters\": {\"correlation_id\": {\"()\": \"django_guid.log_filters.CorrelationId\"}}"
    } else if places::is_pythonic(app) {
        "with structlog:\n\n    @app.before_request\n    def bind():\n        request_id = request.headers.get(\"X-Request-ID\") or uuid4().hex\n        structlog.contextvars.bind_contextvars(request_id=request_id)"
    } else if app.uses(Framework::Koa) {
        "with koa-pino-logger, before the routes:\n\n    app.use(koaPinoLogger({ genReqId: (req) => req.headers['x-request-id'] ?? crypto.randomUUID() }));\n    ctx.log.info('order placed');"
    } else if app.uses(Framework::Next) {
        "bind the router's id to a logger at the start of each route:\n\n    const id = (await headers()).get('x-request-id') ?? crypto.randomUUID();\n    const log = logger.child({ id });\n    log.info('order placed');"
    } else {
        "with pino-http, before the routes:\n\n    app.use(pinoHttp({ genReqId: (req) => req.headers['x-request-id'] ?? crypto.randomUUID() }));\n    req.log.info('order placed'); // carries the id"
    }
}

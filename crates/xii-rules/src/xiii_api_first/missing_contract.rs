//! An API has no machine-readable contract.
//!
//! ## What it looks for
//!
//! Routes that look like an API (`/api/…`, `/v1/…`) in an app without an OpenAPI, AsyncAPI, GraphQL or
//! protobuf contract, be it a file or one that the framework makes.
//!
//! ## Why it matters
//!
//! Without a contract the code is the only description of the API: whoever calls it reads the source
//! or guesses, two teams cannot work at the same time, and nothing notices when a release breaks its
//! callers.
//!
//! ## What to do instead
//!
//! Write `openapi.yaml` before the code, or let the framework make it and keep what it makes under
//! review. FastAPI makes one by itself. Express: `swagger-jsdoc` or `express-openapi-validator`.
//! Fastify: `@fastify/swagger`. NestJS: `@nestjs/swagger`. Django: `drf-spectacular`. Flask:
//! `apiflask` or `flask-smorest`.
//!
//! ## When it is fine
//!
//! Routes that only answer the app's own pages need no contract.

use xii_model::{App, Confidence, Contract, Fact, FileClass, Framework, Severity};

use crate::{Claims, Rule, wording};

pub(crate) const RULE: Rule = Rule {
    name: "missing-contract",
    criteria: &["XIII.1"],
    severity: Severity::Warning,
    check,
};

/// Below this, routes may be a health check, a hook that another service calls, or what the app's
/// own pages ask for. Next keeps all of these below `api/`, whoever calls them.
const FEW_ROUTES: usize = 3;

fn check(app: &App, claims: &mut Claims<'_>) {
    let contract = app
        .facts
        .contracts
        .iter()
        .find(|one| !one.scope.browser && !one.scope.development && describes_the_app(one));
    if let Some(contract) = contract {
        let how = contract.through.as_deref().map_or_else(
            || format!("{} describes the API", contract.format),
            |through| format!("{through} makes a contract ({})", contract.format),
        );
        claims.holds("XIII.1", how, &contract.at);
        return;
    }
    let api: Vec<_> = app
        .facts
        .routes
        .iter()
        .filter(|route| route.scope.is_deployed() && is_api(&route.path))
        .collect();
    let Some(first) = api.first() else {
        claims.could_not_tell(
            "XIII.1",
            "no contract was found, and no route that is plainly an API's",
        );
        return;
    };
    claims
        .finding(
            &first.at,
            format!(
                "{} of an API {} no machine-readable contract: callers have to read the code, and nothing notices when a release breaks them",
                wording::count(api.len(), "route"),
                if api.len() == 1 { "has" } else { "have" },
            ),
        )
        .confidence(if app.uses(Framework::Next) || api.len() < FEW_ROUTES {
            Confidence::Low
        } else {
            Confidence::Medium
        })
        .subject("contract")
        .help(help(app));
}

/// Whether a contract is the app's own: one that tests or examples hold describes something else.
pub(super) fn describes_the_app(contract: &Fact<Contract>) -> bool {
    !matches!(
        contract.scope.class,
        FileClass::Test | FileClass::Example | FileClass::Vendored
    )
}

/// Whether a path is one that APIs have.
pub(super) fn is_api(path: &str) -> bool {
    path.trim_start_matches('^')
        .trim_start_matches('/')
        .split('/')
        .any(|part| {
            part == "api"
                || part.strip_prefix('v').is_some_and(|rest| {
                    !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())
                })
        })
}

fn help(app: &App) -> &'static str {
    if app.uses(Framework::Nest) {
        "with @nestjs/swagger, in main.ts:\n    const config = new DocumentBuilder().setTitle('…').setVersion('1.0').build();\n    const document = SwaggerModule.createDocument(app, config);\n    SwaggerModule.setup('docs', app, document);"
    } else if app.uses(Framework::Fastify) {
        "register @fastify/swagger, and give each route a `schema`: it validates requests as well:\n    await app.register(swagger, { openapi: { info: { title: '…', version: '1.0.0' } } });"
    } else if app.uses(Framework::Django) {
        "with drf-spectacular:\n    REST_FRAMEWORK = {\"DEFAULT_SCHEMA_CLASS\": \"drf_spectacular.openapi.AutoSchema\"}\nand `manage.py spectacular --file openapi.yaml` in CI"
    } else if app.uses(Framework::Flask) {
        "with apiflask, which makes OpenAPI from the same schemas that validate requests:\n    @app.post(\"/orders\")\n    @app.input(OrderIn)\n    @app.output(OrderOut)"
    } else if app.uses(Framework::Next) {
        "write openapi.yaml, and let the types of requests and answers be made from it:\n    npx openapi-typescript openapi.yaml --output lib/api.d.ts"
    } else {
        "write openapi.yaml and let it validate requests and responses:\n    app.use(OpenApiValidator.middleware({ apiSpec: './openapi.yaml' })); // express-openapi-validator"
    }
}

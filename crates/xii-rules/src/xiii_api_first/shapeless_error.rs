//! An API's errors have no shape of their own.
//!
//! ## What it looks for
//!
//! An API without an error handler in one place, without `application/problem+json`, and without a
//! schema for errors in its contract. A handler in one place is no promise where routes answer errors
//! of another shape by themselves: what shape a caller gets cannot be told then.
//!
//! ## Why it matters
//!
//! Each route then invents its own error, and what nobody caught goes out as the framework's page:
//! HTML where JSON was asked for, sometimes with a stack trace. A caller cannot tell a mistake of its
//! own from an outage.
//!
//! ## What to do instead
//!
//! One handler that turns every error into problem+json (RFC 9457), described in the contract:
//!
//! ```json
//! { "type": "about:blank", "title": "Not Found", "status": 404, "detail": "no order 17" }
//! ```

use xii_model::{App, Confidence, ErrorAnswer, ErrorShape, Fact, Framework, Severity};

use super::missing_contract::{describes_the_app, is_api};
use crate::{Claims, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "shapeless-error",
    criteria: &["XIII.4"],
    severity: Severity::Note,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let shapes: Vec<_> = app
        .facts
        .error_shapes
        .iter()
        .filter(|shape| shape.scope.is_deployed())
        .collect();
    if let Some(shape) = shapes
        .iter()
        .find(|shape| shape.problem_json)
        .or(shapes.first())
    {
        let form = if shape.problem_json {
            "as problem+json (RFC 9457)"
        } else {
            "in one place"
        };
        if let Some(other) = of_another_shape(app, shape) {
            claims.could_not_tell(
                "XIII.4",
                format!(
                    "{} gives errors a shape in one place, and yet {} answers {} with {{{}}} by itself",
                    shape.through,
                    other.at,
                    other.status,
                    other.keys.join(", ")
                ),
            );
            return;
        }
        claims.holds(
            "XIII.4",
            format!("{} gives errors their shape {form}", shape.through),
            &shape.at,
        );
        return;
    }
    if let Some(contract) = app
        .facts
        .contracts
        .iter()
        .find(|contract| contract.error_schema.is_some() && describes_the_app(contract))
    {
        let schema = contract.error_schema.as_deref().unwrap_or_default();
        claims.holds(
            "XIII.4",
            format!("the contract describes errors: {schema}"),
            &contract.at,
        );
        return;
    }
    // These answer errors as JSON by themselves.
    let shaped = [
        "djangorestframework",
        "wagtail",
        "django-ninja",
        "flask-smorest",
        "apiflask",
        "flask-restx",
    ];
    if app.depends_on(&shaped) {
        return;
    }
    let Some(route) = app
        .facts
        .routes
        .iter()
        .find(|route| route.scope.is_deployed() && is_api(&route.path))
    else {
        return;
    };
    claims
        .finding(
            &route.at,
            "nothing gives the API's errors a shape in one place: what no route caught goes out as the framework's own page, which callers cannot read",
        )
        .confidence(Confidence::Low)
        .subject("errors")
        .help(help(app));
}

/// The first error that a handler answers by itself in another shape than the one place does, or in one
/// that cannot be compared, since that place's does not show.
fn of_another_shape<'a>(app: &'a App, shape: &ErrorShape) -> Option<&'a Fact<ErrorAnswer>> {
    app.facts
        .error_answers
        .iter()
        .filter(|answer| answer.scope.is_deployed())
        .find(|answer| shape.keys.is_empty() || !are_alike(&answer.keys, &shape.keys))
}

/// Whether one object is the other with members left out: `{message}` and `{message, details}`.
fn are_alike(one: &[String], other: &[String]) -> bool {
    let within = |a: &[String], b: &[String]| a.iter().all(|key| b.contains(key));
    within(one, other) || within(other, one)
}

fn help(app: &App) -> &'static str {
    if app.uses(Framework::Nest) {
        "a global exception filter:\n    @Catch() export class ProblemFilter implements ExceptionFilter { … }\n    app.useGlobalFilters(new ProblemFilter());"
    } else if app.uses(Framework::Fastify) {
        "one handler for all routes:\n    app.setErrorHandler((error, request, reply) => {\n      const status = error.statusCode ?? 500;\n      reply.code(status).type('application/problem+json').send({ title: error.name, status });\n    });"
    } else if app.uses(Framework::FastApi) {
        "one handler for all routes:\n    @app.exception_handler(HTTPException)\n    async def problem(request, error):\n        body = {\"title\": error.detail, \"status\": error.status_code}\n        return JSONResponse(body, error.status_code, media_type=\"application/problem+json\")"
    } else if app.uses(Framework::Flask) {
        "one handler for all routes:\n    @app.errorhandler(HTTPException)\n    def problem(error):\n        body = {\"title\": error.name, \"status\": error.code}\n        return body, error.code, {\"Content-Type\": \"application/problem+json\"}"
    } else if app.uses(Framework::Django) {
        "name one handler in the settings:\n    REST_FRAMEWORK = {\"EXCEPTION_HANDLER\": \"project.errors.problem\"}"
    } else if app.uses(Framework::Next) {
        "wrap the handlers of routes in one function that answers for what they throw:\n    export const POST = problems(async (req) => { … });"
    } else {
        "after all routes:\n    app.use((error, req, res, next) => {\n      const status = error.status ?? 500;\n      res.status(status).type('application/problem+json').json({ title: error.name, status });\n    });"
    }
}

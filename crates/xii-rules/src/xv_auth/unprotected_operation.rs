//! Operations that change something ask nobody who they are.
//!
//! ## What it looks for
//!
//! An app with routes that change state (POST, PUT, PATCH, DELETE) in which no check of identity was
//! found: no auth middleware, guard, dependency or decorator.
//!
//! ## Why it matters
//!
//! Whoever reaches the port can do what the routes do. Networks are flat more often than their owners
//! think, and a proxy that was meant to stand in front is one deploy away from being left out.
//!
//! ## What to do instead
//!
//! Check a token or a session before the handler, for all routes by default, and open the few that are
//! public by name.
//!
//! ## When it is fine
//!
//! A gateway in front authenticates, and nothing else can reach the app. Say so with
//! `xii: allow(unprotected-operation) the gateway checks`.

use xii_model::{App, Confidence, Framework, Severity};

use crate::{Claims, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unprotected-operation",
    criteria: &["XV.1"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    if let Some(auth) = app
        .facts
        .auth_checks
        .iter()
        .find(|one| one.scope.is_deployed())
    {
        claims.holds(
            "XV.1",
            format!("{} checks who asks", auth.through),
            &auth.at,
        );
        return;
    }
    let changing: Vec<_> = app
        .facts
        .routes
        .iter()
        .filter(|route| {
            route.scope.is_deployed()
                && !route.protected
                && matches!(route.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE")
        })
        .collect();
    let Some(first) = changing.first() else {
        return;
    };
    let routes = match changing.len() {
        1 => "1 route changes".to_owned(),
        many => format!("{many} routes change"),
    };
    claims
        .finding(
            &first.at,
            format!("{} something, and nothing was found that checks who asks: whoever reaches the port may do it", routes),
        )
        .confidence(Confidence::Low)
        .subject("identity")
        .help(if app.uses(Framework::Nest) {
            "a global guard, and a decorator for the public few:\n    { provide: APP_GUARD, useClass: JwtAuthGuard }"
        } else if app.uses(Framework::FastApi) {
            "a dependency of the whole router:\n    router = APIRouter(dependencies=[Depends(current_user)])"
        } else if app.uses(Framework::Django) {
            "ask for it by default, in the settings:\n    REST_FRAMEWORK = {\"DEFAULT_PERMISSION_CLASSES\": [\"rest_framework.permissions.IsAuthenticated\"]}"
        } else if app.uses(Framework::Flask) {
            "check it before every request, and name the public routes:\n    @app.before_request\n    def authenticate(): …"
        } else if app.uses(Framework::Fastify) {
            "a hook before the routes of a plugin, and the public ones outside it:\n    fastify.addHook('onRequest', authenticate);"
        } else if app.uses(Framework::Next) {
            "check it first in every route and server action that changes something:\n    if (!(await getSession())) return new Response(null, { status: 401 });"
        } else {
            "put the check before the routes, and the public ones above it:\n    app.use(authenticate);"
        });
}

//! Routes for administrators ask who somebody is, but not what they may do.
//!
//! ## What it looks for
//!
//! Routes below `/admin` in an app that checks identity somewhere and roles, permissions or scopes
//! nowhere.
//!
//! ## Why it matters
//!
//! Every user who can log in is then an administrator, if they know the address.
//!
//! ## What to do instead
//!
//! Check a role or a scope on each such route. NestJS: `@Roles('admin')` with a guard. Django:
//! `@permission_required`. FastAPI: `Security(current_user, scopes=["admin"])`. Express: a middleware
//! that refuses with 403.

use xii_model::{App, Confidence, Severity};

use crate::{Claims, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "missing-role-check",
    criteria: &["XV.3"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let checks: Vec<_> = app
        .facts
        .auth_checks
        .iter()
        .filter(|one| one.scope.is_deployed())
        .collect();
    if let Some(roles) = checks.iter().find(|one| one.roles) {
        claims.holds(
            "XV.3",
            format!("{} checks what the user may do", roles.through),
            &roles.at,
        );
        return;
    }
    let admin = app.facts.routes.iter().find(|route| {
        route.scope.is_deployed()
            && route
                .path
                .trim_start_matches('/')
                .split('/')
                .any(|part| part == "admin")
    });
    let (Some(route), Some(check)) = (admin, checks.first()) else {
        return;
    };
    claims
        .finding(
            &route.at,
            "this route is for administrators, and nothing in the app checks a role: whoever can log in may use it",
        )
        .confidence(Confidence::Low)
        .related(&check.at, "identity is checked here, without a role")
        .subject("roles")
        .help("refuse with 403 unless the user has the role, before the handler runs");
}

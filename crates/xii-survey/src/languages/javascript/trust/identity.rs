//! Checks of who asks and of what they may do, and the identity that the app itself has.

use xii_model::{AuthCheck, Facts, WorkloadIdentity};

use crate::languages::javascript::names::fits;
use crate::languages::javascript::seen::Seen;
use crate::languages::syntax::{Kind, NodeId};

/// Checks of libraries: the path of the call, the name, whether roles are checked.
const CHECKS: [(&str, &str, bool); 24] = [
    ("passport.authenticate", "passport", false),
    ("passport.default.authenticate", "passport", false),
    ("koa-passport.authenticate", "passport", false),
    ("express-jwt", "express-jwt", false),
    ("express-jwt.expressjwt", "express-jwt", false),
    ("koa-jwt", "koa-jwt", false),
    ("@nestjs/common.UseGuards", "@nestjs/common", false),
    ("@nestjs/passport.AuthGuard", "@nestjs/passport", false),
    ("express-basic-auth", "express-basic-auth", false),
    ("basic-auth", "basic-auth", false),
    (
        "express-openid-connect.auth",
        "express-openid-connect",
        false,
    ),
    (
        "express-openid-connect.requiresAuth",
        "express-openid-connect",
        false,
    ),
    (
        "express-oauth2-jwt-bearer.auth",
        "express-oauth2-jwt-bearer",
        false,
    ),
    (
        "express-oauth2-jwt-bearer.requiredScopes",
        "express-oauth2-jwt-bearer",
        true,
    ),
    (
        "connect-ensure-login.ensureLoggedIn",
        "connect-ensure-login",
        false,
    ),
    ("@clerk/express.requireAuth", "clerk", false),
    ("@clerk/nextjs/server.auth", "clerk", false),
    ("next-auth.getServerSession", "next-auth", false),
    ("next-auth/middleware.withAuth", "next-auth", false),
    ("keycloak-connect().protect", "keycloak-connect", true),
    ("accesscontrol.AccessControl", "accesscontrol", true),
    ("@casl/ability.*", "casl", true),
    ("casbin.newEnforcer", "casbin", true),
    ("express-jwt-permissions*", "express-jwt-permissions", true),
];

/// Ways to find out who asks, as checks are told them.
const STRATEGIES: [&str; 9] = [
    "jwt", "local", "bearer", "basic", "session", "cookie", "google", "github", "oidc",
];

/// Identities that a platform hands out.
const IDENTITIES: [(&str, &str); 8] = [
    (
        "@azure/identity.DefaultAzureCredential",
        "azure workload identity",
    ),
    (
        "@azure/identity.ManagedIdentityCredential",
        "azure managed identity",
    ),
    (
        "google-auth-library.GoogleAuth",
        "google default credentials",
    ),
    (
        "@aws-sdk/credential-providers.fromNodeProviderChain",
        "irsa",
    ),
    ("@aws-sdk/credential-providers.fromTokenFile", "irsa"),
    (
        "@aws-sdk/credential-providers.fromContainerMetadata",
        "ecs task role",
    ),
    (
        "@aws-sdk/credential-providers.fromInstanceMetadata",
        "instance role",
    ),
    ("@aws-sdk/rds-signer.Signer", "iam database authentication"),
];

/// Reads checks of identity.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    for call in &seen.calls {
        let known = CHECKS.iter().find(|(path, _, _)| fits(path, &call.path));
        if let Some((_, through, roles)) = known {
            let roles = *roles
                || tree
                    .args(call.id)
                    .iter()
                    .any(|arg| seen.path(arg.value).is_some_and(|path| checks_roles(&path)));
            let fact = AuthCheck {
                through: (*through).to_owned(),
                roles,
            };
            facts.push(seen.fact(call.id, fact));
            continue;
        }
        if let Some((_, what)) = IDENTITIES.iter().find(|(path, _)| *path == call.path) {
            let fact = WorkloadIdentity {
                what: (*what).to_owned(),
                short_lived: true,
            };
            facts.push(seen.fact(call.id, fact));
            continue;
        }
        if call.path.ends_with(".addHook") && refuses(seen, call.id) {
            let fact = AuthCheck {
                through: "addHook".to_owned(),
                roles: false,
            };
            facts.push(seen.fact(call.id, fact));
            continue;
        }
        // Nest's `consumer.apply(AuthMiddleware).forRoutes(…)`.
        if call.path.ends_with(".apply") && seen.has("forRoutes") && seen.has("@nestjs/") {
            let middleware = tree.args(call.id).iter().find_map(|arg| {
                let name = name_of(&seen.path(arg.value)?)?;
                checks_identity(&name).then_some((arg.value, name))
            });
            if let Some((at, name)) = middleware {
                let fact = AuthCheck {
                    roles: checks_roles(&name),
                    through: name,
                };
                facts.push(seen.fact(at, fact));
                continue;
            }
        }
        // Middleware of the app's own, handed to a route or a router.
        let routed = matches!(
            call.path.rsplit('.').next(),
            Some("get" | "post" | "put" | "patch" | "delete" | "use" | "all")
        ) && !seen.around.browser();
        if !routed || tree.args(call.id).len() < 2 && !call.path.ends_with(".use") {
            continue;
        }
        let middleware = tree.args(call.id).iter().find_map(|arg| {
            // A library's check is told by its own row.
            let path = seen.path(arg.value)?;
            let own = !CHECKS
                .iter()
                .any(|(row, _, _)| fits(row, path.trim_end_matches("()")));
            let name = name_of(&path)?;
            (own && checks_identity(&name)).then_some((arg.value, name))
        });
        if let Some((at, name)) = middleware {
            let fact = AuthCheck {
                // `authenticate('jwt')` names a way to tell who asks, and no role.
                roles: checks_roles(&name) || !name.contains("uthenticate") && takes_role(seen, at),
                through: name,
            };
            facts.push(seen.fact(at, fact));
        }
    }
}

/// Whether a hook of Fastify's turns away who is not known.
fn refuses(seen: &Seen<'_>, call: NodeId) -> bool {
    let tree = seen.tree;
    let early = tree
        .arg(call, 0)
        .and_then(|stage| seen.text(stage))
        .is_some_and(|stage| matches!(stage, "onRequest" | "preHandler" | "preValidation"));
    let Some(hook) = tree.arg(call, 1).filter(|_| early) else {
        return false;
    };
    match seen.function(hook) {
        Some(function) => tree
            .within(function)
            .take(2_000)
            .any(|id| match tree.kind(id) {
                Kind::Member { property, .. } => {
                    matches!(property.as_str(), "unauthorized" | "jwtVerify")
                }
                Kind::Number(number) => number == "401",
                _ => false,
            }),
        None => seen
            .path(hook)
            .and_then(|path| name_of(&path))
            .is_some_and(|name| checks_identity(&name)),
    }
}

/// `auth('manageUsers')`: a check that is told what it takes, and not how it is to find out who asks.
fn takes_role(seen: &Seen<'_>, check: NodeId) -> bool {
    let first = seen.tree.arg(check, 0).and_then(|first| seen.text(first));
    first.is_some_and(|text| !STRATEGIES.contains(&text))
}

/// The last name of a middleware, called or not.
fn name_of(path: &str) -> Option<String> {
    let path = path.trim_end_matches("()");
    let last = path.rsplit(['.', '/', '~']).next()?;
    Some(last.to_owned())
}

/// Whether a middleware's name says that it checks who asks.
pub(in crate::languages::javascript) fn checks_identity(name: &str) -> bool {
    let lower = name.to_lowercase();
    let routes = [
        "route",
        "router",
        "controller",
        "limiter",
        "limit",
        "session",
        "initialize",
        "validation",
        "validator",
    ]
    .iter()
    .any(|word| lower.contains(word));
    !routes
        && ([
            "authenticate",
            "authorize",
            "requireauth",
            "requirelogin",
            "isauth",
            "ensureauth",
            "ensurelogged",
            "isloggedin",
            "requireuser",
            "verifytoken",
            "verifyjwt",
            "checkauth",
            "checkjwt",
            "checktoken",
            "protect",
            "authmiddleware",
            "authguard",
            "requiresignin",
            "needauth",
            "loginrequired",
            "isadmin",
            "requireadmin",
            "isauthorized",
            "authrequired",
            "jwtauth",
            "tokenauth",
            "bearerauth",
            "denyall",
        ]
        .iter()
        .any(|word| lower.contains(word))
            || matches!(
                lower.as_str(),
                "auth" | "guard" | "secured" | "jwt" | "authn" | "authz"
            ))
}

fn checks_roles(name: &str) -> bool {
    let lower = name.to_lowercase();
    [
        "role",
        "permission",
        "admin",
        "scope",
        "ability",
        "policy",
        "acl",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

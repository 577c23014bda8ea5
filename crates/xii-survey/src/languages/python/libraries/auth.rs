//! Identity, tokens, cookies, other origins and transport.

use std::collections::BTreeSet;

use xii_model::{
    AuthCheck, CertificateCheckOff, CookieFlags, CorsRule, IdentityFile, Origin, TokenFault,
    TokenVerification, TransportProtection, WorkloadIdentity,
};

use super::routes::dependencies;
use crate::languages::python::bounds::texts;
use crate::languages::python::reader::Reader;
use crate::languages::python::surroundings::last_name;
use crate::languages::syntax::{Kind, NodeId, Tree};

/// Decorators and dependencies that check who asks, with whether they check roles.
#[rustfmt::skip]
const GUARDS: &[(&str, bool)] = &[
    ("login_required", false), ("jwt_required", false), ("auth_required", false), ("token_required", false),
    ("token_auth_required", false), ("require_auth", false), ("requires_auth", false), ("authenticated", false),
    ("auth.login_required", false), ("permission_required", true), ("permissions_required", true),
    ("roles_required", true), ("roles_accepted", true), ("role_required", true), ("admin_required", true),
    ("staff_member_required", true), ("user_passes_test", true), ("require_permission", true), ("fresh_jwt_required", false),
    ("jwt_optional", false), ("requires", true), ("require_oauth", false), ("superuser_required", true),
    ("get_current_user", false), ("get_current_active_user", false), ("current_user", false),
    ("current_active_user", false), ("get_current_active_superuser", true), ("get_current_superuser", true),
    ("require_user", false), ("get_user", false), ("verify_token", false), ("verify_jwt", false), ("oauth2_scheme", false),
    ("get_api_key", false), ("verify_api_key", false), ("api_key_header", false), ("CurrentUser", false),
    ("CurrentActiveUser", false), ("SuperUser", true), ("AdminUser", true), ("protected", false), ("authorized", false),
    ("current_superuser", true), ("login_not_required", false),
];

/// Base classes of views that check who asks.
#[rustfmt::skip]
const GUARD_CLASSES: &[(&str, bool)] = &[
    ("LoginRequiredMixin", false), ("PermissionRequiredMixin", true), ("UserPassesTestMixin", true),
    ("AccessMixin", false), ("AuthMiddleware", false), ("AuthenticationBackend", false), ("BaseAuthentication", false),
    ("BasePermission", true),
];

/// What makes schemes of authentication or wires them in.
#[rustfmt::skip]
const SCHEMES: &[&str] = &[
    "fastapi.security.OAuth2PasswordBearer", "fastapi.security.HTTPBearer", "fastapi.security.HTTPBasic",
    "fastapi.security.APIKeyHeader", "fastapi.security.OAuth2AuthorizationCodeBearer", "fastapi.security.OpenIdConnect",
    "flask_login.LoginManager", "flask_jwt_extended.JWTManager", "flask_httpauth.HTTPTokenAuth", "flask_httpauth.HTTPBasicAuth",
    "flask_security.Security", "fastapi_users.FastAPIUsers", "authlib.integrations.flask_client.OAuth",
    "authlib.integrations.starlette_client.OAuth", "flask_principal.Principal", "flask_oidc.OpenIDConnect",
];

/// Whether a name is of something that checks who asks.
pub(super) fn is_guard(name: &str) -> bool {
    GUARDS.iter().any(|(guard, _)| *guard == name)
        && name != "jwt_optional"
        && name != "login_not_required"
        || name.strip_prefix("require_").is_some_and(|what| {
            [
                "user",
                "auth",
                "login",
                "admin",
                "role",
                "permission",
                "scope",
                "token",
                "superuser",
                "api_key",
                "jwt",
            ]
            .iter()
            .any(|word| what.starts_with(word))
        })
        || name.starts_with("get_current_")
        || name.ends_with("_auth_required")
}

/// Whether the router that a route hangs on checks who asks.
pub(super) fn router_guarded(tree: &Tree, object: NodeId) -> bool {
    let router = tree.follow(object);
    tree.keyword(router, "dependencies")
        .is_some_and(|list| dependencies(tree, list).iter().any(|name| is_guard(name)))
}

/// Adds the facts of trust.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    checks(reader);
    for (id, path) in reader.calls {
        token(reader, *id, path);
        cookie(reader, *id, path);
        cors(reader, *id, path);
        certificate(reader, *id, path);
        identity(reader, *id, path);
        match path.as_str() {
            "flask_talisman.Talisman" => {
                protection(reader, *id, "security headers", "flask-talisman")
            }
            "secure.Secure" => protection(reader, *id, "security headers", "secure"),
            _ if path.ends_with(".add_middleware") => {
                let class = reader
                    .tree
                    .arg(*id, 0)
                    .and_then(|class| last_name(reader.tree, class));
                if class == Some("HTTPSRedirectMiddleware") {
                    protection(reader, *id, "https redirect", "starlette");
                }
            }
            "uvicorn.run" if reader.tree.keyword(*id, "ssl_certfile").is_some() => {
                protection(reader, *id, "tls", "uvicorn");
            }
            _ if SCHEMES.contains(&path.as_str()) => check(
                reader,
                *id,
                path.rsplit('.').next().unwrap_or_default(),
                false,
            ),
            _ => {}
        }
    }
}

fn protection(reader: &mut Reader<'_>, id: NodeId, what: &'static str, through: &str) {
    reader.push(
        id,
        TransportProtection {
            what,
            on: true,
            through: through.to_owned(),
        },
    );
}

fn check(reader: &mut Reader<'_>, id: NodeId, through: &str, roles: bool) {
    reader.push(
        id,
        AuthCheck {
            through: through.to_owned(),
            roles,
        },
    );
}

/// Decorators, dependencies, base classes and permission classes.
fn checks(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    for id in tree.ids() {
        match tree.kind(id) {
            Kind::Function(function) => {
                for decorator in &function.decorators {
                    if let Some(name) = last_name(tree, *decorator)
                        && is_guard(name)
                    {
                        let roles = GUARDS.iter().any(|(guard, roles)| *guard == name && *roles)
                            || ["role", "permission", "admin", "scope"]
                                .iter()
                                .any(|word| name.contains(word));
                        check(reader, *decorator, name, roles);
                    }
                }
            }
            Kind::Class(class) => {
                for base in &class.bases {
                    let known = last_name(tree, *base)
                        .and_then(|name| GUARD_CLASSES.iter().find(|(guard, _)| *guard == name));
                    if let Some((name, roles)) = known {
                        check(reader, *base, name, *roles);
                    }
                }
            }
            Kind::Assign { target, value, .. }
                if last_name(tree, *target) == Some("permission_classes") =>
            {
                permissions(reader, id, *value);
            }
            Kind::Call { .. } => {
                let depends = tree.called(id).is_some_and(|path| {
                    matches!(path.as_str(), "fastapi.Depends" | "fastapi.Security")
                });
                if depends
                    && let Some(name) = tree.arg(id, 0).and_then(|one| last_name(tree, one))
                    && is_guard(name)
                {
                    let roles = ["superuser", "admin", "role", "permission"]
                        .iter()
                        .any(|word| name.contains(word))
                        || tree.keyword(id, "scopes").is_some();
                    check(reader, id, &format!("Depends({name})"), roles);
                }
            }
            _ => {}
        }
    }
}

/// Permission classes of Django REST framework.
fn permissions(reader: &mut Reader<'_>, id: NodeId, value: NodeId) {
    let tree = reader.tree;
    let names: BTreeSet<String> = tree
        .within(value)
        .filter_map(|part| match tree.kind(part) {
            Kind::Name(name) => Some(name.clone()),
            Kind::Member { property, .. } => Some(property.clone()),
            _ => None,
        })
        .filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()) && name != "AllowAny")
        .collect();
    for name in names {
        let roles = !matches!(
            name.as_str(),
            "IsAuthenticated" | "IsAuthenticatedOrReadOnly"
        );
        check(reader, id, &name, roles);
    }
}

/// Calls that verify a token.
#[rustfmt::skip]
const DECODERS: &[(&str, &str)] = &[
    ("jwt.decode", "pyjwt"),
    ("jwt.PyJWT().decode", "pyjwt"),
    ("jwt.api_jwt.decode", "pyjwt"),
    ("jose.jwt.decode", "python-jose"),
    ("authlib.jose.jwt.decode", "authlib"),
    ("joserfc.jwt.decode", "joserfc"),
    ("google.oauth2.id_token.verify_oauth2_token", "google-auth"),
    ("itsdangerous.URLSafeTimedSerializer().loads", "itsdangerous"),
    ("jose.jwt.get_unverified_claims", "python-jose"),
];

fn token(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    let Some((name, through)) = DECODERS.iter().find(|(name, _)| *name == path) else {
        return;
    };
    let option = |key: &str| {
        tree.keyword(id, "options")
            .and_then(|options| tree.entry(options, key))
    };
    let off = |value: Option<NodeId>| {
        value.is_some_and(|value| matches!(tree.kind(value), Kind::Bool(false)))
    };
    let algorithms = tree.keyword(id, "algorithms").or_else(|| tree.arg(id, 2));
    let accepts_none = algorithms
        .is_some_and(|list| texts(tree, list).any(|(_, name)| name.eq_ignore_ascii_case("none")));
    let key = tree.arg(id, 1).or_else(|| tree.keyword(id, "key"));
    let fault = if off(option("verify_signature"))
        || off(tree.keyword(id, "verify"))
        || name.ends_with("unverified_claims")
    {
        Some(TokenFault::NotVerified)
    } else if accepts_none {
        Some(TokenFault::NoneAccepted)
    } else if off(option("verify_exp")) {
        Some(TokenFault::ExpiryIgnored)
    } else if matches!(key.map(|key| reader.origin(key)), Some(Origin::Literal(text)) if !text.is_empty())
    {
        Some(TokenFault::LiteralKey)
    } else {
        None
    };
    let audience = ["audience", "issuer"]
        .iter()
        .any(|key| tree.keyword(id, key).is_some());
    reader.push(
        id,
        TokenVerification {
            through: (*through).to_owned(),
            fault,
            algorithms: algorithms.is_some() || *through == "google-auth",
            audience: audience && !off(option("verify_aud")),
        },
    );
}

fn cookie(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    if !path.ends_with(".set_cookie") {
        return;
    }
    let tree = reader.tree;
    let flag = |key: &str| match tree.kind(tree.keyword(id, key)?) {
        Kind::Bool(value) => Some(*value),
        // Taken from config or computed: given.
        _ => Some(true),
    };
    let name = tree
        .arg(id, 0)
        .or_else(|| tree.keyword(id, "key"))
        .and_then(|name| tree.as_text(tree.follow(name)))
        .unwrap_or("cookie")
        .to_owned();
    reader.push(
        id,
        CookieFlags {
            name,
            secure: flag("secure"),
            http_only: flag("httponly"),
            through: "set_cookie".to_owned(),
        },
    );
}

fn cors(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    let middleware = path.ends_with(".add_middleware")
        || path == "starlette.middleware.Middleware"
        || path == "fastapi.middleware.Middleware";
    let starlette = path.ends_with("CORSMiddleware")
        || middleware
            && tree
                .arg(id, 0)
                .and_then(|class| last_name(tree, class))
                .is_some_and(|class| class == "CORSMiddleware");
    let flask = matches!(
        path,
        "flask_cors.CORS" | "flask_cors.CORS().init_app" | "flask_cors.cross_origin"
    );
    if !starlette && !flask {
        return;
    }
    let is_any = |id: NodeId| {
        let id = tree.follow(id);
        match tree.kind(id) {
            Kind::Text(text) => text == "*",
            Kind::List(items) => items.iter().any(|item| tree.as_text(*item) == Some("*")),
            _ => false,
        }
    };
    let yes = |key: &str| {
        tree.keyword(id, key)
            .is_some_and(|value| matches!(tree.kind(value), Kind::Bool(true)))
    };
    let (any_origin, reflects, credentials, through) = if starlette {
        let listed = tree.keyword(id, "allow_origins").is_some_and(is_any);
        let pattern = tree
            .keyword(id, "allow_origin_regex")
            .and_then(|pattern| tree.as_text(pattern))
            .is_some_and(|pattern| matches!(pattern, ".*" | "https?://.*" | "^.*$"));
        let credentials = yes("allow_credentials");
        // With credentials, Starlette answers `*` by echoing the origin.
        (
            listed,
            pattern || listed && credentials,
            credentials,
            "CORSMiddleware",
        )
    } else {
        let given = tree.keyword(id, "origins").or_else(|| {
            let resources = tree.keyword(id, "resources")?;
            match tree.kind(resources) {
                Kind::Map(pairs) => pairs
                    .iter()
                    .find_map(|pair| tree.entry(pair.value, "origins")),
                _ => None,
            }
        });
        let any = given.map_or(
            tree.keyword(id, "resources").is_none() || given.is_none(),
            is_any,
        );
        let credentials = yes("supports_credentials");
        (any, any && credentials, credentials, "flask-cors")
    };
    reader.push(
        id,
        CorsRule {
            any_origin,
            reflects_origin: reflects,
            credentials,
            through: through.to_owned(),
        },
    );
}

fn certificate(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    let is_off = |key: &str| {
        tree.keyword(id, key)
            .is_some_and(|value| matches!(tree.kind(value), Kind::Bool(false)))
    };
    let none = |key: &str| {
        tree.keyword(id, key).is_some_and(|value| {
            tree.path(value).is_some_and(|path| path == "ssl.CERT_NONE")
                || tree
                    .as_text(value)
                    .is_some_and(|text| text.eq_ignore_ascii_case("none"))
        })
    };
    let client = ["requests.", "httpx.", "boto3."]
        .iter()
        .any(|start| path.starts_with(start));
    let off = client && is_off("verify")
        || path.starts_with("aiohttp.") && (is_off("ssl") || is_off("verify_ssl"))
        || path == "ssl._create_unverified_context"
        || is_off("verify_certs")
        || none("ssl_cert_reqs")
        || none("cert_reqs");
    if off {
        reader.push(
            id,
            CertificateCheckOff {
                through: path.to_owned(),
            },
        );
    }
}

/// Identities that a platform hands out, and long-lived keys.
fn identity(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    let found = match path {
        "google.auth.default" => Some(("google default credentials", true)),
        "google.oauth2.service_account.Credentials.from_service_account_file"
        | "google.oauth2.service_account.Credentials.from_service_account_info" => {
            Some(("service account key", false))
        }
        "azure.identity.DefaultAzureCredential" | "azure.identity.ManagedIdentityCredential" => {
            Some(("azure managed identity", true))
        }
        "azure.identity.WorkloadIdentityCredential" => Some(("workload identity federation", true)),
        "google.auth.compute_engine.Credentials" => Some(("google default credentials", true)),
        _ if path.starts_with("boto3.") || path.starts_with("aioboto3.") => {
            let key = tree.keyword(id, "aws_access_key_id").is_some()
                || tree.keyword(id, "aws_secret_access_key").is_some();
            let session = tree.keyword(id, "aws_session_token").is_some();
            key.then_some(("access key", session))
        }
        _ => None,
    };
    if let Some((what, short_lived)) = found {
        reader.push(
            id,
            WorkloadIdentity {
                what: what.to_owned(),
                short_lived,
            },
        );
    }
    // A credential in a file whose place config names.
    if matches!(path, "open" | "pathlib.Path")
        && let Some(file) = tree.arg(id, 0)
    {
        let (variable, literal) = match reader.origin(file) {
            Origin::Env(value) => (Some(value.name), None),
            Origin::Literal(text) => (None, Some(text)),
            _ => return,
        };
        let says = |text: &str| {
            let lower = text.to_ascii_lowercase();
            lower.contains("token_file")
                || lower.contains("secret_file")
                || lower.contains("password_file")
                || lower.starts_with("/var/run/secrets/")
                || lower.starts_with("/run/secrets/")
        };
        if variable.as_deref().is_some_and(says) || literal.as_deref().is_some_and(says) {
            let top = reader.scope(id).top_level;
            reader.push(
                id,
                IdentityFile {
                    variable,
                    path: literal,
                    read_once: top,
                },
            );
        }
    }
}

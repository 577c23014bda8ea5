//! Apps and middleware that Django's settings list.

use xii_model::{
    AuthCheck, Contract, ErrorShape, Health, HealthKind, Metrics, RequestId, RuntimeCompile,
    ScheduledJob, TransportProtection,
};

use super::entries::Entry;
use crate::languages::python::reader::Reader;
use crate::languages::syntax::{Kind, NodeId};

/// What a listed app or middleware gives.
#[derive(Clone, Copy)]
enum Gives {
    Metrics,
    Health,
    Contract,
    RequestId,
    Compile,
    Headers,
    LoginRequired,
    Schedule,
}

/// Starts of listed names.
#[rustfmt::skip]
const LISTED: &[(&str, &str, Gives)] = &[
    ("django_prometheus", "django-prometheus", Gives::Metrics),
    ("health_check", "django-health-check", Gives::Health),
    ("watchman", "django-watchman", Gives::Health),
    ("drf_spectacular", "drf-spectacular", Gives::Contract),
    ("drf_yasg", "drf-yasg", Gives::Contract),
    ("graphene_django", "graphene-django", Gives::Contract),
    ("log_request_id.middleware", "django-log-request-id", Gives::RequestId),
    ("django_guid.middleware", "django-guid", Gives::RequestId),
    ("django_structlog.middlewares", "django-structlog", Gives::RequestId),
    ("request_id.middleware", "django-request-id", Gives::RequestId),
    ("request_id_django_log.middleware", "request-id-django-log", Gives::RequestId),
    ("compressor", "django-compressor", Gives::Compile),
    ("sass_processor", "django-sass-processor", Gives::Compile),
    ("pipeline.middleware", "django-pipeline", Gives::Compile),
    ("django.middleware.security.SecurityMiddleware", "django", Gives::Headers),
    ("django.contrib.auth.middleware.LoginRequiredMiddleware", "LoginRequiredMiddleware", Gives::LoginRequired),
    ("django_celery_beat", "celery beat", Gives::Schedule),
    ("django_crontab", "django-crontab", Gives::Schedule),
];

/// Adds the facts of listed apps and middleware.
pub(super) fn read(reader: &mut Reader<'_>, entries: &[Entry]) {
    let offline = entries
        .iter()
        .any(|entry| entry.name == "COMPRESS_OFFLINE" && entry.yes(reader) != Some(false));
    for entry in entries {
        match entry.name.as_str() {
            "INSTALLED_APPS" | "MIDDLEWARE" | "MIDDLEWARE_CLASSES" | "THIRD_PARTY_APPS" => {
                let mut before = "";
                for (id, text) in entry.texts(reader.tree) {
                    let known = LISTED.iter().find(|(start, ..)| {
                        text.strip_prefix(start)
                            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                    });
                    // An app and its parts are one thing.
                    if let Some((_, through, gives)) = known
                        && *through != before
                        && !(offline && matches!(gives, Gives::Compile))
                    {
                        before = through;
                        listed(reader, id, through, *gives);
                    }
                }
            }
            "REST_FRAMEWORK" => rest_framework(reader, entry),
            _ => {}
        }
    }
}

fn listed(reader: &mut Reader<'_>, id: NodeId, through: &str, gives: Gives) {
    let through = through.to_owned();
    match gives {
        Gives::Metrics => reader.push(
            id,
            Metrics {
                through,
                path: None,
                requests: Some(true),
                standard: true,
            },
        ),
        Gives::Health => reader.push(
            id,
            Health {
                path: None,
                kind: HealthKind::Both,
                checks_resources: Some(true),
                through,
            },
        ),
        Gives::Contract => contract(reader, id, &through),
        Gives::RequestId => reader.push(
            id,
            RequestId {
                through,
                in_logs: true,
            },
        ),
        Gives::Compile => reader.push(id, RuntimeCompile { through }),
        Gives::Headers => reader.push(
            id,
            TransportProtection {
                what: "security headers",
                on: true,
                through,
            },
        ),
        Gives::LoginRequired => reader.push(
            id,
            AuthCheck {
                through,
                roles: false,
            },
        ),
        Gives::Schedule => reader.push(
            id,
            ScheduledJob {
                through,
                schedule: None,
                in_process: false,
                guarded: true,
            },
        ),
    }
}

fn contract(reader: &mut Reader<'_>, id: NodeId, through: &str) {
    let format = match through {
        "graphene-django" => "graphql",
        "drf-yasg" => "swagger",
        _ => "openapi",
    };
    reader.push(
        id,
        Contract {
            format,
            format_version: None,
            version: None,
            generated: true,
            through: Some(through.to_owned()),
            faults: Vec::new(),
            operations: Vec::new(),
            error_schema: None,
            security_schemes: false,
        },
    );
}

fn rest_framework(reader: &mut Reader<'_>, entry: &Entry) {
    let tree = reader.tree;
    if let Some(classes) = tree.entry(entry.value, "DEFAULT_PERMISSION_CLASSES") {
        let names: Vec<(NodeId, String)> = tree
            .within(classes)
            .filter_map(|id| Some((id, tree.as_text(id)?.rsplit('.').next()?.to_owned())))
            .filter(|(_, name)| name != "AllowAny")
            .collect();
        for (id, name) in names {
            let roles = !matches!(
                name.as_str(),
                "IsAuthenticated" | "IsAuthenticatedOrReadOnly"
            );
            reader.push(
                id,
                AuthCheck {
                    through: name,
                    roles,
                },
            );
        }
    }
    if let Some(handler) = tree.entry(entry.value, "EXCEPTION_HANDLER") {
        let problem = tree
            .as_text(handler)
            .is_some_and(|handler| handler.contains("problem") || handler.contains("standardized"));
        if matches!(tree.kind(handler), Kind::Text(_)) {
            reader.push(
                handler,
                ErrorShape {
                    problem_json: problem,
                    keys: Vec::new(),
                    through: "rest_framework".to_owned(),
                },
            );
        }
    }
}

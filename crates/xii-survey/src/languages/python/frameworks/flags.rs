//! Settings that are on or off: cookies, transport, other origins.

use xii_model::{CookieFlags, CorsRule, Origin, QueueConsumer, TransportProtection};

use super::entries::Entry;
use crate::languages::python::reader::Reader;

/// Adds the facts of settings that are on or off.
pub(super) fn read(reader: &mut Reader<'_>, entries: &[Entry]) {
    let credentials = entries
        .iter()
        .any(|entry| entry.name == "CORS_ALLOW_CREDENTIALS" && entry.yes(reader) == Some(true));
    for entry in entries {
        match entry.name.as_str() {
            "SECURE_SSL_REDIRECT" => protection(reader, entry, "https redirect", entry.yes(reader)),
            "SECURE_HSTS_SECONDS" => {
                let on = match reader.origin(entry.value) {
                    Origin::Literal(text) => Some(text != "0"),
                    _ => Some(true),
                };
                protection(reader, entry, "hsts", on);
            }
            "SESSION_COOKIE_SECURE"
            | "CSRF_COOKIE_SECURE"
            | "REMEMBER_COOKIE_SECURE"
            | "JWT_COOKIE_SECURE" => {
                if let Some(on) = entry.yes(reader) {
                    cookie(reader, entry, Some(on), None);
                }
            }
            "SESSION_COOKIE_HTTPONLY" | "REMEMBER_COOKIE_HTTPONLY" => {
                if let Some(on) = entry.yes(reader) {
                    cookie(reader, entry, None, Some(on));
                }
            }
            "CORS_ALLOW_ALL_ORIGINS" | "CORS_ORIGIN_ALLOW_ALL" => {
                let any = entry.yes(reader) == Some(true);
                cors(reader, entry, any, credentials);
            }
            "CORS_ALLOWED_ORIGINS" | "CORS_ORIGIN_WHITELIST" | "CORS_ALLOWED_ORIGIN_REGEXES" => {
                cors(reader, entry, false, credentials);
            }
            "CELERY_TASK_ACKS_LATE" | "CELERY_ACKS_LATE" | "task_acks_late" => {
                let late = entry.yes(reader);
                reader.push(
                    entry.id,
                    QueueConsumer {
                        through: "celery".to_owned(),
                        acknowledges_late: late,
                    },
                );
            }
            _ => {}
        }
    }
}

fn protection(reader: &mut Reader<'_>, entry: &Entry, what: &'static str, on: Option<bool>) {
    if let Some(on) = on {
        reader.push(
            entry.id,
            TransportProtection {
                what,
                on,
                through: entry.name.clone(),
            },
        );
    }
}

fn cookie(reader: &mut Reader<'_>, entry: &Entry, secure: Option<bool>, http_only: Option<bool>) {
    reader.push(
        entry.id,
        CookieFlags {
            name: entry.name.clone(),
            secure,
            http_only,
            through: "settings".to_owned(),
        },
    );
}

fn cors(reader: &mut Reader<'_>, entry: &Entry, any: bool, credentials: bool) {
    reader.push(
        entry.id,
        CorsRule {
            any_origin: any,
            reflects_origin: any && credentials,
            credentials,
            through: if reader.file.source.text.contains("django") {
                "django-cors-headers".to_owned()
            } else {
                entry.name.clone()
            },
        },
    );
}

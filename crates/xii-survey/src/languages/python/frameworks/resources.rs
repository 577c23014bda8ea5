//! Mail, queues, storage and hosts that settings name.

use xii_model::{
    FilePlace, FileWrite, Locator, LocatorLiteral, Origin, ResourceClient, ResourceKind, Setting,
    WorkloadIdentity, Written, is_loopback_host,
};

use super::entries::Entry;
use crate::languages::python::libraries::files::place;
use crate::languages::python::reader::Reader;
use crate::languages::syntax::NodeId;

/// Adds the facts of resources that settings name.
pub(super) fn read(reader: &mut Reader<'_>, entries: &[Entry]) {
    let remote_storage = reader.file.source.text.contains("storages.backends");
    let named = |name: &str| entries.iter().find(|entry| entry.name == name);
    for entry in entries {
        match entry.name.as_str() {
            "EMAIL_HOST" => {
                let timeout = named("EMAIL_TIMEOUT").is_some();
                client(reader, entry, ResourceKind::Mail, "django", timeout);
            }
            "MAIL_SERVER" => client(reader, entry, ResourceKind::Mail, "flask-mail", false),
            "CELERY_BROKER_URL" | "BROKER_URL" | "broker_url" => queue(reader, entry),
            "MEDIA_ROOT" if !remote_storage => {
                let path = reader.origin(entry.value);
                let place = place(reader, entry.value, &path);
                reader.push(
                    entry.id,
                    FileWrite {
                        path,
                        place,
                        what: Written::Upload,
                        through: "MEDIA_ROOT".to_owned(),
                    },
                );
            }
            "DEFAULT_FILE_STORAGE" => storage(
                reader,
                entry.id,
                entry.value,
                named("AWS_STORAGE_BUCKET_NAME"),
            ),
            "STORAGES" => {
                let tree = reader.tree;
                let backend = tree
                    .entry(entry.value, "default")
                    .and_then(|default| tree.entry(default, "BACKEND"));
                if let Some(backend) = backend {
                    storage(reader, entry.id, backend, named("AWS_STORAGE_BUCKET_NAME"));
                }
            }
            "AWS_ACCESS_KEY_ID" | "AWS_S3_ACCESS_KEY_ID" => reader.push(
                entry.id,
                WorkloadIdentity {
                    what: "access key".to_owned(),
                    short_lived: false,
                },
            ),
            "ALLOWED_HOSTS"
            | "CSRF_TRUSTED_ORIGINS"
            | "CORS_ALLOWED_ORIGINS"
            | "CORS_ORIGIN_WHITELIST" => {
                hosts(reader, entry);
            }
            _ => {}
        }
    }
}

fn client(
    reader: &mut Reader<'_>,
    entry: &Entry,
    kind: ResourceKind,
    library: &str,
    timeout: bool,
) {
    let locator = reader.origin(entry.value);
    reader.push(
        entry.id,
        ResourceClient {
            kind,
            library: library.to_owned(),
            locator,
            timeout: if timeout {
                Setting::Set("EMAIL_TIMEOUT".to_owned())
            } else {
                Setting::DefaultBad
            },
            pool: Setting::Unknown,
            retry: Setting::Unknown,
            per_request: false,
        },
    );
}

fn queue(reader: &mut Reader<'_>, entry: &Entry) {
    let locator = reader.origin(entry.value);
    let kind = locator
        .fallback()
        .and_then(Locator::parse)
        .and_then(|locator| locator.kind())
        .unwrap_or(ResourceKind::Queue);
    reader.push(
        entry.id,
        ResourceClient {
            kind,
            library: "celery".to_owned(),
            locator,
            timeout: Setting::Unknown,
            pool: Setting::DefaultGood,
            retry: Setting::DefaultGood,
            per_request: false,
        },
    );
}

/// Django's storage of uploads: files of the instance, or an object store.
fn storage(reader: &mut Reader<'_>, id: NodeId, backend: NodeId, bucket: Option<&Entry>) {
    let origin = reader.origin(backend);
    let Some(name) = origin.fallback() else {
        return;
    };
    if name.ends_with("FileSystemStorage") {
        reader.push(
            id,
            FileWrite {
                path: Origin::Absent,
                place: FilePlace::Unknown,
                what: Written::Upload,
                through: "FileSystemStorage".to_owned(),
            },
        );
    } else if ["s3", "gcloud", "azure", "S3", "Google"]
        .iter()
        .any(|word| name.contains(word))
    {
        let locator = reader.origin_of(bucket.map(|bucket| bucket.value));
        reader.push(
            id,
            ResourceClient {
                kind: ResourceKind::ObjectStore,
                library: "django-storages".to_owned(),
                locator,
                timeout: Setting::DefaultGood,
                pool: Setting::DefaultGood,
                retry: Setting::DefaultGood,
                per_request: false,
            },
        );
    }
}

/// Hosts and origins of a deploy that are listed in the code.
fn hosts(reader: &mut Reader<'_>, entry: &Entry) {
    // A list that the environment gives, with a default for development.
    if matches!(reader.origin(entry.value), Origin::Env(_)) {
        return;
    }
    let texts: Vec<(NodeId, String)> = entry
        .texts(reader.tree)
        .into_iter()
        .map(|(id, text)| (id, text.to_owned()))
        .collect();
    let calls = reader
        .tree
        .within(entry.value)
        .any(|id| reader.values.seen(reader.tree, id).is_some());
    if calls {
        return;
    }
    for (id, text) in texts {
        let (scheme, host) = text.split_once("://").unwrap_or(("", &text));
        let host = host.trim_start_matches(['.', '*']);
        if host.is_empty()
            || host.contains([',', ' '])
            || !host.contains('.')
            || is_loopback_host(host.split(':').next().unwrap_or(host))
        {
            continue;
        }
        reader.push(
            id,
            LocatorLiteral {
                locator: Locator {
                    scheme: scheme.to_owned(),
                    user: None,
                    has_password: false,
                    host: host.to_owned(),
                    port: None,
                    path: String::new(),
                },
                name: Some(entry.name.clone()),
                overridden: false,
                used_by: None,
            },
        );
    }
}

//! Facts of orchestration: compose services, Kubernetes objects, proxies.

use std::collections::BTreeMap;

use crate::{CommandLine, Evidence, ImageRef};

/// A service of a compose file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComposeService {
    /// Its name.
    pub name: String,
    /// The variant in the file's name: `prod` for `docker-compose.prod.yml`.
    pub variant: Option<String>,
    /// The image, if it names one.
    pub image: Option<ImageRef>,
    /// The folder that it is built from, below the audited folder.
    pub build_context: Option<String>,
    /// The Dockerfile that it is built with, below the audited folder.
    pub dockerfile: Option<String>,
    /// The stage that it is built to.
    pub target: Option<String>,
    /// The command, if it replaces the image's.
    pub command: Option<CommandLine>,
    /// Published ports as written.
    pub ports: Vec<String>,
    /// Mounted volumes as written, `source:target`.
    pub volumes: Vec<String>,
    /// Services it waits for.
    pub depends_on: Vec<String>,
    /// Whether it has a health check.
    pub health_check: bool,
    /// The restart policy.
    pub restart: Option<String>,
    /// The replicas, if given.
    pub replicas: Option<u32>,
    /// Limits of memory or CPU are given.
    pub limits: bool,
    /// Runs privileged or with added capabilities.
    pub privileged: bool,
    /// The user, if given.
    pub user: Option<String>,
    /// Its profiles: a service with one is started on request only.
    pub profiles: Vec<String>,
}

/// A Kubernetes object that runs containers: Deployment, StatefulSet, DaemonSet, Job, CronJob, Pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workload {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Replicas, if given.
    pub replicas: Option<u32>,
    /// The schedule of a CronJob.
    pub schedule: Option<String>,
    /// Its containers, init containers included.
    pub containers: Vec<Container>,
    /// Whether the service account's token is mounted: `None` when the manifest does not say.
    pub service_account_token: Option<bool>,
    /// The service account, if given.
    pub service_account: Option<String>,
    /// Seconds between SIGTERM and SIGKILL, if given.
    pub grace_seconds: Option<u32>,
    /// Names of persistent volume claims mounted.
    pub persistent_volumes: Vec<String>,
    /// Folders of the node mounted.
    pub host_paths: Vec<String>,
    /// Whether the pod as a whole must not run as root.
    pub run_as_non_root: Option<bool>,
    /// Whether parts of it come from a template, so that what is absent here may be given elsewhere.
    pub templated: bool,
}

/// A container of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Where.
    pub at: Evidence,
    /// Its name.
    pub name: String,
    /// Whether it runs before the others.
    pub init: bool,
    /// Its image.
    pub image: ImageRef,
    /// The command and arguments, if they replace the image's.
    pub command: Option<CommandLine>,
    /// Variables: the name and how each is given.
    pub env: Vec<(String, GivenBy)>,
    /// Names of ConfigMaps and Secrets whose keys are all given as variables.
    pub env_from: Vec<String>,
    /// Ports.
    pub ports: Vec<u16>,
    /// Whether it has a liveness probe.
    pub liveness: bool,
    /// Whether it has a readiness probe.
    pub readiness: bool,
    /// Whether it has a start-up probe.
    pub startup: bool,
    /// Whether it has a preStop hook.
    pub pre_stop: bool,
    /// Resources requested: `cpu`, `memory`.
    pub requests: Vec<String>,
    /// Resources limited.
    pub limits: Vec<String>,
    /// Its security settings.
    pub security: ContainerSecurity,
}

/// How a variable is given to a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenBy {
    /// As a literal; redacted when it is a credential.
    Value {
        /// The text.
        text: String,
        /// Whether it is a credential.
        secret: bool,
    },
    /// From a key of a Secret.
    Secret(String),
    /// From a key of a ConfigMap.
    ConfigMap(String),
    /// From the pod's own fields.
    Field,
    /// In a way that is not known here.
    Unknown,
}

/// A container's security settings; `None` where the manifest does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ContainerSecurity {
    pub privileged: Option<bool>,
    pub run_as_non_root: Option<bool>,
    pub run_as_user: Option<i64>,
    pub read_only_root: Option<bool>,
    pub allow_privilege_escalation: Option<bool>,
    pub added_capabilities: Vec<String>,
    pub dropped_capabilities: Vec<String>,
}

/// Another Kubernetes object: Service, Ingress, HorizontalPodAutoscaler, ConfigMap, Secret, ServiceMonitor …
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KubernetesObject {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Keys of `data` and `stringData`.
    pub data_keys: Vec<String>,
    /// Keys of a Secret whose value is written down.
    pub secret_values: Vec<String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// `sessionAffinity` of a Service.
    pub session_affinity: Option<String>,
    /// Whether an Ingress has TLS.
    pub tls: bool,
    /// Whether parts of it come from a template.
    pub templated: bool,
}

/// A setting of a web server or process manager that stands in front of or around the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxySetting {
    /// Whose: `nginx`, `haproxy`, `caddy`, `traefik`, `supervisor`, `uwsgi`.
    pub program: &'static str,
    /// The directive: `ip_hash`, `listen`, `proxy_pass`, `fastcgi_pass`, `upstream`, `ssl_certificate`, `command` …
    pub directive: String,
    /// Its value, redacted.
    pub value: String,
    /// The block it stands in: `upstream app`, `program:web`.
    pub block: Option<String>,
}

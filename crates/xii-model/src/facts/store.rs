//! The facts of one app, a list for each kind.

use super::*;

/// Declares the store: a field a kind, and what goes over all of them.
macro_rules! kinds {
    ($($field:ident: $kind:ty),* $(,)?) => {
        /// The facts of one app or one file, a list for each kind, each in the order of path and place.
        #[derive(Clone, Debug, Default)]
        #[allow(missing_docs)]
        pub struct Facts {
            $(pub $field: Vec<Fact<$kind>>,)*
        }

        impl Facts {
            /// Takes in the facts of another store.
            pub fn append(&mut self, mut other: Facts) {
                $(self.$field.append(&mut other.$field);)*
            }

            /// Puts every list in the order of path and place.
            pub fn sort(&mut self) {
                $(self.$field.sort_by(|a, b| (&a.at.path, a.at.start, a.at.end).cmp(&(&b.at.path, b.at.start, b.at.end)));)*
            }

            /// How many facts there are.
            pub fn count(&self) -> usize {
                0 $(+ self.$field.len())*
            }

            /// Hands the facts out to `count` receivers. `receivers` tells the numbers of those that get
            /// a fact, by its path and by the app it is known to belong to.
            pub fn divided<'r>(
                self,
                count: usize,
                receivers: impl Fn(&str, Option<&str>) -> &'r [usize],
            ) -> Vec<Facts> {
                let mut divided = Vec::new();
                divided.resize_with(count, Facts::default);
                $(for fact in self.$field {
                    let numbers = receivers(&fact.at.path, fact.belongs.as_deref());
                    let Some((last, others)) = numbers.split_last() else {
                        continue;
                    };
                    for number in others {
                        if let Some(receiver) = divided.get_mut(*number) {
                            receiver.$field.push(fact.clone());
                        }
                    }
                    if let Some(receiver) = divided.get_mut(*last) {
                        receiver.$field.push(fact);
                    }
                })*
                divided
            }

            /// Every fact as a line, sorted: for snapshots and `--verbose`.
            pub fn lines(&self) -> Vec<String> {
                let mut lines = Vec::new();
                $(lines.extend(self.$field.iter().map(|fact| format!("{fact:?}")));)*
                lines.sort();
                lines
            }

            /// Changes what every fact says of where it stands.
            pub fn each_scope(&mut self, mut change: impl FnMut(&crate::Evidence, &mut Scope)) {
                $(for fact in &mut self.$field {
                    change(&fact.at, &mut fact.scope);
                })*
            }

            /// Changes which app every fact is known to belong to.
            pub fn each_belonging(&mut self, mut change: impl FnMut(&crate::Evidence, &mut Option<std::sync::Arc<str>>)) {
                $(for fact in &mut self.$field {
                    change(&fact.at, &mut fact.belongs);
                })*
            }

            /// Changes every fact's own evidence.
            pub fn each_evidence(&mut self, mut change: impl FnMut(&mut crate::Evidence)) {
                $(for fact in &mut self.$field {
                    change(&mut fact.at);
                })*
            }
        }

        $(impl Kind for $kind {
            fn list(facts: &mut Facts) -> &mut Vec<Fact<Self>> {
                &mut facts.$field
            }
        })*
    };
}

/// A kind of fact: knows its list in the store.
pub trait Kind: Sized {
    /// Its list.
    fn list(facts: &mut Facts) -> &mut Vec<Fact<Self>>;
}

impl Facts {
    /// Adds a fact to the list of its kind.
    pub fn push<T: Kind>(&mut self, fact: Fact<T>) {
        T::list(self).push(fact);
    }
}

kinds! {
    env_reads: EnvRead,
    env_reads_all: EnvReadAll,
    config_checks: ConfigCheck,
    environment_branches: EnvironmentBranch,
    secrets: SecretLiteral,
    locators: LocatorLiteral,
    declarations: ConfigDeclaration,
    config_files: ConfigFile,
    manifests: Manifest,
    dependencies: Dependency,
    lock_files: LockFile,
    runtime_versions: RuntimeVersion,
    scripts: Script,
    imports: Import,
    module_aliases: ModuleAlias,
    committed_dependencies: CommittedDependencies,
    spawns: Spawn,
    exits: ProcessExit,
    runtime_compiles: RuntimeCompile,
    version_reports: VersionReport,
    idempotency: Idempotency,
    images: Image,
    compose_services: ComposeService,
    workloads: Workload,
    kubernetes_objects: KubernetesObject,
    proxy_settings: ProxySetting,
    pipeline_jobs: PipelineJob,
    pipeline_steps: PipelineStep,
    update_bots: UpdateBot,
    process_types: ProcessType,
    signal_handlers: SignalHandler,
    listens: Listen,
    scheduled_jobs: ScheduledJob,
    background_work: BackgroundWork,
    queue_consumers: QueueConsumer,
    daemonizes: Daemonize,
    admin_tasks: AdminTask,
    migrations_at_start: MigrationAtStart,
    start_scripts: StartScript,
    ignore_lists: IgnoreList,
    copied_files: CopiedFile,
    unread: Unread,
    resource_clients: ResourceClient,
    resilience: Resilience,
    resources_closed: ResourceClosed,
    attached_resources: AttachedResource,
    session_stores: SessionStore,
    file_writes: FileWrite,
    mutable_states: MutableState,
    cache_stores: CacheStore,
    log_sinks: LogSink,
    log_formats: LogFormat,
    prints: Print,
    logged_secrets: LoggedSecret,
    log_redactions: LogRedaction,
    buffering: Buffering,
    request_ids: RequestId,
    auth_checks: AuthCheck,
    token_verifications: TokenVerification,
    cookies: CookieFlags,
    cors_rules: CorsRule,
    transport_protections: TransportProtection,
    certificate_checks_off: CertificateCheckOff,
    identity_files: IdentityFile,
    workload_identities: WorkloadIdentity,
    routes: Route,
    health: Health,
    contracts: Contract,
    error_shapes: ErrorShape,
    error_answers: ErrorAnswer,
    metrics: Metrics,
    tracing: Tracing,
}

//! What each factor is about, for someone who has never read the manifesto.

use crate::Factor;

impl Factor {
    /// The factor taught in two paragraphs, parted by an empty line: what it asks and why, and what
    /// it looks like on a container platform.
    pub fn about(self) -> &'static str {
        match self {
            Factor::I => {
                "An app is one codebase under revision control, and every place where \
                 it runs, be it production, staging or a laptop, is a deploy of that codebase. If \
                 there are several codebases it is a distributed system and each part is an app; \
                 if several apps share code, the shared part is a library that each declares. \
                 What tells deploys apart is which commit they run and their config, not another \
                 copy or branch of the code.\n\n\
                 When this holds, a fault seen in production can be checked out, built and \
                 repeated, and a fix reaches every deploy by the same way. On a container \
                 platform it looks like this: one repository or workspace member per app, one \
                 image built per commit and named by it, and that same image promoted from \
                 staging to production by its digest. The running process can say which commit it \
                 is."
            }
            Factor::II => {
                "The app declares everything that it needs beyond the operating \
                 system's most basic parts, exactly and in a manifest, and it uses nothing that \
                 is merely lying around. Declaring and isolating belong together. A manifest \
                 alone does not show that it is complete; an isolated install does, as whatever \
                 is missing from the manifest is then missing from the run.\n\n\
                 An undeclared package or tool works on the machine where it happens to be, and \
                 nowhere else; an unlocked version makes two builds of one commit differ. Today \
                 the manifest and its lock file are committed, the image installs from the lock \
                 in strict mode, and the base image names the runtime's version. System tools are \
                 packages installed in the image by name, and an audit in CI watches all of it \
                 for published faults."
            }
            Factor::III => {
                "Config is what is likely to differ between deploys: addresses of resources, \
                 credentials, host names, limits. It lives in environment variables, apart from \
                 the code, each variable independent of the others. How the app is wired inside, \
                 its routes and modules, is not config and stays in the code. A good test is \
                 whether the repository could be published this minute without giving anything \
                 away.\n\n\
                 Values in code leak, bind a build to one deploy and turn each change of setting \
                 into a release. Named environments multiply with each new deploy, and hide \
                 behaviour that only production has. On a container platform the app reads and \
                 checks all variables once at start, names those that are missing, and exits; a \
                 ConfigMap and a Secret, or a secret store, fill them. Credentials that rotate \
                 are mounted as files, and a variable says where."
            }
            Factor::IV => {
                "A backing service is anything that the app uses over the network: a database, \
                 cache, queue, mail server, bucket or another team's API. To the app each is an \
                 attached resource, reached through a locator and credentials in config. It makes \
                 no difference whether the team runs it or someone else does, and to attach \
                 another one takes a change of config, never of code.\n\n\
                 Because resources are apart from the app, they can fail, slow down and be \
                 replaced on their own, and the app has to live with that. It sets timeouts, \
                 retries with back-off, bounds its connection pools, and says through readiness \
                 and health routes what it is missing. On Kubernetes the locator comes from a \
                 Secret, the resource may be in the cluster or managed elsewhere, and a database \
                 that fails over costs a few failed requests and no restart."
            }
            Factor::V => {
                "The way from code to a running process has three stages. The build turns a \
                 commit into an artefact with its dependencies; the release joins that artefact \
                 with a deploy's config and gets a unique id; the run starts processes from a \
                 release. The stages go one way only: nothing is built at run time, and nobody \
                 edits code where it runs.\n\n\
                 The build may be complicated, as a developer watches it; the run must be simple, \
                 as it happens at night when a node dies. Today the build is a multi-stage image, \
                 pushed once under an immutable tag; the release is a rollout or a chart's \
                 revision that names image and config; the run is the start command alone, on a \
                 read-only root file system. Going back is deploying an earlier release, which \
                 works only if the database can still serve its code."
            }
            Factor::VI => {
                "The app runs as one or more processes that keep nothing of value: whatever must \
                 last, or be seen by another process, is in a backing service. Memory and local \
                 disk are scratch space for the length of one request or job. A process may die \
                 at any moment and its successor, on another machine, carries on.\n\n\
                 State in a process is invisible until there is a second instance or a restart; \
                 then users are logged out, uploads are missing and counters disagree. On a \
                 container platform every deploy replaces all processes and every node drain some \
                 of them, so it shows soon. Sessions go to Redis, the database or a signed \
                 cookie, files to object storage, shared counters to a database. The load \
                 balancer needs no stickiness, and assets are compiled in the build."
            }
            Factor::VII => {
                "The app is complete in itself: it brings its web server as a declared \
                 dependency, binds a port, and serves what comes in on it. It is not a module \
                 that is put into a server installed beforehand. The port comes from the \
                 environment, so the platform decides where it listens, and a router in front \
                 maps public names to it.\n\n\
                 An app that fixes its port, or binds the loopback interface, starts well and is \
                 never reached; an app that lives in someone else's server depends on a version \
                 and settings that are not in its build. In a container the process listens on \
                 all interfaces at the port in `PORT`, ends with a clear error if the port is \
                 taken, and leaves TLS and host names to the ingress. Bound this way, one app can \
                 be another's backing service, given only its URL."
            }
            Factor::VIII => {
                "Work is divided into process types: `web` answers requests, `worker` takes jobs, \
                 a scheduler starts what is due. Each type scales by itself, by adding processes. \
                 Inside, a process may use threads or an event loop as it likes, but one machine \
                 ends somewhere and processes on many machines do not. The app never daemonizes \
                 or writes PID files; the platform's process manager starts it, restarts it and \
                 collects its output.\n\n\
                 A process that holds a lock or a timer for the whole app cannot have a twin: \
                 jobs run twice or, during a deploy, not at all. On Kubernetes each type is a \
                 Deployment with its own number of replicas and its own autoscaler, schedules are \
                 CronJobs, and a queue with acknowledgement lets any number of workers share the \
                 jobs."
            }
            Factor::IX => {
                "Processes are disposable: they can be started or stopped at a moment's notice. \
                 They are ready within seconds, they stop gracefully on SIGTERM by finishing or \
                 handing back what they hold, and they survive a sudden death without loss or \
                 repair. That is what makes scaling, deploys and moves between machines ordinary \
                 events.\n\n\
                 On a container platform processes are stopped all day: by rollouts, by \
                 autoscalers, by nodes that are drained or fail. A web process that hears SIGTERM \
                 turns its readiness off, stops accepting, ends the open requests inside its \
                 grace period, closes its pools and exits with zero; a worker returns its job to \
                 the queue. The signal must reach it, so the app, not a shell or a package \
                 manager, is the container's first process. Work is made safe to repeat, because \
                 sooner or later it is repeated."
            }
            Factor::X => {
                "Development, staging and production should differ as little as possible in three \
                 respects: the time between writing code and deploying it, the people who write \
                 and who deploy, and the tools used. The last is where code is affected most: the \
                 same kind and version of each backing service, the same variables and the same \
                 build everywhere.\n\n\
                 A small difference, SQLite here and PostgreSQL there, makes tests vouch for a \
                 system that is not the one in production, and makes deploys rare and feared. \
                 Containers have removed the old excuse: a compose file starts the real database \
                 in its production version in seconds, CI uses the same image, and the image that \
                 was tested is the one that is promoted. What remains to differ between deploys \
                 is the values of their config."
            }
            Factor::XI => {
                "Logs are a stream of events in order of time, from all processes, without \
                 beginning or end. The app writes each event to its standard output, unbuffered \
                 and one a line, and has no further interest in it. It opens no log files, \
                 rotates nothing and ships nothing; where the stream goes is the platform's \
                 decision, and differs between a laptop and production.\n\n\
                 Files inside a container disappear with it, fill its disk, and are seen by \
                 nobody. On Kubernetes the runtime captures stdout and stderr of each container \
                 and an agent forwards them to a search system. For that to be useful, each event \
                 is a JSON object with time, level and message, carries the request's id, keeps a \
                 stack trace inside one line, and holds no password, token or person's data, as \
                 logs are read by many and kept for long."
            }
            Factor::XII => {
                "Admin processes are the one-off tasks beside the app's regular work: migrating \
                 the schema, repairing data, opening a console. They run as processes of a \
                 release, with the same code, the same dependencies and the same config as its \
                 web and worker processes, and their code is in the same repository.\n\n\
                 A script run from a laptop against production's database uses another version, \
                 leaves no trace, and needs credentials where they should not be. On Kubernetes a \
                 task is a Job or CronJob with the app's own image and the same ConfigMap and \
                 Secret; a migration runs once before the rollout rather than at the start of \
                 every web process. Tasks report success by their exit code and can be repeated, \
                 as a platform retries what it believes has failed."
            }
            Factor::XIII => {
                "API first means that the contract of a service is agreed, written in a \
                 machine-readable form and versioned before or along with its code, not \
                 discovered from it afterwards. The contract names the operations, their data, \
                 their errors and their protection. It belongs to the codebase and is published \
                 by the running service.\n\n\
                 A service is somebody else's backing service, and its consumers build on what \
                 they believe it promises. With a contract they can work at the same time, \
                 generate clients, use a mock, and see a breaking change before it is deployed. \
                 Today that is an OpenAPI document, AsyncAPI for messages, GraphQL SDL or \
                 protobuf; it is linted and compared with the last release in CI, responses are \
                 checked against it in tests, and errors have one shape, such as \
                 `application/problem+json`."
            }
            Factor::XIV => {
                "Telemetry is what an app reports of itself so that it can be judged from \
                 outside: metrics that are counted, traces that follow a request through \
                 services, and health. Logs tell what happened once; telemetry tells how often, \
                 how long, and where the time went. It is planned as part of the app, as on a \
                 platform no one can attach a debugger to a process that may be gone in a minute.\n\n\
                 The useful minimum is rate, errors and duration of requests, in a format that \
                 the platform's tools scrape. On Kubernetes that is a `/metrics` route in the \
                 Prometheus or OpenMetrics format, an OpenTelemetry SDK that sends traces by OTLP \
                 to the address in `OTEL_EXPORTER_OTLP_ENDPOINT`, and a `traceparent` header that \
                 is passed on with every call. Requests and limits for CPU and memory say what \
                 the app needs, and usage shows whether that is true."
            }
            Factor::XV => {
                "Authentication finds out who asks; authorization decides what they may do. Both \
                 belong to the app's design from the first day and to every operation, since a \
                 network boundary does not keep attackers out. The app has an identity too: it \
                 should prove to its resources who it is with a short-lived credential that the \
                 platform issues, and not with a key that lives for years.\n\n\
                 In practice the app validates tokens from an identity provider (signature, \
                 issuer, audience and expiry), denies by default, and checks roles and ownership \
                 for each operation. It runs as an unprivileged user on a read-only root, its \
                 cookies and CORS rules are strict, and TLS ends at the platform's edge. On \
                 Kubernetes its own identity is a projected service account token or cloud \
                 workload identity, read again when it rotates."
            }
        }
    }
}

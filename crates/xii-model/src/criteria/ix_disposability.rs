//! IX Disposability.

use super::catalogue::EVERY;
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "IX.1",
        factor: Factor::IX,
        title: "is ready within its start budget",
        statement: "Ready within its start budget (10 s unless declared; 3 s is good).",
        why: "Scaling, rolling deploys and recovery from a crash all wait for the start. A service \
             that needs two minutes cannot follow load, and a crash of one instance is felt for as \
             long.",
        how: "Do in the build what need not be done at start, connect lazily or in parallel, and \
             move migrations and cache warming out. Listen early, and say ready only when it is true.",
        source: "The Twelve-Factor App, IX Disposability: https://12factor.net/disposability",
        profiles: EVERY,
        from_code: None,
        from_run: Some("the time from launch to the first successful readiness, repeated"),
    },
    Criterion {
        id: "IX.2",
        factor: Factor::IX,
        title: "drains on SIGTERM",
        statement: "On SIGTERM a web process stops accepting, finishes what is in flight, and exits \
             within its grace.",
        why: "Every deploy and scale-in sends SIGTERM. An app that dies at once cuts the requests in \
             flight; one that ignores it is killed after the grace period, with the same result and a \
             slower deploy.",
        how: "Handle SIGTERM: turn readiness off, stop accepting, let open requests finish under a \
             deadline shorter than the platform's grace (30 s by default on Kubernetes), close pools, \
             exit 0. Close idle keep-alive connections, or the server waits for them.",
        source: "The Twelve-Factor App, IX Disposability: https://12factor.net/disposability; \
             Kubernetes, Pod lifecycle, Termination of Pods: \
             https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
        profiles: EVERY,
        from_code: Some("SIGTERM handling, by language and framework"),
        from_run: Some(
            "requests in flight at SIGTERM all complete; new ones are refused; it exits within \
             the grace",
        ),
    },
    Criterion {
        id: "IX.3",
        factor: Factor::IX,
        title: "gives its job back on SIGTERM",
        statement: "On SIGTERM a worker gives its job back.",
        why: "A worker that acknowledged a job when it took it loses that job when it is stopped. \
             Each deploy then drops work, and nobody notices until a customer asks.",
        how: "Acknowledge after the work is done. On SIGTERM take no new jobs, finish the current \
             one if time allows, and otherwise return it to the queue.",
        source: "The Twelve-Factor App, IX Disposability: https://12factor.net/disposability",
        profiles: EVERY,
        from_code: Some("acknowledgement after the work, by job library"),
        from_run: Some("the job in hand at SIGTERM is done, or is on the queue again"),
    },
    Criterion {
        id: "IX.4",
        factor: Factor::IX,
        title: "survives sudden death",
        statement: "Sudden death loses nothing and needs no repair.",
        why: "Machines fail, and memory limits kill without a signal that can be handled. If a start \
             then stumbles over a stale lock or a half-written file, the platform restarts it for \
             ever and a person must clean up.",
        how: "Keep no PID or lock file that blocks a start, or hold locks that the kernel or a lease \
             releases. Write through transactions, or to a temporary file that is then renamed, and \
             acknowledge only what is stored.",
        source: "The Twelve-Factor App, IX Disposability: https://12factor.net/disposability",
        profiles: EVERY,
        from_code: Some("PID or lock files that block a start"),
        from_run: Some("SIGKILL under load, then a start: it serves, and no stale lock is left"),
    },
    Criterion {
        id: "IX.5",
        factor: Factor::IX,
        title: "receives its signals",
        statement: "Signals reach the process.",
        why: "A shell or `npm` as the container's first process receives SIGTERM and may not pass it \
             on. The app never hears it, waits out the grace period and is killed with its requests.",
        how: "Use the exec form, `CMD [\"node\", \"server.js\"]`, and `exec` in entry scripts. Where \
             a process starts children, use a small init such as `tini`, which forwards signals and \
             reaps.",
        source: "The Twelve-Factor App, IX Disposability: https://12factor.net/disposability; \
             Dockerfile reference, Shell and exec form: \
             https://docs.docker.com/reference/dockerfile/#shell-and-exec-form",
        profiles: EVERY,
        from_code: Some(
            "shell-form `CMD`, `npm start` or `yarn` as the first process, `sh -c` without `exec`",
        ),
        from_run: Some(
            "the process that serves is the one signalled, or has the signal forwarded to it",
        ),
    },
    Criterion {
        id: "IX.6",
        factor: Factor::IX,
        title: "answers liveness and readiness",
        statement: "Liveness and readiness can be asked for.",
        why: "Without readiness, traffic arrives before the app can serve and after it has begun to \
             stop. Without liveness, a process that hangs stays in the pool for ever.",
        how: "Serve two routes. Liveness says that the process itself works and checks no resource; \
             readiness says that it can serve now, and turns false at SIGTERM. Point the platform's \
             probes at them.",
        source: "The Twelve-Factor App, IX Disposability: https://12factor.net/disposability; \
             Kubernetes, Liveness, readiness and startup probes: \
             https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
        profiles: EVERY,
        from_code: Some("health routes in the code, probes in the manifests"),
        from_run: Some("both answer, and readiness precedes traffic"),
    },
    Criterion {
        id: "IX.7",
        factor: Factor::IX,
        title: "can retry work safely",
        statement: "Work can be retried safely.",
        why: "Clients, proxies and queues repeat what they got no answer for. If repeating a request \
             orders twice, every timeout is a possible double charge.",
        how: "Wrap what belongs together in a transaction. Accept an idempotency key on unsafe \
             requests and store its result, and let a unique constraint refuse the second copy.",
        source: "The Twelve-Factor App, IX Disposability (reentrant jobs): \
             https://12factor.net/disposability; RFC 9110, 9.2.2 Idempotent Methods: \
             https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2",
        profiles: EVERY,
        from_code: Some("idempotency keys, unique constraints, transactions"),
        from_run: Some(
            "the scenario's repeated unsafe request does not act twice, where that is declared",
        ),
    },
];

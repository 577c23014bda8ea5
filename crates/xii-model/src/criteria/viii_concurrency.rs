//! VIII Concurrency.

use super::catalogue::EVERY;
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "VIII.1",
        factor: Factor::VIII,
        title: "declares its process types",
        statement: "Process types are declared.",
        why: "A platform can scale and restart only what it knows of. If the worker is a line in \
             somebody's notes, it is missing from the new deploy, and mail quietly stops.",
        how: "Give each kind of work a name and a command in a Procfile, compose file or Kubernetes \
             workload: `web`, `worker`, `scheduler`. Keep one command for each.",
        source: "The Twelve-Factor App, VIII Concurrency: https://12factor.net/concurrency",
        profiles: EVERY,
        from_code: Some("Procfile, compose services, Kubernetes workloads, package scripts"),
        from_run: None,
    },
    Criterion {
        id: "VIII.2",
        factor: Factor::VIII,
        title: "stays in the foreground",
        statement: "Processes stay in the foreground and write no PID file.",
        why: "A process that forks away looks finished to its supervisor, which starts another or \
             gives up. Its output and its signals are lost, and a stale PID file stops the next \
             start.",
        how: "Run the server as the command itself, with no `&`, `nohup` or daemon flag. Leave \
             restarting, and keeping it running, to the platform's process manager.",
        source: "The Twelve-Factor App, VIII Concurrency: https://12factor.net/concurrency",
        profiles: EVERY,
        from_code: Some(
            "daemonize flags, PID files, `nohup` or `&` in start commands, `forever` or `pm2` \
             without its foreground mode",
        ),
        from_run: Some("a process that left its group, or a PID file that was written"),
    },
    Criterion {
        id: "VIII.3",
        factor: Factor::VIII,
        title: "runs as many instances at once",
        statement: "N instances of a type run side by side and share the load.",
        why: "Scaling out is the platform's answer to load and to failure. An app that holds a lock, \
             a fixed file or exclusive state can have one instance only, so every deploy is an \
             outage.",
        how: "Make no instance special: no fixed local files, no leader without an election, no work \
             that assumes it runs once. Try it with two from the first day.",
        source: "The Twelve-Factor App, VIII Concurrency: https://12factor.net/concurrency",
        profiles: EVERY,
        from_code: None,
        from_run: Some("N instances are started; all serve, and none fails"),
    },
    Criterion {
        id: "VIII.4",
        factor: Factor::VIII,
        title: "keeps background work out of web",
        statement: "Scheduled and background work is not inside the web process.",
        why: "A timer in the web process runs once for each instance: three instances send the \
             reminder three times, and none sends it during a deploy. Heavy jobs also take time from \
             requests.",
        how: "Move jobs to a worker that takes them from a queue, and schedules to the platform's \
             scheduler or a `scheduler` process that runs once. The web process only puts jobs on the \
             queue.",
        source: "The Twelve-Factor App, VIII Concurrency: https://12factor.net/concurrency",
        profiles: EVERY,
        from_code: Some(
            "node-cron, APScheduler, `setInterval` jobs, `@Scheduled`, or worker threads started \
             by the web entry",
        ),
        from_run: Some("scheduled work is seen N times with N instances"),
    },
    Criterion {
        id: "VIII.5",
        factor: Factor::VIII,
        title: "does each job once",
        statement: "A job is done once however many workers run.",
        why: "Two workers that take the same row both charge the card. It shows only under load or \
             after adding a worker, and by then money or mail has gone out.",
        how: "Use a queue with acknowledgement, or claim rows with `SELECT … FOR UPDATE SKIP \
             LOCKED`. As delivery may still repeat, make the job's effect idempotent with a unique \
             key.",
        source: "The Twelve-Factor App, VIII Concurrency: https://12factor.net/concurrency",
        profiles: EVERY,
        from_code: Some("locking or queue semantics of the job system"),
        from_run: Some("N workers on one queue: each job is acknowledged once"),
    },
];

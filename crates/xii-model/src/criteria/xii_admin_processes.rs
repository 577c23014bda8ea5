//! XII Admin processes.

use super::catalogue::EVERY;
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "XII.1",
        factor: Factor::XII,
        title: "ships its admin tasks",
        statement: "Admin tasks are declared and ship with the app.",
        why: "A migration kept on a laptop or in a wiki does not match the code that is running. It \
             is run by hand, once per deploy, each time a little differently.",
        how: "Keep migrations, seeds and repairs in the repository, with a named command for each: \
             `manage.py` commands, npm scripts, rake or artisan tasks. Ship them in the same image as \
             the app.",
        source: "The Twelve-Factor App, XII Admin processes: https://12factor.net/admin-processes",
        profiles: EVERY,
        from_code: Some("migrations, rake, `manage.py`, artisan and npm tasks, cron manifests"),
        from_run: None,
    },
    Criterion {
        id: "XII.2",
        factor: Factor::XII,
        title: "runs its tasks against a release",
        statement: "They run against a release, in the same environment as its processes.",
        why: "A script run from a laptop with another code version, or with a copied database URL, \
             can write what the running release cannot read. Nobody can later say which code did it.",
        how: "Start tasks as one-off processes of the deployed image with its config: a Kubernetes \
             Job, `heroku run`, `docker compose run`. Take image and variables from the same place as \
             the web process does.",
        source: "The Twelve-Factor App, XII Admin processes: https://12factor.net/admin-processes",
        profiles: EVERY,
        from_code: Some("Job and CronJob manifests that use the app's own image and config"),
        from_run: Some("environment and code digest of the task equal those of the web process"),
    },
    Criterion {
        id: "XII.3",
        factor: Factor::XII,
        title: "has repeatable tasks with exit codes",
        statement: "They end with a meaningful exit code and can be repeated.",
        why: "A platform knows a task only by its exit code: a failed migration that exits 0 lets \
             the release go out. Jobs are also retried after a node is lost, so a task that cannot \
             run twice does damage then.",
        how: "Exit 0 only on success, and non-zero on any failure. Write tasks so that a second run \
             finds nothing to do: upserts, recorded migrations, checks before changes.",
        source: "The Twelve-Factor App, XII Admin processes: https://12factor.net/admin-processes",
        profiles: EVERY,
        from_code: None,
        from_run: Some(
            "each task is run twice: zero both times and no change by the second, where it is \
             declared idempotent; a failure is non-zero",
        ),
    },
    Criterion {
        id: "XII.4",
        factor: Factor::XII,
        title: "does not migrate on web start",
        statement: "Schema changes do not ride on the start of a web process.",
        why: "With several instances each start runs the migration, at the same moment, on the same \
             tables. A slow one also holds back readiness until the platform restarts it half-way.",
        how: "Run migrations once per release, in a release phase or Job, before the new processes \
             start. Let the web process check the schema's version, and change nothing.",
        source: "The Twelve-Factor App, XII Admin processes: https://12factor.net/admin-processes",
        profiles: EVERY,
        from_code: Some("migrations in start commands or on import"),
        from_run: Some(
            "schema statements seen at the start of a web process while a second instance is \
             present",
        ),
    },
    Criterion {
        id: "XII.5",
        factor: Factor::XII,
        title: "opens a console in one command",
        statement: "A console against a release is one command.",
        why: "When data must be looked at during an incident, the person on call copies credentials \
             to a laptop and guesses at versions. That is slow, and puts secrets where they do not \
             belong.",
        how: "Have a console that loads the app, such as `manage.py shell`, `rails console` or a \
             REPL script, and name it among the declared tasks. Start it in the release's \
             environment, with access under the platform's control.",
        source: "The Twelve-Factor App, XII Admin processes: https://12factor.net/admin-processes",
        profiles: EVERY,
        from_code: None,
        from_run: Some("a console opens in the release's environment"),
    },
];

//! III Config.

use super::catalogue::{EVERY, LATER};
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "III.1",
        factor: Factor::III,
        title: "holds no credential in its code",
        statement: "No credential is in the code base.",
        why: "Everyone who can read the repository, a fork, a backup or an old laptop can use the \
             credential, and git keeps it after the line is deleted. Rotating it needs a new build, \
             so it is not rotated.",
        how: "Read credentials from environment variables that the platform's secret store fills. \
             Treat one that was ever committed as public: revoke it first, then remove it from the \
             code.",
        source: "The Twelve-Factor App, III Config: https://12factor.net/config",
        profiles: EVERY,
        from_code: Some(
            "provider key formats, private keys, URLs with passwords, and high-entropy literals \
             under secret-like names; placeholders and tests are told apart",
        ),
        from_run: None,
    },
    Criterion {
        id: "III.2",
        factor: Factor::III,
        title: "has no deploy's value as a constant",
        statement: "What varies between deploys is not a constant.",
        why: "A host name, bucket or port in the code ties the build to one deploy. Staging then \
             writes into production's bucket, or every new deploy needs a change of code.",
        how: "Ask of each value whether another deploy would want another one. If so, read it from a \
             variable; if not, leave it in the code, where it is tested.",
        source: "The Twelve-Factor App, III Config: https://12factor.net/config",
        profiles: EVERY,
        from_code: Some("host names, ports, service URLs and bucket names as literals"),
        from_run: None,
    },
    Criterion {
        id: "III.3",
        factor: Factor::III,
        title: "declares the variables it reads",
        statement: "Every variable that the code reads is declared, and every declared one is read.",
        why: "An undeclared variable is found out by a crash in a new deploy. A declared one that \
             nothing reads makes operators maintain, and trust, a setting without effect.",
        how: "Read the environment in one config module. Keep `.env.example`, `app.json` or \
             `xii.toml` in step with it: each name, whether it is required, and what it is for.",
        source: "The Twelve-Factor App, III Config: https://12factor.net/config",
        profiles: EVERY,
        from_code: Some(
            "environment reads, by language, against `.env.example`, `xii.toml`, `app.json`, \
             compose and Kubernetes files",
        ),
        from_run: Some(
            "variables asked for in a run, where the language lets us see, against the declaration",
        ),
    },
    Criterion {
        id: "III.4",
        factor: Factor::III,
        title: "stops at once without a required value",
        statement: "A missing required variable stops the start, at once, naming the variable.",
        why: "An app that starts without its database URL passes the rollout, replaces good \
             instances, and fails when users arrive. A clear failure at start keeps the old release \
             serving.",
        how: "Read and validate all config before listening. Exit non-zero with one message that \
             names every missing variable; give no default to a value that each deploy must choose.",
        source: "The Twelve-Factor App, III Config: https://12factor.net/config",
        profiles: EVERY,
        from_code: Some("validation of the environment at start"),
        from_run: Some(
            "each required variable is withdrawn in turn: the exit is non-zero within the start \
             budget, and the output names the variable",
        ),
    },
    Criterion {
        id: "III.5",
        factor: Factor::III,
        title: "rejects malformed values at start",
        statement: "A malformed value stops the start with a clear error.",
        why: "A port that parses to `NaN` or a boolean that reads `\"false\"` as true gives an app \
             that runs and does something else. Such faults are found by their damage, not by a \
             message.",
        how: "Parse each variable into its type once, with a parser that refuses what it does not \
             know: integers in range, URLs with a scheme, booleans from a closed list. Name the \
             variable and the expected form in the error, and never print the value of a secret.",
        source: "The Twelve-Factor App, III Config: https://12factor.net/config",
        profiles: EVERY,
        from_code: None,
        from_run: Some(
            "a port that is no number, a URL without a scheme and a boolean of `maybe` each stop \
             the start",
        ),
    },
    Criterion {
        id: "III.6",
        factor: Factor::III,
        title: "commits no deploy's config",
        statement: "No deploy's config is committed.",
        why: "A committed `.env` or `config/production.json` publishes what it holds and turns a \
             change of setting into a change of code. The deploy then depends on who merged last.",
        how: "Commit only an example with names and harmless placeholders. Ignore `.env` in git and \
             in the image's build context; let the platform hold each deploy's values.",
        source: "The Twelve-Factor App, III Config: https://12factor.net/config",
        profiles: EVERY,
        from_code: Some(
            "`.env`, `application-prod.yml`, `config/production.json` or \
             `appsettings.Production.json` with values, tracked",
        ),
        from_run: None,
    },
    Criterion {
        id: "III.7",
        factor: Factor::III,
        title: "does not group config by environment",
        statement: "Variables are not grouped into environments.",
        why: "A name such as `production` that picks a bundle of values works for the deploys that \
             existed when it was written. Every new one, a demo or a second region, needs new code, \
             and behaviour that only production has is never tested before it.",
        how: "Give each switch a variable of its own (`LOG_LEVEL`, `SECURE_COOKIES`, `MAIL_URL`) and \
             set them one by one in each deploy. Leave `NODE_ENV` and its like to the libraries that \
             read them.",
        source: "The Twelve-Factor App, III Config: https://12factor.net/config",
        profiles: EVERY,
        from_code: Some(
            "branches on `NODE_ENV`, `RAILS_ENV`, `APP_ENV`, `FLASK_ENV`, \
             `ASPNETCORE_ENVIRONMENT` and the like that choose values",
        ),
        from_run: Some("the app serves under an environment name that it has never heard of"),
    },
    Criterion {
        id: "III.8",
        factor: Factor::III,
        title: "keeps secrets out of its output",
        statement: "Secrets stay out of output.",
        why: "Logs, error pages and metrics are copied to systems that many people may read, and are \
             kept for years. One printed environment hands out every credential that the app has.",
        how: "Never log the environment or a whole config object. Wrap secrets in a type whose \
             printed form is masked, cut passwords from URLs before they are logged, and switch debug \
             pages off by default.",
        source: "The Twelve-Factor App, III Config: https://12factor.net/config; CWE-532, Insertion \
             of Sensitive Information into Log File: https://cwe.mitre.org/data/definitions/532.html",
        profiles: EVERY,
        from_code: Some("logging of the environment or of variables that hold secrets"),
        from_run: Some(
            "canary values in every secret are absent from stdout, stderr, error pages, health \
             and metrics",
        ),
    },
    Criterion {
        id: "III.9",
        factor: Factor::III,
        title: "rereads rotating credentials",
        statement: "Short-lived credentials are found through a variable that names where they are, \
             and are read again when they rotate.",
        why: "A platform replaces a mounted token every hour or so. An app that read it once at \
             start works until the first expiry, then loses its database in the middle of the day.",
        how: "Let a variable hold the path, not the token, such as `AWS_WEB_IDENTITY_TOKEN_FILE`. \
             Read the file for each new connection, or let a client library that watches it do so.",
        source: "The Twelve-Factor App, maintainers' draft, Identity (content/identity.md): \
             https://github.com/twelve-factor/twelve-factor; Kubernetes, Service account token volume \
             projection: \
             https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
        profiles: LATER,
        from_code: Some(
            "token files whose path comes from a variable, read at each use and not once at start",
        ),
        from_run: Some(
            "the identity file is replaced in mid-run, and the next connection uses the new one",
        ),
    },
];

//! X Dev/prod parity.

use super::catalogue::EVERY;
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "X.1",
        factor: Factor::X,
        title: "has one resource type in all deploys",
        statement: "The same type of each resource everywhere.",
        why: "SQLite accepts what PostgreSQL refuses, and an in-memory queue never loses a message. \
             Code that passed every test then fails on the first query that the real system reads \
             differently.",
        how: "Run the real database, queue and cache in development and in CI; a compose file starts \
             them with one command. Keep fakes for unit tests only.",
        source: "The Twelve-Factor App, X Dev/prod parity: https://12factor.net/dev-prod-parity",
        profiles: EVERY,
        from_code: Some(
            "one type of resource in development and another in production, from settings, \
             compose and manifests",
        ),
        from_run: Some("the locators of the deploys, compared"),
    },
    Criterion {
        id: "X.2",
        factor: Factor::X,
        title: "has one resource version everywhere",
        statement: "The same version of each resource everywhere.",
        why: "A query that works on PostgreSQL 17 may not parse on 13, and defaults change between \
             versions. The difference shows in production, where it is dearest.",
        how: "Pin the image tags of development and CI to production's major version, and raise them \
             together. Never use `latest` for a database.",
        source: "The Twelve-Factor App, X Dev/prod parity: https://12factor.net/dev-prod-parity",
        profiles: EVERY,
        from_code: Some("image tags across compose files, CI services and manifests"),
        from_run: Some("server versions of the attached resources, compared"),
    },
    Criterion {
        id: "X.3",
        factor: Factor::X,
        title: "has the same variables everywhere",
        statement: "The same variables everywhere.",
        why: "A variable that only production sets switches on code that nobody ran before. One that \
             only staging has is forgotten at the release, and the app does not start.",
        how: "Keep one list of names for all deploys, with values that differ. Compare the keys of \
             the deploys in CI, and give optional ones a default in the code.",
        source: "The Twelve-Factor App, X Dev/prod parity: https://12factor.net/dev-prod-parity",
        profiles: EVERY,
        from_code: Some("the keys that each deploy's files declare, compared"),
        from_run: None,
    },
    Criterion {
        id: "X.4",
        factor: Factor::X,
        title: "has the same build everywhere",
        statement: "The same build everywhere.",
        why: "A `Dockerfile.dev` on another base has another libc, other packages and another user. \
             What works in it says little about the image that is released.",
        how: "Use one Dockerfile, and a target or a mounted source folder for development. Let CI \
             test the image that will be released, and promote that.",
        source: "The Twelve-Factor App, X Dev/prod parity: https://12factor.net/dev-prod-parity",
        profiles: EVERY,
        from_code: Some("a `Dockerfile.dev` or the like on another base image"),
        from_run: Some("the build digests of the deploys, compared"),
    },
    Criterion {
        id: "X.5",
        factor: Factor::X,
        title: "deploys soon after a commit",
        statement: "The time from commit to deploy is short.",
        why: "Changes that wait for weeks go out together: when something breaks, it may be any of \
             fifty. Their authors have moved on and must remember.",
        how: "Deploy each merge by pipeline, to staging by itself and to production by one step. \
             Measure the time from commit to release, and shorten what is longest.",
        source: "The Twelve-Factor App, X Dev/prod parity: https://12factor.net/dev-prod-parity",
        profiles: EVERY,
        from_code: Some("a pipeline that deploys on merge"),
        from_run: Some("the time from commit to release, from the release ledger"),
    },
];

//! V Build, release, run.

use super::catalogue::EVERY;
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "V.1",
        factor: Factor::V,
        title: "declares build, release and run apart",
        statement: "Build, release and run are separate, declared commands.",
        why: "When one script compiles, migrates and starts, a platform cannot repeat one step \
             without the others. A restart at night becomes a build, with everything that can fail in \
             one.",
        how: "Declare each stage where the platform finds it: a Dockerfile or `build` script, a \
             release command such as Heroku's `release:` line or a Job, and a start command that only \
             starts. Write them down, so that a newcomer can run each.",
        source: "The Twelve-Factor App, V Build, release, run: \
             https://12factor.net/build-release-run",
        profiles: EVERY,
        from_code: Some("Procfile lines, package scripts, Dockerfile, stages of the pipeline"),
        from_run: None,
    },
    Criterion {
        id: "V.2",
        factor: Factor::V,
        title: "builds nothing at run time",
        statement: "Nothing is built at run time.",
        why: "An app that installs or compiles when it starts needs the network and the registry to \
             come back after a crash. Starting takes minutes, and two instances of one release may \
             differ.",
        how: "Do all compiling, bundling and installing in the build stage. Start the finished \
             result: `node dist/server.js`, not `ts-node` or `npm install && npm start`.",
        source: "The Twelve-Factor App, V Build, release, run: \
             https://12factor.net/build-release-run",
        profiles: EVERY,
        from_code: Some("start commands that install, compile or bundle"),
        from_run: Some("compilers, package managers and bundlers executed after launch"),
    },
    Criterion {
        id: "V.3",
        factor: Factor::V,
        title: "leaves its code alone at run time",
        statement: "Code does not change at run time.",
        why: "A process that rewrites its own files is no longer the release that was tested, and \
             differs from its sister instances. The change is lost at the next restart, and a \
             writable code folder is where an intruder stays.",
        how: "Write only to temporary folders and backing services. Run with a read-only root file \
             system, and mount a small scratch volume where a library must write.",
        source: "The Twelve-Factor App, V Build, release, run: \
             https://12factor.net/build-release-run",
        profiles: EVERY,
        from_code: Some("writes below the app's root"),
        from_run: Some(
            "with the root read-only the app serves, and its files' hashes are equal after the run",
        ),
    },
    Criterion {
        id: "V.4",
        factor: Factor::V,
        title: "gives every release a unique id",
        statement: "Every release has a unique id and never changes.",
        why: "A tag such as `latest` means another image tomorrow: nodes of one cluster run \
             different code, and no one can say what to roll back to. A release edited in place \
             leaves no trace of what ran before.",
        how: "Name each image by commit, version or digest, and never push a tag twice. Treat \
             releases as an append-only ledger: a change of code or config makes a new one.",
        source: "The Twelve-Factor App, V Build, release, run: \
             https://12factor.net/build-release-run",
        profiles: EVERY,
        from_code: Some("image tags: commit or version, not `latest`"),
        from_run: Some("entries of the release ledger, verified against their digests"),
    },
    Criterion {
        id: "V.5",
        factor: Factor::V,
        title: "builds without config or secrets",
        statement: "A build holds no config and no secrets.",
        why: "Whoever can pull the image can read each of its layers, deleted files and build \
             arguments included. A value baked in also binds the image to one deploy, so staging's \
             build cannot be promoted.",
        how: "Leave `.env` and keys out through `.dockerignore`. Hand tokens that the build needs \
             over as build secrets (`RUN --mount=type=secret`), and set deploy values only when the \
             release runs.",
        source: "The Twelve-Factor App, V Build, release, run: \
             https://12factor.net/build-release-run",
        profiles: EVERY,
        from_code: Some("secrets in Dockerfile `ENV` or `ARG`, `.env` copied in, `.dockerignore`"),
        from_run: Some("the build's files are scanned for secrets and deploy values"),
    },
    Criterion {
        id: "V.6",
        factor: Factor::V,
        title: "ships without its build tools",
        statement: "Build tools stay out of what runs.",
        why: "Compilers, package managers and development packages make images large, which slows \
             every pull and start. Each also adds known faults to scan and gives an intruder tools.",
        how: "Use a multi-stage Dockerfile: build in one stage, copy the result into a slim or \
             distroless one. Install production dependencies only in what is shipped.",
        source: "The Twelve-Factor App, V Build, release, run: \
             https://12factor.net/build-release-run; Docker, Multi-stage builds: \
             https://docs.docker.com/build/building/multi-stage/",
        profiles: EVERY,
        from_code: Some("a multi-stage image, or an install of production dependencies only"),
        from_run: None,
    },
    Criterion {
        id: "V.7",
        factor: Factor::V,
        title: "can be rolled back",
        statement: "A release can be rolled back.",
        why: "When a release is bad, going back is the fastest repair. If the schema has moved on so \
             that the old code cannot run, or the old image is gone, the only way left is to write a \
             fix under pressure.",
        how: "Keep earlier releases, config included. Change schemas in steps that both the old and \
             the new code can live with (add, migrate, then remove in a later release), and rehearse \
             the rollback.",
        source: "The Twelve-Factor App, V Build, release, run: \
             https://12factor.net/build-release-run",
        profiles: EVERY,
        from_code: Some(
            "a release task, and migrations that the release before can live with or that can be \
             reversed",
        ),
        from_run: Some("after a roll back to the release before, the app serves again"),
    },
];

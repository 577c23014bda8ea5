//! I Codebase.

use super::catalogue::EVERY;
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "I.1",
        factor: Factor::I,
        title: "is under version control",
        statement: "The app is under version control.",
        why: "A deploy that cannot be traced to a commit cannot be reproduced, compared or rolled \
             back. Code that lives only on a server or a laptop is one disk failure from gone.",
        how: "Keep the whole app in one git repository, build scripts and deployment files included. \
             Let `.gitignore` hold only what the build or a developer's machine makes.",
        source: "The Twelve-Factor App, I Codebase: https://12factor.net/codebase",
        profiles: EVERY,
        from_code: Some(
            "a git work tree around the app, with its files tracked and only ignored files \
             outside it",
        ),
        from_run: None,
    },
    Criterion {
        id: "I.2",
        factor: Factor::I,
        title: "is one app per codebase",
        statement: "One app per codebase; several apps in one tree are each assessed, and shared \
             code is a declared dependency, not a copy.",
        why: "Copied code drifts: a fix made in one copy leaves the fault alive in the other. Two \
             apps without a boundary cannot be built, released or rolled back one without the other.",
        how: "Give each app its own root with its own manifest, in its own repository or in one \
             workspace. Move shared code into a package that the apps declare as a dependency: a \
             workspace member, or a published library.",
        source: "The Twelve-Factor App, I Codebase: https://12factor.net/codebase",
        profiles: EVERY,
        from_code: Some(
            "app roots found by their manifests; near-identical source files in two of them",
        ),
        from_run: None,
    },
    Criterion {
        id: "I.3",
        factor: Factor::I,
        title: "has no code copy per environment",
        statement: "No copy or branch of the code per environment.",
        why: "When staging runs a branch of its own, what was tested is not what is released. Each \
             long-lived branch or `settings_staging` file is a second app that someone must remember \
             to change.",
        how: "Deploy every environment from the same commits of the same branch. Put the values that \
             differ into environment variables, and delete the per-environment copies of code.",
        source: "The Twelve-Factor App, I Codebase: https://12factor.net/codebase",
        profiles: EVERY,
        from_code: Some(
            "files such as `config-prod.js` or `settings_staging.py`; pipelines that deploy a \
             branch per environment",
        ),
        from_run: None,
    },
    Criterion {
        id: "I.4",
        factor: Factor::I,
        title: "uses one build for every deploy",
        statement: "One build serves every deploy.",
        why: "A build made again for production can take in other dependency versions or other flags \
             than the one that was tested. The tests then vouch for bytes that nobody runs.",
        how: "Build once per commit, store the result under its digest, and promote that digest from \
             deploy to deploy. Nothing of a deploy may be compiled in: browser bundles and images \
             read it when they start or from an endpoint.",
        source: "The Twelve-Factor App, I Codebase: https://12factor.net/codebase",
        profiles: EVERY,
        from_code: Some("the same image or artefact in every stage of the pipeline"),
        from_run: Some("one build digest runs as two deploys that differ in config alone"),
    },
    Criterion {
        id: "I.5",
        factor: Factor::I,
        title: "tells which version is running",
        statement: "A running process can say which version it is.",
        why: "During an incident the first question is which code is running. If the answer needs a \
             login on the host or a guess from the time of the deploy, a half-finished rollout looks \
             like a random fault.",
        how: "Stamp the commit or the release id into the build or the environment. Show it in the \
             line logged at start and in one more place: the health route, a `build_info` metric or a \
             response header.",
        source: "The Twelve-Factor App, V Build, release, run (unique release ids): \
             https://12factor.net/build-release-run",
        profiles: EVERY,
        from_code: Some(
            "a version or commit in the health route, the metrics, a header or the start line",
        ),
        from_run: Some("the version seen in one of those places"),
    },
];

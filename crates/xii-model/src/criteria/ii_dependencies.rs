//! II Dependencies.

use super::catalogue::{EVERY, LATER};
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "II.1",
        factor: Factor::II,
        title: "declares every imported package",
        statement: "Every imported package is declared.",
        why: "A package that happens to be installed on the developer's machine, or that another \
             package brings in, is absent or different elsewhere. The app then fails when the module \
             is first imported, often after the deploy was called good.",
        how: "List every package that the source imports in the manifest of its language, those that \
             arrive through another package included. Build in a clean container in CI, so that a \
             missing declaration fails there.",
        source: "The Twelve-Factor App, II Dependencies: https://12factor.net/dependencies",
        profiles: EVERY,
        from_code: Some("imports compared with the manifest, by language"),
        from_run: Some(
            "the build succeeds in a clean copy: tracked files only, an empty home, no caches",
        ),
    },
    Criterion {
        id: "II.2",
        factor: Factor::II,
        title: "locks its dependency versions",
        statement: "Versions are locked and the lock is committed and in step with the manifest.",
        why: "Without a lock, the same commit built on two days takes in two sets of packages. A \
             release can break, or take in a malicious version, with no change of the app's own.",
        how: "Commit the lock file of the package manager. Install from it in strict mode: `npm ci`, \
             `pnpm install --frozen-lockfile`, `uv sync --locked`, `poetry install` after `poetry \
             check --lock`, `cargo build --locked`.",
        source: "The Twelve-Factor App, II Dependencies: https://12factor.net/dependencies",
        profiles: EVERY,
        from_code: Some("a lock file for each ecosystem, and whether it agrees with the manifest"),
        from_run: Some("an install that may not change the lock succeeds"),
    },
    Criterion {
        id: "II.3",
        factor: Factor::II,
        title: "declares its runtime version",
        statement: "The language runtime's version is declared.",
        why: "A runtime that floats changes syntax, standard library and TLS behaviour under the \
             app. The same commit then builds on one machine and fails on the next.",
        how: "Write the version where the tools read it: `engines` or `.nvmrc`, `requires-python` or \
             `.python-version`, `rust-toolchain.toml`, the `go` directive, `.ruby-version`. Use an \
             image tag that names the same version, never `latest`.",
        source: "The Twelve-Factor App, II Dependencies: https://12factor.net/dependencies",
        profiles: EVERY,
        from_code: Some(
            "`engines`, `.nvmrc`, `.python-version`, `rust-toolchain.toml`, a `go` directive, \
             `.tool-versions`, an image tag other than `latest`",
        ),
        from_run: None,
    },
    Criterion {
        id: "II.4",
        factor: Factor::II,
        title: "declares the system tools it runs",
        statement: "No undeclared system tool is relied on.",
        why: "`curl`, `ffmpeg` or `convert` on the developer's laptop says nothing of the image. The \
             feature that shells out fails in production, on the first request that needs it.",
        how: "Prefer a library that the manifest declares. Where a program is needed, install it by \
             name in the image and check for it at start.",
        source: "The Twelve-Factor App, II Dependencies: https://12factor.net/dependencies",
        profiles: EVERY,
        from_code: Some(
            "programs that the code runs, against the packages that the image installs",
        ),
        from_run: Some("programs executed during build and run, less those declared"),
    },
    Criterion {
        id: "II.5",
        factor: Factor::II,
        title: "isolates its dependencies",
        statement: "Installs are isolated, and run-time dependencies are apart from development \
             ones.",
        why: "A global install lets two apps, or the system, change each other's packages. Test \
             tools in the released image make it larger and give an intruder more to use.",
        how: "Install into the app's own tree: `node_modules`, a virtual environment, a bundle path, \
             or an image of its own. Keep linters and test tools in the development group, and \
             install without that group for the release.",
        source: "The Twelve-Factor App, II Dependencies: https://12factor.net/dependencies",
        profiles: EVERY,
        from_code: Some(
            "global installs, `sudo`, unpinned `pip install` in images, test tools among the \
             run-time dependencies",
        ),
        from_run: Some("library files read from outside the app's own dependency tree"),
    },
    Criterion {
        id: "II.6",
        factor: Factor::II,
        title: "keeps installed packages out of git",
        statement: "Installed dependencies are not committed.",
        why: "Committed packages hide what the app depends on, and hold binaries built for another \
             platform. Reviews cannot see a change among thousands of foreign files, and audits read \
             the manifest and miss what is really shipped.",
        how: "Ignore `node_modules`, `.venv` and their like in `.gitignore` and take them out with \
             `git rm -r --cached`. Where vendoring is intended, use the mode that the package manager \
             declares, such as `go mod vendor` or `cargo vendor`, which it can verify.",
        source: "The Twelve-Factor App, II Dependencies: https://12factor.net/dependencies",
        profiles: EVERY,
        from_code: Some(
            "`node_modules`, a virtual environment or `vendor/bundle` among the tracked files; a \
             declared vendoring mode is excepted",
        ),
        from_run: None,
    },
    Criterion {
        id: "II.7",
        factor: Factor::II,
        title: "audits its dependencies",
        statement: "Dependencies are audited for known faults.",
        why: "Most of a service's code is its dependencies, and faults in them are published with \
             instructions. Without an audit nobody learns that yesterday's safe version is today's \
             open door.",
        how: "Run the ecosystem's audit in CI (`npm audit`, `pip-audit`, `cargo audit`, \
             `govulncheck`) and let a bot such as Dependabot or Renovate propose the updates. Fail \
             the build for severe faults that have a fix.",
        source: "OWASP Top 10:2021, A06 Vulnerable and Outdated Components: \
             https://owasp.org/Top10/A06_2021-Vulnerable_and_Outdated_Components/",
        profiles: LATER,
        from_code: Some("an audit step or an update bot in the repository's CI configuration"),
        from_run: None,
    },
];

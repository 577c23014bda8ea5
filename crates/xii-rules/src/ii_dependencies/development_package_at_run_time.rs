//! Finds tools of development among the dependencies that production installs.
//!
//! ## What it looks for
//!
//! Test runners, linters, formatters and reloaders that the manifest declares for run time.
//!
//! ## Why it matters
//!
//! What is not needed makes the image larger and slower to start, and each package is code that can
//! have a fault in production. It also hides what the app really depends on.
//!
//! ## What to do instead
//!
//! ```json
//! { "devDependencies": { "jest": "^29.7.0" } }
//! ```
//! ```toml
//! [dependency-groups]
//! dev = ["pytest>=8"]
//! ```
//!
//! With plain requirements, keep `requirements.txt` for production and a `requirements-dev.txt` that
//! begins with `-r requirements.txt`.

use std::collections::BTreeSet;

use xii_model::{
    App, AppKind, Confidence, Dependency, DependencyGroup, Ecosystem, Fact, FileClass, Severity,
};

use crate::command::start_lines;
use crate::wording::list;
use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "development-package-at-run-time",
    criteria: &["II.5"],
    severity: Severity::Note,
    check,
};

const NPM: [&str; 27] = [
    "jest",
    "mocha",
    "chai",
    "sinon",
    "nyc",
    "ava",
    "tape",
    "vitest",
    "jasmine",
    "karma",
    "supertest",
    "eslint",
    "prettier",
    "nodemon",
    "husky",
    "lint-staged",
    "cypress",
    "playwright",
    "@playwright/test",
    "ts-jest",
    "standard",
    "xo",
    "stylelint",
    "commitizen",
    "ts-node-dev",
    "c8",
    "istanbul",
];
const PYTHON: [&str; 30] = [
    "pytest",
    "pytest-cov",
    "pytest-django",
    "pytest-flask",
    "pytest-asyncio",
    "pytest-mock",
    "pytest-xdist",
    "nose",
    "nose2",
    "coverage",
    "black",
    "flake8",
    "pylint",
    "mypy",
    "isort",
    "ruff",
    "tox",
    "nox",
    "pre-commit",
    "bandit",
    "autopep8",
    "pycodestyle",
    "pyflakes",
    "factory-boy",
    "ipdb",
    "pudb",
    "django-debug-toolbar",
    "flask-debugtoolbar",
    "responses",
    "pyright",
];

fn check(app: &App, claims: &mut Claims<'_>) {
    if app.kind != AppKind::Service {
        return;
    }
    let started: Vec<String> = start_lines::of(app)
        .iter()
        .flat_map(|start| start.commands())
        .map(|command| command.program().to_owned())
        .collect();
    let found: Vec<&Fact<Dependency>> = app
        .facts
        .dependencies
        .iter()
        .filter(|dependency| {
            let known: &[&str] = match dependency.ecosystem {
                Ecosystem::Npm => &NPM,
                Ecosystem::Python => &PYTHON,
                _ => &[],
            };
            dependency.group == DependencyGroup::Run
                && dependency.scope.class == FileClass::Source
                // What another member of the workspace declares is installed with that one.
                && is_below(&dependency.at.path, &app.root)
                && known.contains(&dependency.name.as_str())
                // A tool that the start uses is found as that.
                && !started.contains(&dependency.name)
                && !imported(app, dependency)
        })
        .collect();
    let Some(first) = found.first() else {
        return;
    };
    let names: BTreeSet<String> = found
        .iter()
        .map(|dependency| format!("`{}`", dependency.name))
        .collect();
    let names: Vec<String> = names.into_iter().collect();
    let verb = if names.len() == 1 {
        "is a tool"
    } else {
        "are tools"
    };
    let draft = claims.finding(
        &first.at,
        format!(
            "{} {verb} of development, but every production install takes {} along",
            list(&names, 6),
            if names.len() == 1 { "it" } else { "them" }
        ),
    );
    draft.confidence(Confidence::High).subject(match first.ecosystem {
        Ecosystem::Npm => "npm",
        _ => "python",
    }).help(
        match first.ecosystem {
            Ecosystem::Npm => "move what only development needs to devDependencies:\n    npm install --save-dev PACKAGE",
            _ if first.at.path.ends_with(".txt") => "keep it apart, in a requirements-dev.txt that begins like this:\n    -r requirements.txt",
            _ => "move what only development needs to its own group:\n    [dependency-groups]\n    dev = [\"pytest\"]",
        },
    );
    for other in found.iter().skip(1).take(8) {
        draft.related(&other.at, "this one as well");
    }
}

fn is_below(path: &str, root: &str) -> bool {
    root == "."
        || path
            .strip_prefix(root)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// Whether deployed code imports the package, so that it is needed after all.
fn imported(app: &App, dependency: &Dependency) -> bool {
    app.facts.imports.iter().any(|import| {
        import.scope.is_deployed()
            && import.ecosystem == dependency.ecosystem
            && (import.package == dependency.name
                || crate::package_names::may_provide(&dependency.name, &import.package))
    })
}

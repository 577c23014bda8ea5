//! What is to be run to build an app.

use std::ffi::OsString;

use xii_model::{App, Ecosystem};

/// The commands that build an app, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildPlan {
    /// The commands.
    pub steps: Vec<Planned>,
    /// The app wants Python: a virtual environment is made before the first step.
    pub python: Option<Python>,
    /// What a reader should know of the plan, a sentence each: what was left out, and why.
    pub notes: Vec<String>,
}

/// The virtual environment that the steps of an app in Python install into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Python {
    /// The version that the app declares, as written: `3.12`, `>=3.11`, `python-3.12.1`.
    pub declared: Option<String>,
}

/// One command of a build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// The command, for `sh`.
    pub line: String,
    /// What asks for it: `package-lock.json`, `xii.toml [prove] build`.
    pub origin: String,
    /// It installs exactly what a lock file says, or fails (II.2).
    pub frozen: bool,
    /// Whose packages it installs or compiles.
    pub ecosystem: Option<Ecosystem>,
    /// The folder that it runs in, below the audited one; `.` for that itself.
    pub folder: String,
    /// The program that it needs, when its absence is no fault of the app's: `npm`, `uv`.
    pub needs: Option<String>,
    /// The version of that program that the app asks for, where it does: `9.1.0`.
    pub version: Option<String>,
    /// The same without the lock file, to go on with when the frozen install fails.
    pub otherwise: Option<String>,
    /// The app is run without it when it fails: nothing that starts is known to need what it makes.
    pub optional: bool,
}

impl BuildPlan {
    /// The plan of who says what builds the app: `build` of xii.toml's `[prove]`.
    pub fn given(app: &App, lines: &[String]) -> Self {
        let steps = lines.iter().map(|line| Planned {
            line: line.clone(),
            origin: "xii.toml [prove] build".to_owned(),
            folder: app.root.clone(),
            ..Planned::default()
        });
        BuildPlan {
            steps: steps.collect(),
            python: Python::of(app),
            notes: Vec::new(),
        }
    }
}

impl BuildPlan {
    /// Variables that runs of what was built need, so that it is found.
    pub(super) fn for_runs(&self) -> Vec<(String, OsString)> {
        let ruby = |step: &Planned| step.ecosystem == Some(Ecosystem::Ruby);
        if !self.steps.iter().any(ruby) {
            return Vec::new();
        }
        let bundler = super::infer::BUNDLER.iter();
        bundler
            .map(|(name, value)| ((*name).to_owned(), (*value).into()))
            .collect()
    }
}

impl Python {
    /// The Python that the app wants, when it has Python at all.
    pub(super) fn of(app: &App) -> Option<Self> {
        let own = |path: &str| super::infer::is_at(path, &app.root);
        let manifest = app
            .facts
            .manifests
            .iter()
            .any(|one| one.ecosystem == Ecosystem::Python && own(&one.at.path));
        (manifest || app.is_python()).then(|| {
            let declared = app
                .facts
                .runtime_versions
                .iter()
                .filter(|one| one.language == "python" && one.source != "image")
                .find(|one| one.requirement.bytes().any(|byte| byte.is_ascii_digit()));
            Python {
                declared: declared.map(|one| one.requirement.clone()),
            }
        })
    }
}

//! The order in which an app is built: its dependencies, then what its manifests and images build of them.

use std::path::Path;

use xii_model::App;

use super::super::plan::{BuildPlan, Python};
use super::ground::{Ground, is_at};
use super::{compiled, hints, node, python};

/// What builds the app, by the files that it has. `folder` is the audited one.
///
/// Node's packages come first, since what Python or Ruby collect is often made by them. What cannot be told builds
/// nothing, and a note says so.
pub fn infer(app: &App, folder: &Path) -> BuildPlan {
    let ground = Ground { app, folder };
    let mut plan = BuildPlan {
        python: Python::of(app),
        ..BuildPlan::default()
    };
    node::plan(ground, &mut plan);
    python::plan(ground, &mut plan);
    compiled::plan(ground, &mut plan);
    hints::plan(ground, &mut plan);
    if plan.steps.is_empty() {
        plan.notes
            .push("nothing was found that builds the app: it is run as it was copied".to_owned());
    }
    left_out(app, &mut plan);
    plan
}

/// Says which manifests below the app's folder nothing was installed for.
fn left_out(app: &App, plan: &mut BuildPlan) {
    let mut folders: Vec<&str> = app
        .facts
        .manifests
        .iter()
        .filter(|one| one.scope.class == xii_model::FileClass::Source)
        .filter(|one| !is_at(&one.at.path, &app.root))
        .map(|one| super::ground::folder_of(&one.at.path))
        .filter(|folder| app.root == "." || folder.starts_with(&format!("{}/", app.root)))
        .filter(|folder| !app.siblings.iter().any(|other| other == folder))
        .filter(|folder| !plan.steps.iter().any(|step| names(&step.line, folder)))
        .collect();
    folders.sort_unstable();
    folders.dedup();
    let workspace = app
        .facts
        .manifests
        .iter()
        .any(|one| is_at(&one.at.path, &app.root) && !one.workspaces.is_empty());
    if !folders.is_empty() && !workspace {
        plan.notes.push(format!(
            "nothing was built in {}, which has a manifest of its own: say in xii.toml's [prove] build if the app needs it",
            folders.join(", ")
        ));
    }
}

/// Whether a word of the command is the folder, or lies in it.
fn names(line: &str, folder: &str) -> bool {
    line.split([' ', '"', '\'', '=']).any(|word| {
        let rest = word.trim_start_matches("./").strip_prefix(folder);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

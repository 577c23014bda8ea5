//! Which workloads of Kubernetes are this app's, in a repository that holds several apps.

use xii_model::{App, Fact, Workload};

/// The app's workloads. A manifest that lies beside several apps belongs to the one whose folder its
/// name or its image names; one that names none of them is everybody's.
pub(crate) fn of(app: &App) -> impl Iterator<Item = &Fact<Workload>> {
    let own = folder(&app.root).unwrap_or(&app.name).to_owned();
    app.facts.workloads.iter().filter(move |workload| {
        if app.siblings.len() < 2 || workload.belongs.is_some() {
            return true;
        }
        names(workload, &own)
            || !app
                .siblings
                .iter()
                .filter_map(|root| folder(root))
                .any(|other| names(workload, other))
    })
}

/// The last folder of an app's root.
fn folder(root: &str) -> Option<&str> {
    root.rsplit('/')
        .next()
        .filter(|name| !matches!(*name, "" | "."))
}

/// Whether the workload or one of its images is named after the folder.
fn names(workload: &Workload, folder: &str) -> bool {
    let is = |name: &str| name.split(['-', '_', '.']).any(|part| part == folder) || name == folder;
    is(&workload.name)
        || workload
            .containers
            .iter()
            .any(|container| is(container.image.short_name()))
}

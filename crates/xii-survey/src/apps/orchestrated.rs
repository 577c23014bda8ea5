//! Which app a Kubernetes manifest speaks of: the one whose image it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use xii_model::{Facts, ImageRef};

/// Gives the facts of each manifest file to the app whose image its workloads run, when that is one
/// app and can be told. An image is told by the folder it is named for, or by the compose service
/// that builds it.
pub(crate) fn assign(facts: &mut Facts, roots: &[String]) {
    if roots.len() < 2 {
        return;
    }
    let built: BTreeMap<String, Arc<str>> = facts
        .compose_services
        .iter()
        .filter_map(|service| {
            Some((
                service.image.as_ref()?.name.clone(),
                service.belongs.clone()?,
            ))
        })
        .collect();
    let mut owners: BTreeMap<Arc<str>, BTreeSet<Option<Arc<str>>>> = BTreeMap::new();
    for workload in &facts.workloads {
        let found = owners.entry(Arc::clone(&workload.at.path)).or_default();
        for container in workload
            .containers
            .iter()
            .filter(|container| !container.init)
        {
            found.insert(owner(&container.image, roots, &built));
        }
    }
    let single: BTreeMap<Arc<str>, Arc<str>> = owners
        .into_iter()
        .filter_map(
            |(path, owners)| match owners.into_iter().collect::<Vec<_>>().as_slice() {
                [Some(owner)] => Some((path, Arc::clone(owner))),
                _ => None,
            },
        )
        .collect();
    facts.each_belonging(|at, belongs| {
        if belongs.is_none() {
            *belongs = single.get(&at.path).cloned();
        }
    });
}

/// The app that an image is of.
fn owner(
    image: &ImageRef,
    roots: &[String],
    built: &BTreeMap<String, Arc<str>>,
) -> Option<Arc<str>> {
    if let Some(folder) = built.get(&image.name) {
        return Some(Arc::clone(folder));
    }
    let name = image.short_name();
    let mut named = roots.iter().filter(|root| {
        let folder = root.rsplit('/').next().unwrap_or(root);
        *root != "."
            && (name == folder
                || name
                    .strip_suffix(folder)
                    .is_some_and(|before| before.ends_with(['-', '_'])))
    });
    match (named.next(), named.next()) {
        (Some(root), None) => Some(root.as_str().into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_told_by_its_folder_or_its_builder() {
        let roots = ["vote".to_owned(), "services/result".to_owned()];
        let built = BTreeMap::from([("acme/front".to_owned(), "vote".into())]);
        let of = |image: &str| owner(&ImageRef::parse(image), &roots, &built);
        assert_eq!(
            of("dockersamples/examplevotingapp_vote:1"),
            Some("vote".into())
        );
        assert_eq!(
            of("registry.local/shop-result"),
            Some("services/result".into())
        );
        assert_eq!(of("acme/front:2"), Some("vote".into()));
        assert_eq!(of("postgres:17"), None);
    }
}

//! Which files an app sees: its own, those that belong to no app, and what speaks of the whole
//! repository.

use std::collections::HashMap;

/// The apps of a repository, by their roots.
pub(crate) struct Sight<'a> {
    numbers: HashMap<&'a str, usize>,
    all: Vec<usize>,
    /// Those that see what belongs to none. A project that is generated from a template has no part
    /// in what generates it.
    shared: Vec<usize>,
    /// The apps inside each app, itself among them, that see what speaks of all of it.
    inside: Vec<Vec<usize>>,
}

impl<'a> Sight<'a> {
    /// The sight of the apps with these roots, which are all different.
    pub(crate) fn of(roots: &'a [String]) -> Self {
        let inside = roots.iter().map(|outer| {
            let inner = |(_, root): &(usize, &String)| {
                *root == outer || contains(outer, root) && !is_template(root)
            };
            let numbered = roots.iter().enumerate();
            numbered.filter(inner).map(|(number, _)| number).collect()
        });
        Sight {
            numbers: (0..)
                .zip(roots)
                .map(|(number, root)| (root.as_str(), number))
                .collect(),
            all: (0..roots.len()).collect(),
            shared: (0..)
                .zip(roots)
                .filter(|(_, root)| !is_template(root))
                .map(|(number, _)| number)
                .collect(),
            inside: inside.collect(),
        }
    }

    /// The numbers of the apps that see a fact of this path, known to belong to a folder or not.
    pub(crate) fn seen_by(&self, path: &str, belongs: Option<&str>) -> &[usize] {
        if let Some(folder) = belongs {
            let folder = folder.trim_start_matches("./").trim_end_matches('/');
            let folder = if folder == "." { "" } else { folder };
            return match self.owner_of_folder(folder) {
                None => &self.shared,
                Some((root, _)) if is_template(root) && !contains(root, path) => &[],
                Some((_, number)) => self.only(number),
            };
        }
        match self.owner(path) {
            None => &self.shared,
            Some((root, number)) if speaks_of_all(root, path) => {
                self.inside.get(number).map_or(&[], Vec::as_slice)
            }
            Some((_, number)) => self.only(number),
        }
    }

    fn only(&self, number: usize) -> &[usize] {
        self.all.get(number..=number).unwrap_or_default()
    }

    /// The number of the deepest app that the file lies in.
    pub(crate) fn owned_by(&self, path: &str) -> Option<usize> {
        self.owner(path).map(|(_, number)| number)
    }

    fn owner(&self, path: &str) -> Option<(&'a str, usize)> {
        self.owner_of_folder(path.rsplit_once('/').map_or("", |(folder, _)| folder))
    }

    /// The deepest app that a folder lies in or is.
    fn owner_of_folder(&self, folder: &str) -> Option<(&'a str, usize)> {
        let mut at = folder;
        while !at.is_empty() {
            if let Some((root, number)) = self.numbers.get_key_value(at) {
                return Some((root, *number));
            }
            at = at.rsplit_once('/').map_or("", |(outer, _)| outer);
        }
        let (root, number) = self.numbers.get_key_value(".")?;
        Some((root, *number))
    }
}

/// Whether an app's root is named by an action of a template.
fn is_template(root: &str) -> bool {
    root.contains("{{")
}

/// Whether a path lies in a folder; `.` holds everything.
pub(crate) fn contains(folder: &str, path: &str) -> bool {
    folder == "."
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a file at an outer app's root speaks of the apps inside it as well: pipelines, compose
/// files, locks of a workspace, versions of the runtime, ignore lists.
fn speaks_of_all(owner: &str, path: &str) -> bool {
    let inner = if owner == "." {
        path
    } else {
        path.strip_prefix(owner)
            .map_or(path, |rest| rest.trim_start_matches('/'))
    };
    if inner.starts_with(".github/")
        || inner.starts_with(".circleci/")
        || inner.starts_with(".gitlab/")
    {
        return true;
    }
    if inner.contains('/') {
        return false;
    }
    let name = inner.to_ascii_lowercase();
    name.starts_with("docker-compose")
        || name.starts_with("compose.")
        || matches!(
            name.as_str(),
            ".gitignore"
                | ".dockerignore"
                | ".gitlab-ci.yml"
                | "azure-pipelines.yml"
                | ".travis.yml"
                | "jenkinsfile"
                | "package-lock.json"
                | "yarn.lock"
                | "pnpm-lock.yaml"
                | "bun.lock"
                | "uv.lock"
                | "poetry.lock"
                | ".nvmrc"
                | ".node-version"
                | ".python-version"
                | ".tool-versions"
                | "mise.toml"
                | "renovate.json"
                | "renovate.json5"
                | ".renovaterc"
                | ".snyk"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_sees_its_own_the_shared_and_what_speaks_of_all() {
        let roots = ["vote".to_owned(), "result".to_owned()];
        let sight = Sight::of(&roots);
        assert_eq!(sight.seen_by("vote/app.py", None), [0]);
        assert_eq!(sight.seen_by("result/server.js", None), [1]);
        assert_eq!(sight.seen_by("voter/server.js", None), [0, 1]);
        assert_eq!(sight.seen_by(".github/workflows/ci.yml", None), [0, 1]);
        assert_eq!(sight.seen_by("docker-compose.yml", Some("result")), [1]);
        assert_eq!(sight.seen_by("docker-compose.yml", Some("./vote")), [0]);
        assert_eq!(sight.seen_by("docker-compose.yml", Some(".")), [0, 1]);

        let roots = [".".to_owned(), "frontend".to_owned()];
        let sight = Sight::of(&roots);
        assert_eq!(sight.seen_by("server.js", None), [0]);
        assert_eq!(sight.seen_by("frontend/main.ts", None), [1]);
        assert_eq!(sight.seen_by("frontend/yarn.lock", None), [1]);
        assert_eq!(sight.seen_by("yarn.lock", None), [0, 1]);
        assert_eq!(sight.seen_by("compose.yml", Some(".")), [0]);
        assert_eq!(sight.owned_by("frontend/a/b.ts"), Some(1));
    }
}

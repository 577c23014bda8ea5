//! Which files an app sees: its own, those that belong to no app, and what speaks of the whole
//! repository.

/// One app among others.
pub(crate) struct Sight<'a> {
    /// Its root.
    pub(crate) own: &'a str,
    /// The roots of all apps.
    pub(crate) roots: &'a [String],
}

impl Sight<'_> {
    /// Whether the file lies in this app and in none inside it.
    pub(crate) fn owns(&self, path: &str) -> bool {
        self.owner(path) == Some(self.own)
    }

    /// Whether a fact of this path, known to belong to a folder or not, is this app's to see.
    pub(crate) fn sees(&self, path: &str, belongs: Option<&str>) -> bool {
        // What generates a project from a template is no part of the project.
        if self.own.contains("{{") && !contains(self.own, path) {
            return false;
        }
        if let Some(folder) = belongs {
            let folder = folder.trim_start_matches("./").trim_end_matches('/');
            let inside = if folder.is_empty() || folder == "." {
                "x".to_owned()
            } else {
                format!("{folder}/x")
            };
            return self.owner(&inside).is_none_or(|owner| owner == self.own);
        }
        match self.owner(path) {
            None => true,
            Some(owner) if owner == self.own => true,
            Some(owner) => contains(owner, self.own) && speaks_of_all(owner, path),
        }
    }

    /// The deepest app that the path lies in.
    fn owner(&self, path: &str) -> Option<&str> {
        self.roots
            .iter()
            .filter(|root| contains(root, path))
            .max_by_key(|root| if *root == "." { 0 } else { root.len() })
            .map(String::as_str)
    }
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
        let vote = Sight {
            own: "vote",
            roots: &roots,
        };
        assert!(vote.sees("vote/app.py", None));
        assert!(!vote.sees("result/server.js", None));
        assert!(vote.sees(".github/workflows/ci.yml", None));
        assert!(!vote.sees("docker-compose.yml", Some("result")));
        assert!(vote.sees("docker-compose.yml", Some("./vote")));

        let roots = [".".to_owned(), "frontend".to_owned()];
        let (outer, inner) = (
            Sight {
                own: ".",
                roots: &roots,
            },
            Sight {
                own: "frontend",
                roots: &roots,
            },
        );
        assert!(outer.sees("server.js", None) && !outer.sees("frontend/main.ts", None));
        assert!(!inner.sees("server.js", None) && inner.sees("yarn.lock", None));
    }
}

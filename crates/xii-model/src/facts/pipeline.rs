//! Facts of pipelines: continuous integration and delivery.

use crate::ImageRef;

/// A job of a pipeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PipelineJob {
    /// Whose: `github-actions`, `gitlab-ci`, `circleci`, `azure`, `jenkins`, `travis`.
    pub system: &'static str,
    /// Its name.
    pub name: String,
    /// What starts it: `push`, `pull_request`, `schedule`, `workflow_dispatch`, `release`.
    pub triggers: Vec<String>,
    /// Branches that it is limited to.
    pub branches: Vec<String>,
    /// The deploy that it goes to, when it names one.
    pub environment: Option<String>,
    /// Whether its steps deploy something that runs, judged by the actions and commands they use.
    /// Static pages (GitHub Pages and the like) run nowhere.
    pub deploys: bool,
    /// Images of its services: databases and caches beside the tests.
    pub services: Vec<ImageRef>,
}

/// A step of a pipeline's job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PipelineStep {
    /// Whose.
    pub system: &'static str,
    /// The job it belongs to.
    pub job: String,
    /// The action it uses, such as `actions/checkout@v4`.
    pub uses: Option<String>,
    /// The commands it runs, as one text.
    pub run: Option<String>,
    /// The build arguments, tags and file it is given: `tags`, `build-args`, `target`, `file`.
    pub with: Vec<(String, String)>,
}

/// A bot that keeps dependencies up to date or audits them: Dependabot, Renovate, Snyk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateBot {
    /// Its name.
    pub name: &'static str,
    /// The ecosystems it looks at, where its file says so.
    pub ecosystems: Vec<String>,
}

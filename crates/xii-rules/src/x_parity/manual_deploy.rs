//! Finds pipelines that wait for a person before a merged change is deployed.
//!
//! ## What it looks for
//!
//! Pipeline jobs that deploy, and what starts them: a push to the main branch, or a button, a
//! schedule or a release that somebody has to make. A test report or documents that go to GitHub Pages
//! are no deploy of the app.
//!
//! ## Why it matters
//!
//! The longer a change waits, the more others wait with it. A deploy of twenty changes is twenty
//! times harder to judge than one, and whoever wrote the first has moved on by then.
//!
//! ## What to do instead
//!
//! Deploy each merge to the first environment at once, and make the later ones a promotion of the
//! same build:
//!
//! ```yaml
//! on: { push: { branches: [main] } }
//! jobs:
//!   deploy:
//!     environment: staging
//! ```
//!
//! ## When it is fine
//!
//! Software that is shipped to others in numbered versions.

use xii_model::{App, AppKind, Confidence, Fact, PipelineJob, Severity};

use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "manual-deploy",
    criteria: &["X.5"],
    severity: Severity::Note,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    if app.kind == AppKind::Library {
        return;
    }
    let deploys: Vec<&Fact<PipelineJob>> = app
        .facts
        .pipeline_jobs
        .iter()
        .filter(|job| job.deploys && !is_of_documents(job))
        .collect();
    if let Some(job) = deploys.iter().find(|job| on_merge(job)) {
        claims.holds(
            "X.5",
            format!(
                "job `{}` deploys what is pushed{}",
                job.what.name,
                branches(job)
            ),
            &job.at,
        );
        return;
    }
    if let Some(job) = deploys.iter().find(|job| !job.triggers.is_empty()) {
        claims
            .finding(
                &job.at,
                format!(
                    "the pipeline deploys on {} only, so a merged change waits for somebody: changes pile up and reach users together",
                    job.triggers.join(", ")
                ),
            )
            // A push of a tag is seen as a push, and a called workflow may be called on push.
            .confidence(if job.triggers.iter().all(|trigger| trigger == "workflow_dispatch") {
                Confidence::Medium
            } else {
                Confidence::Low
            })
            .help("deploy each merge to the first environment, and promote that build:\n    on: { push: { branches: [main] } }");
        return;
    }
    let by_platform = app.files.iter().find(|file| {
        matches!(
            crate::deploy_names::file_name(&file.path),
            "app.json"
                | "render.yaml"
                | "fly.toml"
                | "vercel.json"
                | "netlify.toml"
                | "railway.json"
                | "heroku.yml"
        )
    });
    match by_platform {
        Some(file) => claims.could_not_tell(
            "X.5",
            format!("{} says that a platform deploys the app; when it does is set there", file.path),
        ),
        None => claims.could_not_tell(
            "X.5",
            "no pipeline in the repository deploys the app, so how long a commit waits does not show",
        ),
    }
}

/// Whether a job publishes documents and not the app.
fn is_of_documents(job: &Fact<PipelineJob>) -> bool {
    let file = crate::deploy_names::file_name(&job.at.path);
    [file, job.what.name.as_str()].iter().any(|text| {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| {
                matches!(
                    word.to_ascii_lowercase().as_str(),
                    "doc" | "docs" | "documentation" | "pages" | "storybook" | "site" | "website"
                )
            })
    })
}

/// Whether a push to the main branch starts the job.
fn on_merge(job: &PipelineJob) -> bool {
    let pushed = job.triggers.iter().any(|trigger| {
        matches!(
            trigger.as_str(),
            "push" | "workflow_run" | "merge_request" | "deployment"
        )
    });
    let main = job.branches.is_empty()
        || job.branches.iter().any(|branch| {
            matches!(
                branch.as_str(),
                "main" | "master" | "trunk" | "develop" | "$default-branch"
            )
        })
        || job
            .branches
            .iter()
            .any(|branch| branch.contains("DEFAULT_BRANCH"));
    pushed && main
}

fn branches(job: &PipelineJob) -> String {
    match job.branches.as_slice() {
        [] => String::new(),
        branches => format!(" to {}", branches.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specimen::{brief, fact};

    fn of(triggers: &[&str], branches: &[&str]) -> Vec<String> {
        let mut app = App::default();
        app.facts.push(fact(
            "deploy.yml",
            3,
            PipelineJob {
                name: "deploy".to_owned(),
                triggers: triggers.iter().map(|&one| one.to_owned()).collect(),
                branches: branches.iter().map(|&one| one.to_owned()).collect(),
                deploys: true,
                ..PipelineJob::default()
            },
        ));
        brief(&RULE, &app)
    }

    #[test]
    fn a_push_to_the_main_branch_deploys_and_a_button_does_not() {
        assert_eq!(of(&["push"], &["main"]), ["holds X.5 job"]);
        assert_eq!(of(&["push", "workflow_dispatch"], &[]), ["holds X.5 job"]);
        assert_eq!(
            of(&["workflow_dispatch"], &[]),
            ["deploy.yml:3:1 X.5 note/medium"]
        );
        assert_eq!(of(&["release"], &[]), ["deploy.yml:3:1 X.5 note/low"]);
        assert_eq!(of(&["push"], &["feature"]), ["deploy.yml:3:1 X.5 note/low"]);
    }
}

//! Whether a step deploys, judged by the action or the commands it uses.

use xii_model::PipelineStep;

use crate::readers::deploy_name;
use crate::readers::shell::{commands, name};

/// Actions that deploy although their name does not say so, by the start of their name.
const ACTIONS: [&str; 13] = [
    "amondnet/vercel-action",
    "superfly/flyctl-actions",
    "serverless/github-action",
    "cloudflare/wrangler-action",
    "digitalocean/app_action",
    "netlify/actions",
    "nwtgck/actions-netlify",
    "appleboy/ssh-action",
    "heroku/",
    "aws-eks/",
    "azure/webapps",
    "azurewebapp@",
    "kubernetesmanifest@",
];

/// Words of actions that publish files to a host of static pages, which runs no program: a test
/// report, documents, a demo. That is no deploy of an app that answers requests.
const PAGES: [&str; 5] = [
    "deploy-pages",
    "gh-pages",
    "ghpages",
    "github-pages",
    "pages-deploy-action",
];

/// Programs with the word that makes them deploy.
const COMMANDS: [(&str, &str); 38] = [
    ("heroku", "container:release"),
    ("heroku", "deploy"),
    ("kubectl", "apply"),
    ("kubectl", "set"),
    ("kubectl", "rollout"),
    ("kubectl", "replace"),
    ("kustomize", "deploy"),
    ("helm", "upgrade"),
    ("helm", "install"),
    ("helmfile", "apply"),
    ("helmfile", "sync"),
    ("fly", "deploy"),
    ("flyctl", "deploy"),
    ("gcloud", "deploy"),
    ("aws", "update-service"),
    ("aws", "update-function-code"),
    ("aws", "sync"),
    ("aws", "create-deployment"),
    ("eb", "deploy"),
    ("cap", "deploy"),
    ("serverless", "deploy"),
    ("sls", "deploy"),
    ("sam", "deploy"),
    ("cdk", "deploy"),
    ("terraform", "apply"),
    ("pulumi", "up"),
    ("netlify", "deploy"),
    ("kamal", "deploy"),
    ("wrangler", "deploy"),
    ("wrangler", "publish"),
    ("firebase", "deploy"),
    ("railway", "up"),
    ("argocd", "sync"),
    ("az", "deploy"),
    ("az", "update"),
    ("oc", "apply"),
    ("oc", "rollout"),
    ("nomad", "run"),
];

/// Whether a step deploys. `named`: its job or its file is called so, which is needed for commands
/// that tests use as well.
pub(super) fn deploys(step: &PipelineStep, named: bool) -> bool {
    let by_action = step.uses.as_deref().is_some_and(action_deploys);
    let by_command = step.run.as_deref().is_some_and(|run| {
        commands(run)
            .iter()
            .any(|simple| command_deploys(simple.program(), named))
    });
    by_action || by_command
}

fn action_deploys(action: &str) -> bool {
    let lower = action.to_ascii_lowercase();
    let plain = lower.split('@').next().unwrap_or(&lower);
    // `deployments` records what others deploy.
    let about = [
        "deployments",
        "status",
        "delete",
        "cleanup",
        "notify",
        "comment",
    ];
    if PAGES.iter().any(|word| plain.contains(word)) {
        return false;
    }
    ACTIONS.iter().any(|known| lower.starts_with(known))
        || (plain.contains("deploy") && !about.iter().any(|word| plain.contains(word)))
}

fn command_deploys(words: &[String], named: bool) -> bool {
    let Some(program) = words.first().map(|word| name(word)) else {
        return false;
    };
    let has = |word: &str| words.iter().skip(1).any(|one| one == word);
    let known = COMMANDS
        .iter()
        .any(|(known, word)| program == *known && has(word));
    let dry = words.iter().any(|word| word.starts_with("--dry-run"));
    let pushes = program == "git"
        && has("push")
        && words
            .iter()
            .any(|word| word.contains("heroku") || word.contains("dokku"));
    let stack = program == "docker" && has("stack") && has("deploy");
    let compose = named
        && (program == "docker-compose" || program == "docker" && has("compose"))
        && has("up");
    let remote = named && matches!(program, "ssh" | "rsync" | "scp");
    let vercel = program == "vercel" && words.len() > 1 && !has("pull") && !has("build");
    (known && !dry)
        || pushes
        || stack
        || compose
        || remote
        || vercel
        || program == "ansible-playbook"
        || program == "dokku"
}

/// Whether a name says that what it names deploys.
pub(super) fn is_named(name: &str) -> bool {
    words(name).any(|word| {
        matches!(
            word.as_str(),
            "deploy" | "deployment" | "deploys" | "rollout"
        )
    })
}

/// The deploy that a name speaks of, tests apart.
pub(super) fn environment(name: &str) -> Option<&'static str> {
    words(name)
        .find_map(|word| {
            deploy_name::of_word(&word).filter(|deploy| matches!(*deploy, "staging" | "production"))
        })
        .filter(|_| is_named(name) || !name.contains("test"))
}

fn words(name: &str) -> impl Iterator<Item = String> {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .map(str::to_ascii_lowercase)
        .filter(|word| word != "release")
}

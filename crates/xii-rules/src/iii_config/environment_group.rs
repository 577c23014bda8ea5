//! Config values are chosen by the name of the environment.
//!
//! ## What it looks for
//!
//! Branches on `NODE_ENV`, `APP_ENV`, `FLASK_ENV`, `DJANGO_ENV` and their like that choose config:
//! `config[process.env.NODE_ENV]`, `if env == "production": DATABASE = …`. A branch that only changes
//! behaviour, such as more detailed errors in development, is left alone.
//!
//! ## Why it matters
//!
//! Groups do not scale. Each new deploy (staging, a preview, a customer's own) needs a name that the
//! code knows, so a deploy becomes a change of code, and an unknown name starts with the wrong values.
//! Variables are independent of each other; names of environments tie them into bundles.
//!
//! ## What to do instead
//!
//! Give each value a variable of its own, and let the deploy set it:
//!
//! ```js
//! const db = { url: process.env.DATABASE_URL, ssl: process.env.DATABASE_SSL === 'true' };
//! ```
//!
//! ```python
//! DEBUG = os.environ.get("DEBUG", "false") == "true"
//! ```

use xii_model::{
    App, Chooses, Confidence, ConfigFile, ConfigFileKind, EnvironmentBranch, Evidence, Fact,
    FileClass, Severity,
};

use crate::{Claims, Rule, deploy_names, grouping, places, wording};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "environment-group",
    criteria: &["III.7"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let branches: Vec<&Fact<EnvironmentBranch>> = app
        .facts
        .environment_branches
        .iter()
        .filter(|branch| branch.scope.class == FileClass::Source && !branch.scope.browser)
        .collect();
    let choosing: Vec<&Fact<EnvironmentBranch>> = branches
        .iter()
        .copied()
        .filter(|branch| branch.chooses == Chooses::Config && !is_for_tests(branch))
        .collect();
    let files = files_of_deploys(app);
    for group in grouping::by(choosing.iter().copied(), |branch| branch.variable.clone()) {
        let branch = group.first;
        let places_of_it = match group.len() {
            1 => String::new(),
            many => format!(" in {many} places"),
        };
        let names = if branch.names.is_empty() {
            String::new()
        } else {
            format!(" ({})", wording::list(&branch.names, 4))
        };
        let draft = claims.finding(
            &branch.at,
            format!(
                "the environment's name in {}{names} chooses config values{places_of_it}: each new deploy needs a name that the code knows",
                branch.variable
            ),
        );
        // What a server's own settings file chooses is how it runs: reloading, workers.
        let servers_own = places::file_name(&branch.at.path).starts_with("gunicorn");
        draft
            .confidence(if servers_own {
                Confidence::Low
            } else {
                Confidence::Medium
            })
            .subject(branch.variable.as_str())
            .help(help(app));
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, "chooses config here too");
        }
    }
    if choosing.is_empty() && files.len() > 1 {
        report_files(&files, claims);
    } else if choosing.is_empty() && !report_modules(app, claims) {
        holds(app, &branches, claims);
    }
}

/// Whether only a test run is told apart: that is no deploy.
fn is_for_tests(branch: &EnvironmentBranch) -> bool {
    !branch.names.is_empty()
        && branch.names.iter().all(|name| {
            matches!(
                name.to_ascii_lowercase().as_str(),
                "test" | "testing" | "ci"
            )
        })
}

/// Config files that are named for deploys, tests left out.
fn files_of_deploys(app: &App) -> Vec<&Fact<ConfigFile>> {
    app.facts
        .config_files
        .iter()
        .filter(|file| {
            !file.template
                && file.tracked != Some(false)
                && file.scope.class == FileClass::Source
                && file.keys > 0
                && file.kind != ConfigFileKind::Env
                && !places::is_deployment(app, &file.at.path)
                && file
                    .environment
                    .as_deref()
                    .is_some_and(|name| !matches!(name, "test" | "testing" | "ci"))
        })
        .collect()
}

fn report_files(files: &[&Fact<ConfigFile>], claims: &mut Claims<'_>) {
    let Some(first) = files.first() else {
        return;
    };
    let names: Vec<&str> = files
        .iter()
        .filter_map(|file| file.environment.as_deref())
        .collect();
    let with_values = files
        .iter()
        .filter(|file| !file.deploy_keys.is_empty())
        .count();
    let draft = claims.finding(
        &first.at,
        format!(
            "config is kept in a file for each environment ({}): a new deploy needs a new file in the code base",
            wording::list(&names, 4)
        ),
    );
    draft
        // Files that only switch behaviour per environment are common and do little harm.
        .confidence(if with_values > 1 { Confidence::Medium } else { Confidence::Low })
        .subject("files")
        .help("keep one file that reads each value from a variable of its own; what must differ between deploys is then set by the deploy");
    for other in files.iter().skip(1).take(10) {
        draft.related(&other.at, "the same for another environment");
    }
}

/// Config modules that lie side by side, one for each environment: `settings/dev.py` and
/// `settings/production.py`. Their names are all that is needed.
fn report_modules(app: &App, claims: &mut Claims<'_>) -> bool {
    let mut found: Vec<(&str, &str)> = app
        .files
        .iter()
        .filter(|file| file.class == FileClass::Source && file.tracked != Some(false))
        .filter_map(|file| {
            let (folder, name) = file.path.rsplit_once('/')?;
            let (stem, end) = name.rsplit_once('.')?;
            let of_config = matches!(
                folder.rsplit('/').next().unwrap_or(folder),
                "settings" | "config" | "configs" | "conf" | "environments" | "env" | "envs"
            );
            let program = matches!(end, "py" | "js" | "cjs" | "mjs" | "ts" | "rb");
            (of_config && program && is_deploy(stem)).then_some((folder, &*file.path))
        })
        .collect();
    found.dedup();
    let Some((folder, first)) = found
        .iter()
        .copied()
        .find(|(folder, _)| found.iter().filter(|(other, _)| other == folder).count() > 1)
    else {
        return false;
    };
    let beside: Vec<&str> = found
        .iter()
        .filter(|(other, path)| *other == folder && *path != first)
        .map(|(_, path)| *path)
        .collect();
    let draft = claims.finding(
        &Evidence::file(first),
        format!(
            "`{folder}` holds a config module for each environment: a new deploy needs a new module in the code base"
        ),
    );
    draft
        .confidence(Confidence::Medium)
        .subject("modules")
        .help("keep one module that reads each value from a variable of its own; what must differ between deploys is then set by the deploy");
    for path in beside.iter().take(10) {
        draft.related(&Evidence::file(*path), "the same for another environment");
    }
    true
}

/// Whether a module's name is that of a deploy, tests left out.
fn is_deploy(stem: &str) -> bool {
    deploy_names::is_production_name(stem)
        || (deploy_names::is_development_name(stem)
            && !matches!(stem, "test" | "tests" | "testing" | "ci" | "e2e"))
}

fn holds(app: &App, branches: &[&Fact<EnvironmentBranch>], claims: &mut Claims<'_>) {
    if let Some(branch) = branches.first() {
        if branches
            .iter()
            .all(|branch| branch.chooses == Chooses::Behaviour)
        {
            claims.holds(
                "III.7",
                format!(
                    "{} changes behaviour only and chooses no config value",
                    branch.variable
                ),
                &branch.at,
            );
        }
    } else if let Some(read) = app
        .facts
        .env_reads
        .iter()
        .find(|read| read.scope.is_deployed())
    {
        claims.holds(
            "III.7",
            "values are read variable by variable, and no branch on an environment's name was found",
            &read.at,
        );
    }
}

fn help(app: &App) -> String {
    let example = if places::is_pythonic(app) {
        "    DATABASE_URL = os.environ[\"DATABASE_URL\"]\n    DEBUG = os.environ.get(\"DEBUG\") == \"1\""
    } else {
        "    const db = { url: process.env.DATABASE_URL, ssl: process.env.DATABASE_SSL === 'true' };"
    };
    format!(
        "give each value a variable of its own and read that, whatever the environment is called:\n{example}"
    )
}

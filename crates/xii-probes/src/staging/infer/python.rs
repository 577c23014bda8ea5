//! What builds an app in Python: the install of its packages, and Django's static files.

use xii_model::{DependencyGroup, Ecosystem, Framework};

use super::super::plan::{BuildPlan, Planned};
use super::super::supply::quoted;
use super::ground::{Ground, is_at, join};

/// Where requirements for a deploy are listed, the most telling first.
const REQUIREMENTS: [&str; 12] = [
    "requirements.txt",
    "requirements.lock",
    "requirements/production.txt",
    "requirements/prod.txt",
    "requirements-prod.txt",
    "requirements-production.txt",
    "requirements_prod.txt",
    "requirements/requirements.txt",
    "requirements/base.txt",
    "requirements/common.txt",
    "requirements/main.txt",
    "requirements/default.txt",
];

/// Lock files: the tool, the install that keeps to it, and the one that need not.
const LOCKS: [(&str, &str, &str, &str); 4] = [
    (
        "uv.lock",
        "uv",
        "uv sync --frozen --no-dev",
        "uv sync --upgrade --no-dev",
    ),
    (
        "poetry.lock",
        "poetry",
        "poetry install --only main --no-interaction",
        "poetry update --only main --no-interaction",
    ),
    (
        "Pipfile.lock",
        "pipenv",
        "pipenv install --deploy",
        "pipenv install --skip-lock",
    ),
    ("pdm.lock", "pdm", "pdm sync --prod", "pdm update --prod"),
];

/// Adds what installs Python's packages and builds with them.
pub(super) fn plan(ground: Ground<'_>, plan: &mut BuildPlan) {
    if plan.python.is_none() {
        return;
    }
    let install = locked(ground)
        .or_else(|| requirements(ground))
        .or_else(|| pipfile(ground))
        .or_else(|| project(ground));
    match install {
        Some(step) => plan.steps.push(Planned {
            ecosystem: Some(Ecosystem::Python),
            ..step
        }),
        None => {
            plan.notes
                .push("no manifest says which packages of Python the app needs".to_owned());
        }
    }
    static_files(ground, plan);
}

/// By the lock file of a tool that manages the project. A workspace of uv has it at its root.
fn locked(ground: Ground<'_>) -> Option<Planned> {
    let found = LOCKS.iter().find_map(|lock| {
        let folder = ground.lock(lock.0)?;
        (folder == ground.app.root || lock.1 == "uv").then_some((lock, folder))
    });
    let ((name, tool, frozen, otherwise), folder) = found?;
    Some(Planned {
        frozen: true,
        otherwise: Some((*otherwise).to_owned()),
        needs: Some((*tool).to_owned()),
        ..ground.step(frozen, &join(folder, name))
    })
}

fn requirements(ground: Ground<'_>) -> Option<Planned> {
    // What the image installs is what is meant, where there are several.
    let asked = super::hints::requirements(ground.app)
        .into_iter()
        .find(|name| ground.has(name));
    let name = asked.or_else(|| {
        let usual = REQUIREMENTS.iter().find(|name| ground.has(name));
        usual.map(|name| (*name).to_owned())
    })?;
    let path = join(&ground.app.root, &name);
    // The survey calls a list of requirements a lock when every line is pinned.
    let lock = ground
        .app
        .facts
        .lock_files
        .iter()
        .find(|lock| lock.ecosystem == Ecosystem::Python && *lock.at.path == *path);
    let hashes = lock.is_some_and(|lock| lock.hashes);
    let checked = if hashes { "--require-hashes " } else { "" };
    let line = format!("pip install {checked}-r {}", quoted(&name));
    Some(Planned {
        frozen: lock.is_some(),
        ..ground.step(&line, &path)
    })
}

fn pipfile(ground: Ground<'_>) -> Option<Planned> {
    ground.has("Pipfile").then(|| Planned {
        needs: Some("pipenv".to_owned()),
        ..ground.step("pipenv install --skip-lock", "Pipfile")
    })
}

/// By the project's own manifest, without a lock.
fn project(ground: Ground<'_>) -> Option<Planned> {
    if ground.has("setup.py") && !ground.has("pyproject.toml") {
        return Some(ground.step("pip install .", "setup.py"));
    }
    let text = ground
        .read("pyproject.toml")
        .filter(|_| ground.has("pyproject.toml"))?;
    let has = |table: &str| text.lines().any(|line| line.trim_end() == table);
    if has("[build-system]") || ground.has("setup.py") || ground.has("setup.cfg") {
        return Some(ground.step("pip install .", "pyproject.toml"));
    }
    // Without a build system the project is no package: only what it needs is installed.
    let path = join(&ground.app.root, "pyproject.toml");
    let needed: Vec<String> = ground
        .app
        .facts
        .dependencies
        .iter()
        .filter(|one| one.ecosystem == Ecosystem::Python && *one.at.path == *path)
        .filter(|one| one.group == DependencyGroup::Run)
        .map(|one| quoted(&format!("{}{}", one.name, one.requirement)))
        .collect();
    if needed.is_empty() {
        return None;
    }
    let line = format!("pip install {}", needed.join(" "));
    Some(ground.step(&line, "pyproject.toml"))
}

/// Django's static files are collected where its settings say where to. That imports the settings, which may ask for
/// config that a build does not have: the app is then run without.
fn static_files(ground: Ground<'_>, plan: &mut BuildPlan) {
    if !ground.app.uses(Framework::Django) || !ground.has("manage.py") {
        return;
    }
    let below = |path: &str| ground.app.root == "." || path.starts_with(&ground.app.path(""));
    let settings = ground.app.files.iter().filter(|file| {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let folder = super::ground::folder_of(&file.path);
        below(&file.path)
            && name.ends_with(".py")
            && (name.starts_with("settings") || folder.ends_with("settings"))
    });
    let said = settings.take(20).any(|file| {
        ground.read_in(".", &file.path).is_some_and(|text| {
            text.lines()
                .any(|line| line.trim_start().starts_with("STATIC_ROOT"))
        })
    });
    let known = |step: &Planned| step.line.contains("collectstatic");
    if said
        && !plan.steps.iter().any(known)
        && is_at(&ground.app.path("manage.py"), &ground.app.root)
    {
        plan.steps.push(Planned {
            optional: true,
            ..ground.step("python manage.py collectstatic --noinput", "STATIC_ROOT")
        });
    }
}

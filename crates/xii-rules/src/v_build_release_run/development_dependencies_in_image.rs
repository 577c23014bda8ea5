//! Finds images that install the dependencies of development.
//!
//! ## What it looks for
//!
//! An install without the switch that leaves development's dependencies out (`npm ci` without
//! `--omit=dev`, `poetry install` without `--only main`, `uv sync` without `--no-dev`) in the stage that
//! runs, or in a stage whose `node_modules` it copies, when the manifest declares such dependencies.
//!
//! ## Why it matters
//!
//! Test runners, bundlers and their hundreds of packages are pulled with every deploy, and each of
//! them is code that can be attacked. They also hide a package that is needed at run time and was
//! declared for development only.
//!
//! ## What to do instead
//!
//! ```dockerfile
//! FROM node:22 AS build
//! COPY package*.json ./
//! RUN npm ci
//! COPY . .
//! RUN npm run build && npm prune --omit=dev
//!
//! FROM node:22-slim
//! COPY --from=build /app/node_modules ./node_modules
//! COPY --from=build /app/dist ./dist
//! ```
//! ```dockerfile
//! RUN poetry install --only main      # or: uv sync --frozen --no-dev
//! ```

use xii_model::{
    App, Confidence, DependencyGroup, Ecosystem, Evidence, Fact, Image, Instruction, Severity, Step,
};

use crate::command::{Command, parse};
use crate::wording::count;
use crate::{Claims, Rule, images};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "development-dependencies-in-image",
    criteria: &["V.6"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    for image in images::deployed(app) {
        let own = image.effective_steps();
        let mut said = installs(app, &own, Confidence::High, claims);
        if !said && let Some((steps, at)) = copied_tree(image) {
            said = copied(app, &steps, at, claims);
        }
        if !said {
            hold(app, image, &own, claims);
        }
    }
}

/// Says so when the steps leave dependencies of development installed.
fn installs(app: &App, steps: &[&Step], confidence: Confidence, claims: &mut Claims<'_>) -> bool {
    let Some((at, install)) = left_installed(app, steps) else {
        return false;
    };
    claims
        .finding(
            at,
            format!(
                "`{}` puts {} of development into the image that runs: it is larger to pull, and more can be attacked",
                install.line,
                packages(app, install.ecosystem)
            ),
        )
        .confidence(confidence)
        .subject(install.line.clone())
        .help(format!("install what runs, and nothing else:\n    RUN {}", install.instead));
    true
}

/// Says so when the tree that is copied from another stage has dependencies of development.
fn copied(app: &App, steps: &[&Step], at: &Evidence, claims: &mut Claims<'_>) -> bool {
    let Some((from, install)) = left_installed(app, steps) else {
        return false;
    };
    if install.ecosystem != Ecosystem::Npm {
        return false;
    }
    claims
        .finding(
            at,
            format!(
                "this copies a tree that `{}` made, with {} of development, into the image that runs",
                install.line,
                packages(app, install.ecosystem)
            ),
        )
        .confidence(Confidence::Medium)
        .subject(install.line.clone())
        .related(from, "installed here")
        .help("leave them out before the tree is copied:\n    RUN npm run build && npm prune --omit=dev");
    true
}

/// The declared dependencies of development as a phrase.
fn packages(app: &App, ecosystem: Ecosystem) -> String {
    count(declared(app, ecosystem), "package")
}

/// How many dependencies of development the manifests declare.
fn declared(app: &App, ecosystem: Ecosystem) -> usize {
    app.facts
        .dependencies
        .iter()
        .filter(|one| one.ecosystem == ecosystem && one.group == DependencyGroup::Development)
        .count()
}

/// An install that takes dependencies of development along.
struct Install {
    ecosystem: Ecosystem,
    line: String,
    instead: &'static str,
}

/// The last install of development's dependencies that nothing undoes.
fn left_installed<'a>(app: &App, steps: &[&'a Step]) -> Option<(&'a Evidence, Install)> {
    let mut left: Option<(&'a Evidence, Install)> = None;
    let mut production = false;
    for step in steps {
        match &step.does {
            Instruction::Env { name, value, .. } if name == "NODE_ENV" => {
                production = value.contains("prod");
            }
            Instruction::Arg {
                name,
                default: Some(value),
                ..
            } if name == "NODE_ENV" => {
                production = value.contains("prod");
            }
            Instruction::Run { command, .. } => {
                let found = parse(command);
                // `if [ $DEV ]; then install; else install --only main; fi`: the build chooses.
                if found.iter().any(leaves_out) {
                    continue;
                }
                for command in found {
                    let told = command
                        .assignments
                        .iter()
                        .any(|(name, value)| name == "NODE_ENV" && value.contains("prod"));
                    if undoes(&command) {
                        left = None;
                    } else if let Some(install) = takes_all(&command)
                        && declared(app, install.ecosystem) > 0
                    {
                        let omitted = install.ecosystem == Ecosystem::Npm && (production || told);
                        left = (!omitted).then_some((&step.at, install));
                    }
                }
            }
            _ => {}
        }
    }
    left
}

/// An install that leaves nothing out.
fn takes_all(command: &Command) -> Option<Install> {
    let verb = command.verb();
    let has = |flags: &[&str]| flags.iter().any(|flag| command.has(flag));
    let after = |flag: &str, values: &[&str]| {
        command.args().windows(2).any(|two| {
            matches!(two, [one, value] if one == flag && values.iter().any(|wanted| value.contains(wanted)))
        }) || command.args().iter().any(|arg| {
            arg.strip_prefix(flag)
                .and_then(|rest| rest.strip_prefix('='))
                .is_some_and(|value| values.iter().any(|wanted| value.contains(wanted)))
        })
    };
    // A word with a variable may be the switch.
    if command.args().iter().any(|arg| arg.contains('$')) {
        return None;
    }
    let (ecosystem, instead) = match (command.program(), verb) {
        ("npm", Some("install" | "i" | "ci" | "clean-install"))
            if command.operands().filter(|word| *word != "dev").count() == 1
                && !has(&[
                    "--production",
                    "--only=production",
                    "--only=prod",
                    "--omit=dev",
                    "--prod",
                    "-g",
                    "--global",
                ])
                && !after("--omit", &["dev"])
                && !after("--only", &["prod"])
                && !after("--production", &["true"]) =>
        {
            (Ecosystem::Npm, "npm ci --omit=dev")
        }
        ("yarn", None | Some("install"))
            if !has(&["--production", "--prod", "--version", "-v"])
                && !after("--production", &["true"]) =>
        {
            (
                Ecosystem::Npm,
                "yarn install --frozen-lockfile --production",
            )
        }
        ("pnpm", Some("install" | "i")) if !has(&["--prod", "--production", "-P", "-g"]) => {
            (Ecosystem::Npm, "pnpm install --frozen-lockfile --prod")
        }
        ("poetry", Some("install"))
            if !has(&["--no-dev"])
                && !after("--only", &["main"])
                && !after("--without", &["dev", "test"]) =>
        {
            (Ecosystem::Python, "poetry install --only main")
        }
        ("uv", Some("sync"))
            if !has(&["--no-dev", "--no-default-groups", "--only-group"])
                && !after("--no-group", &["dev"])
                && !after("--only-group", &[""]) =>
        {
            (Ecosystem::Python, "uv sync --frozen --no-dev")
        }
        ("pipenv", Some("install" | "sync")) if has(&["--dev", "-d"]) => {
            (Ecosystem::Python, "pipenv sync --system")
        }
        ("pip" | "pip3", Some("install"))
            if command.operands().any(|word| {
                word.ends_with(".txt")
                    && word.split(['/', '.', '-', '_']).any(|part| {
                        matches!(part, "dev" | "test" | "tests" | "development" | "local")
                    })
            }) =>
        {
            (
                Ecosystem::Python,
                "pip install --no-cache-dir -r requirements.txt",
            )
        }
        _ => return None,
    };
    Some(Install {
        ecosystem,
        line: command.line(),
        instead,
    })
}

/// Whether a command is an install that leaves dependencies of development out.
fn leaves_out(command: &Command) -> bool {
    const SWITCHES: [&str; 10] = [
        "--omit=dev",
        "--omit",
        "--production",
        "--prod",
        "--no-dev",
        "--only",
        "--only=production",
        "--without",
        "-P",
        "--only=prod",
    ];
    let installs = ["install", "i", "ci", "sync"]
        .iter()
        .any(|verb| command.has(verb));
    installs && SWITCHES.iter().any(|switch| command.has(switch))
}

/// Whether a command takes dependencies of development, or the whole tree, away again.
fn undoes(command: &Command) -> bool {
    let production = command
        .args()
        .iter()
        .any(|arg| arg.contains("prod") || arg.contains("omit"));
    match command.program() {
        "npm" | "pnpm" => command.has("prune") || (production && command.verb() == Some("install")),
        "yarn" => production || command.has("focus"),
        "rm" => command
            .args()
            .iter()
            .any(|arg| arg.contains("node_modules")),
        _ => false,
    }
}

/// The steps of another stage whose installed tree the stage that runs copies, and where it does.
fn copied_tree(image: &Fact<Image>) -> Option<(Vec<&Step>, &Evidence)> {
    for step in image.effective_steps() {
        let Instruction::Copy {
            sources,
            from: Some(from),
            ..
        } = &step.does
        else {
            continue;
        };
        // `node_modules` itself, or the app's whole folder.
        let tree = sources.iter().any(|source| {
            let name = source.trim_end_matches('/');
            name.ends_with("node_modules")
                || matches!(
                    name,
                    "/app" | "/usr/src/app" | "/opt/app" | "/src" | "/code" | "/build" | "."
                )
        });
        let stage = image
            .stages
            .iter()
            .position(|stage| {
                stage
                    .name
                    .as_deref()
                    .is_some_and(|name| name.eq_ignore_ascii_case(from))
            })
            .or_else(|| from.parse().ok());
        if let (true, Some(mut index)) = (tree, stage) {
            let mut chain = Vec::new();
            while let Some(stage) = image.stages.get(index) {
                chain.push(stage);
                match stage.parent.filter(|parent| *parent < index) {
                    Some(parent) => index = parent,
                    None => break,
                }
            }
            let steps = chain.iter().rev().flat_map(|stage| &stage.steps).collect();
            return Some((steps, &step.at));
        }
    }
    None
}

/// Whether a step installs packages, so that the stage is more than what another one made.
fn installs_something(step: &Step) -> bool {
    let Instruction::Run { command, .. } = &step.does else {
        return false;
    };
    parse(command).iter().any(|command| {
        matches!(
            command.program(),
            "apt"
                | "apt-get"
                | "apk"
                | "dnf"
                | "yum"
                | "pip"
                | "pip3"
                | "uv"
                | "poetry"
                | "pipenv"
                | "npm"
                | "yarn"
                | "pnpm"
        ) && ["install", "add", "sync", "ci"]
            .iter()
            .any(|verb| command.has(verb))
    })
}

/// Positive evidence: the image has stages and only the result of the others is in the last, or the
/// install leaves development's dependencies out.
fn hold(app: &App, image: &Fact<Image>, own: &[&Step], claims: &mut Claims<'_>) {
    for step in own {
        if let Instruction::Run { command, .. } = &step.does
            && let Some(install) = parse(command).iter().find(|command| leaves_out(command))
        {
            claims.holds(
                "V.6",
                format!("`{}` installs for production only", install.line()),
                &step.at,
            );
            return;
        }
    }
    let last = image.last();
    let from_another = last.is_some_and(|stage| {
        stage.parent.is_none()
            && stage
                .steps
                .iter()
                .any(|step| matches!(&step.does, Instruction::Copy { from: Some(_), .. }))
            && !stage.steps.iter().any(installs_something)
    });
    if let (true, true, Some(stage)) = (image.stages.len() > 1, from_another, last) {
        claims.holds(
            "V.6",
            "the image is built in stages, and the last one takes what the others made",
            &stage.at,
        );
    } else if let (Some(stage), 0) = (
        last,
        declared(app, Ecosystem::Npm) + declared(app, Ecosystem::Python),
    ) && images::weight(&stage.base) == images::Weight::Slim
    {
        claims.holds(
            "V.6",
            "a slim base, and no dependencies of development to leave out",
            &stage.at,
        );
    }
}

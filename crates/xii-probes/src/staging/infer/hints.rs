//! What an app's image says of its build: commands that no manifest names.

use xii_model::{App, Instruction};

use super::super::plan::{BuildPlan, Planned};
use super::ground::Ground;

/// The first words of commands that make something of the app's own sources. What installs is left to the manifests.
const BUILDS: [&[&str]; 17] = [
    &["npx", "prisma", "generate"],
    &["npx", "tailwindcss"],
    &["npx", "tsc"],
    &["npx", "vite", "build"],
    &["npx", "next", "build"],
    &["npx", "webpack"],
    &["npm", "run"],
    &["yarn", "run"],
    &["yarn", "build"],
    &["pnpm", "run"],
    &["pnpm", "build"],
    &["bun", "run"],
    &["python", "manage.py", "collectstatic"],
    &["python", "manage.py", "compilemessages"],
    &["python", "-m", "compileall"],
    &["flask", "assets", "build"],
    &["bundle", "exec", "rake", "assets:precompile"],
];

/// Adds what the image of the app builds besides what its manifests say.
pub(super) fn plan(ground: Ground<'_>, plan: &mut BuildPlan) {
    for (line, origin) in commands(ground.app) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_build = BUILDS.iter().any(|build| words.starts_with(build))
            && is_for(words.first().copied().unwrap_or_default(), ground, plan)
            && !is_other_build(&words, plan);
        let words = words.join(" ");
        let known = plan.steps.iter().any(|step| {
            step.line == words
                || step.line.replace(" run ", " ") == words.replace(" run ", " ")
                || words.contains("collectstatic") && step.line.contains("collectstatic")
        });
        // Before development's packages are taken away again.
        if is_build && !known {
            let at = plan
                .steps
                .iter()
                .position(|step| {
                    step.line.contains(" prune ") || step.line.contains("--production")
                })
                .unwrap_or(plan.steps.len());
            plan.steps.insert(
                at,
                Planned {
                    optional: true,
                    ..ground.step(&words, &origin)
                },
            );
        }
    }
}

/// Whether the app has what the program works on: an image may build another app's files too.
fn is_for(program: &str, ground: Ground<'_>, plan: &BuildPlan) -> bool {
    match program {
        "python" | "flask" => plan.python.is_some(),
        "bundle" => ground.has("Gemfile"),
        _ => ground.has("package.json"),
    }
}

/// Whether it is another way to build what is built already: `npm run build-docker` beside `npm run build`.
fn is_other_build(words: &[&str], plan: &BuildPlan) -> bool {
    let script = words.get(1..).unwrap_or_default();
    script.iter().any(|word| word.starts_with("build"))
        && plan
            .steps
            .iter()
            .any(|step| step.origin.starts_with("package.json (scripts."))
}

/// Where the image says that development's packages are left out of what runs.
pub(super) fn omits_development(app: &App) -> Option<String> {
    commands(app).into_iter().find_map(|(line, origin)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let installs = match words.as_slice() {
            ["npm", "ci" | "install" | "i" | "prune", ..] => true,
            ["pnpm", "install" | "i" | "prune", ..] => true,
            ["yarn", rest @ ..] => {
                matches!(rest.first(), None | Some(&"install" | &"--production"))
            }
            _ => false,
        };
        let omits = words.iter().any(|word| {
            matches!(
                *word,
                "--omit=dev"
                    | "--production"
                    | "--production=true"
                    | "--only=production"
                    | "--only=prod"
                    | "--prod"
                    | "-P"
            )
        });
        (installs && omits).then_some(origin)
    })
}

/// The lists of requirements that the image installs.
pub(super) fn requirements(app: &App) -> Vec<String> {
    let mut lists = Vec::new();
    for (line, _) in commands(app) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if !words.contains(&"install") || !words.iter().any(|word| word.contains("pip")) {
            continue;
        }
        for pair in words.windows(2) {
            if let ["-r" | "--requirement", list] = pair {
                lists.push(list.trim_start_matches("./").to_owned());
            }
        }
    }
    lists
}

/// The commands of the app's image in the order of its stages, each with its place; those that need more than a plain
/// shell are left out.
fn commands(app: &App) -> Vec<(String, String)> {
    let image = app
        .facts
        .images
        .iter()
        .find(|image| image.variant.is_none());
    let steps = image
        .into_iter()
        .flat_map(|image| &image.stages)
        .flat_map(|stage| &stage.steps);
    let mut commands = Vec::new();
    for step in steps {
        let Instruction::Run { command, .. } = &step.does else {
            continue;
        };
        let origin = step.at.path.to_string();
        for part in command.split("&&") {
            let part = part.replace("\\\n", " ");
            let plain = !part.contains(['$', '>', '<', '|', ';', '`', '\n', '(']);
            if plain && !part.trim().is_empty() {
                commands.push((part.trim().to_owned(), origin.clone()));
            }
        }
    }
    commands
}

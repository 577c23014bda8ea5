//! What builds an app in Node: its package manager's install, and its build script.

use xii_model::{Ecosystem, Framework};

use super::super::plan::{BuildPlan, Planned};
use super::ground::{Ground, join};

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manager {
    Npm,
    Yarn,
    Berry,
    Pnpm,
    Bun,
}

/// Its lock files, the first that is found in this order decides.
const LOCKS: [(&str, Manager); 6] = [
    ("package-lock.json", Manager::Npm),
    ("npm-shrinkwrap.json", Manager::Npm),
    ("yarn.lock", Manager::Yarn),
    ("pnpm-lock.yaml", Manager::Pnpm),
    ("bun.lock", Manager::Bun),
    ("bun.lockb", Manager::Bun),
];

/// Packages that make of sources what is served or run.
const BUNDLERS: [&str; 15] = [
    "typescript",
    "next",
    "nuxt",
    "vite",
    "webpack",
    "rollup",
    "esbuild",
    "parcel",
    "tsup",
    "react-scripts",
    "@nestjs/cli",
    "@angular/cli",
    "@sveltejs/kit",
    "@remix-run/dev",
    "astro",
];

impl Manager {
    fn program(self) -> &'static str {
        match self {
            Manager::Npm => "npm",
            Manager::Yarn | Manager::Berry => "yarn",
            Manager::Pnpm => "pnpm",
            Manager::Bun => "bun",
        }
    }

    fn frozen(self) -> &'static str {
        match self {
            Manager::Npm => "npm ci",
            Manager::Yarn => "yarn install --frozen-lockfile",
            Manager::Berry => "yarn install --immutable",
            Manager::Pnpm => "pnpm install --frozen-lockfile",
            Manager::Bun => "bun install --frozen-lockfile",
        }
    }

    fn unfrozen(self) -> &'static str {
        match self {
            Manager::Npm => "npm install",
            Manager::Yarn => "yarn install",
            Manager::Berry => "yarn install --no-immutable",
            Manager::Pnpm => "pnpm install --no-frozen-lockfile",
            Manager::Bun => "bun install",
        }
    }

    /// What takes development's packages away again.
    fn prune(self) -> Option<&'static str> {
        match self {
            Manager::Npm => Some("npm prune --omit=dev"),
            Manager::Pnpm => Some("pnpm prune --prod --ignore-scripts"),
            Manager::Yarn => Some("yarn install --frozen-lockfile --production --ignore-scripts"),
            Manager::Berry | Manager::Bun => None,
        }
    }
}

/// Adds what installs Node's packages and builds with them.
pub(super) fn plan(ground: Ground<'_>, plan: &mut BuildPlan) {
    if ground.manifest(Ecosystem::Npm, &ground.app.root).is_none() {
        return;
    }
    let chosen = choose(ground, plan);
    install(ground, &chosen, plan);
    generate(ground, &chosen, plan);
    build(ground, &chosen, plan);
    prune(ground, &chosen, plan);
}

/// The package manager, and where it installs.
struct Chosen<'a> {
    manager: Manager,
    /// The lock file and its folder, where there is one.
    lock: Option<(&'static str, &'a str)>,
    /// The version that `packageManager` asks for.
    version: Option<String>,
}

fn choose<'a>(ground: Ground<'a>, plan: &mut BuildPlan) -> Chosen<'a> {
    let root = ground.app.root.as_str();
    let own = ground.manifest(Ecosystem::Npm, root);
    let asked = own
        .and_then(|manifest| manifest.tool.as_deref())
        .or_else(|| ground.manifest(Ecosystem::Npm, ".")?.tool.as_deref());
    let (asked, version) = match asked.map(|asked| asked.split_once('@').unwrap_or((asked, ""))) {
        Some((name, version)) => (Some(name), version.split('+').next().unwrap_or_default()),
        None => (None, ""),
    };
    let mut locks: Vec<(&'static str, &'a str, Manager)> = LOCKS
        .iter()
        .filter_map(|(name, manager)| Some((*name, locked_in(ground, name)?, *manager)))
        .collect();
    if let Some(asked) = asked {
        locks.sort_by_key(|(_, _, manager)| manager.program() != asked);
    }
    // One beside the manifest is nearer than one of a workspace around it.
    locks.sort_by_key(|(_, folder, _)| *folder != root);
    if let [(first, ..), others @ ..] = locks.as_slice()
        && let Some((second, ..)) = others
            .iter()
            .find(|(name, ..)| !(*first).starts_with("bun.") || !name.starts_with("bun."))
    {
        plan.notes.push(format!(
            "there is a {second} beside the {first}, which was taken: keep the one that is meant"
        ));
    }
    let lock = locks.first().map(|(name, folder, _)| (*name, *folder));
    let manager = match locks.first() {
        Some((_, _, manager)) => *manager,
        None => match asked {
            Some("yarn") => Manager::Yarn,
            Some("pnpm") => Manager::Pnpm,
            Some("bun") => Manager::Bun,
            _ => Manager::Npm,
        },
    };
    let manager = match manager {
        Manager::Yarn if is_berry(ground, lock, version) => Manager::Berry,
        other => other,
    };
    let version = (asked == Some(manager.program()) && !version.is_empty()).then_some(version);
    Chosen {
        manager,
        lock,
        version: version.map(str::to_owned),
    }
}

/// The folder of the lock file: the app's own, or that of the workspace that the app is a member of.
fn locked_in<'a>(ground: Ground<'a>, name: &str) -> Option<&'a str> {
    let folder = ground.lock(name)?;
    let workspace = || {
        ground
            .manifest(Ecosystem::Npm, folder)
            .is_some_and(|manifest| !manifest.workspaces.is_empty())
            || ground.has_in(folder, "pnpm-workspace.yaml")
    };
    (folder == ground.app.root || workspace()).then_some(folder)
}

/// Whether it is Yarn 2 or later, whose lock file says `__metadata`.
fn is_berry(ground: Ground<'_>, lock: Option<(&str, &str)>, version: &str) -> bool {
    if let Some(major) = super::super::tools::major(version) {
        return major > 1;
    }
    let (name, folder) = lock.unwrap_or(("yarn.lock", &ground.app.root));
    ground.has_in(folder, ".yarnrc.yml")
        || ground.read_in(folder, name).is_some_and(|text| {
            text.lines()
                .take(20)
                .any(|line| line.starts_with("__metadata:"))
        })
}

impl Chosen<'_> {
    /// A step with the package manager.
    fn step(&self, ground: Ground<'_>, line: &str, origin: &str) -> Planned {
        // A release of Yarn that is committed is run by whichever Yarn there is.
        let own_release = self.manager == Manager::Berry
            && ground
                .read_in(self.folder(ground), ".yarnrc.yml")
                .is_some_and(|text| text.lines().any(|line| line.starts_with("yarnPath:")));
        let version = match self.manager {
            Manager::Npm => None,
            _ if own_release => None,
            Manager::Berry => Some(self.version.clone().unwrap_or_else(|| "4".to_owned())),
            _ => self.version.clone(),
        };
        Planned {
            ecosystem: Some(Ecosystem::Npm),
            needs: Some(self.manager.program().to_owned()),
            version,
            ..ground.step(line, origin)
        }
    }

    /// The folder that is installed in.
    fn folder<'f>(&'f self, ground: Ground<'f>) -> &'f str {
        self.lock.map_or(&ground.app.root, |(_, folder)| folder)
    }
}

fn install(ground: Ground<'_>, chosen: &Chosen<'_>, plan: &mut BuildPlan) {
    let manager = chosen.manager;
    let step = match chosen.lock {
        Some((name, folder)) => Planned {
            frozen: true,
            otherwise: Some(manager.unfrozen().to_owned()),
            folder: folder.to_owned(),
            ..chosen.step(ground, manager.frozen(), &join(folder, name))
        },
        None => chosen.step(ground, manager.unfrozen(), "package.json"),
    };
    plan.steps.push(step);
}

/// Prisma's client is generated by its installation up to version 6, and by a command from then on.
fn generate(ground: Ground<'_>, chosen: &Chosen<'_>, plan: &mut BuildPlan) {
    let uses = ground.depends_on("@prisma/client") && ground.depends_on("prisma");
    let schema = ["prisma/schema.prisma", "schema.prisma"]
        .into_iter()
        .find(|name| ground.has(name));
    let scripted = ["postinstall", "prebuild", "build", "heroku-postbuild"]
        .iter()
        .filter_map(|name| ground.script("package.json", name))
        .any(|command| command.contains("prisma generate"));
    if let Some(schema) = schema
        && uses
        && !scripted
    {
        plan.steps.push(Planned {
            optional: true,
            ..chosen.step(ground, "npx prisma generate", schema)
        });
    }
}

fn build(ground: Ground<'_>, chosen: &Chosen<'_>, plan: &mut BuildPlan) {
    let found = ["heroku-postbuild", "build"]
        .into_iter()
        .find_map(|name| Some((name, ground.script("package.json", name)?)));
    let Some((name, command)) = found else {
        return;
    };
    if let Some(why) = no_build(command) {
        plan.notes
            .push(format!("the script `{name}` was not run: it {why}"));
        return;
    }
    let origin = format!("package.json (scripts.{name})");
    plan.steps.push(Planned {
        optional: !is_needed(ground, command),
        ..chosen.step(
            ground,
            &format!("{} run {name}", chosen.manager.program()),
            &origin,
        )
    });
}

/// Why a script called `build` is none.
fn no_build(command: &str) -> Option<&'static str> {
    let mut words = command.split_whitespace();
    match words.next() {
        Some("docker" | "docker-compose" | "podman") => Some("builds an image"),
        Some("electron-builder") => Some("packages a desktop app"),
        Some("echo") if !command.contains(['&', ';']) => Some("only prints"),
        _ => None,
    }
}

/// Whether what starts is known to use what the build makes: it is compiled or bundled, or starts from a folder of
/// output.
fn is_needed(ground: Ground<'_>, build: &str) -> bool {
    const OUTPUT: [&str; 10] = [
        "dist/",
        "build/",
        "lib/",
        "out/",
        ".next",
        ".nuxt",
        ".output",
        "next start",
        "nuxt start",
        "dist",
    ];
    let entry = ground
        .manifest(Ecosystem::Npm, &ground.app.root)
        .and_then(|manifest| manifest.entry.as_deref());
    let output = |command: &str| OUTPUT.iter().any(|output| command.contains(output));
    let start = ground.script("package.json", "start");
    let framework = [
        Framework::Next,
        Framework::Nuxt,
        Framework::Remix,
        Framework::Nest,
    ];
    ground.commands().chain(start).chain(entry).any(output)
        || framework.iter().any(|one| ground.app.uses(*one))
        || build.split_whitespace().any(|word| word == "tsc")
        || ground.app.speaks("typescript") && BUNDLERS.iter().any(|name| ground.depends_on(name))
}

/// Takes development's packages away where the app's image does so: what then is missing, is missing there too.
fn prune(ground: Ground<'_>, chosen: &Chosen<'_>, plan: &mut BuildPlan) {
    let Some(line) = chosen.manager.prune() else {
        return;
    };
    if chosen.folder(ground) != ground.app.root {
        return;
    }
    if let Some(origin) = super::hints::omits_development(ground.app) {
        plan.steps.push(chosen.step(ground, line, &origin));
    }
}

//! Finds packages that the code imports and no manifest declares.
//!
//! ## What it looks for
//!
//! Imports in the code that is deployed, against the manifest of the same app: packages that are not
//! declared at all, and packages that are declared for development only. Modules of the language, of
//! the app itself and of its workspace, imports of types only and imports whose absence is handled
//! are left out. Python modules are matched to the distributions that provide them
//! (`yaml` to PyYAML, `PIL` to Pillow).
//!
//! ## Why it matters
//!
//! What is not declared is not installed by a clean build. It works on the machine where somebody
//! once installed it by hand, or for as long as another package happens to bring it along.
//!
//! ## What to do instead
//!
//! Declare every package that the code imports by name:
//!
//! ```sh
//! npm install pg                # or: pnpm add pg, yarn add pg
//! uv add pyyaml                 # or: poetry add pyyaml, or a line in requirements.txt
//! ```

use std::collections::{BTreeMap, BTreeSet};

use xii_model::{
    App, AppKind, Confidence, DependencyGroup, Ecosystem, Fact, FileClass, Framework, Import,
    Manifest, Severity,
};

use crate::package_names::{brings, may_provide, normalised, providers};
use crate::served::Served;
use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "undeclared-import",
    criteria: &["II.1"],
    severity: Severity::Error,
    check,
};

/// Findings for one app at most.
const MOST: usize = 10;
/// Manifests that may not be read as such: with one of them in the tree that gave no fact, nothing
/// is said.
const UNREAD_MANIFESTS: [&str; 9] = [
    "setup.cfg",
    "environment.yml",
    "environment.yaml",
    "conda.yml",
    "conda.yaml",
    "meta.yaml",
    "BUILD.bazel",
    "flake.nix",
    "pixi.toml",
];

fn check(app: &App, claims: &mut Claims<'_>) {
    for ecosystem in [Ecosystem::Npm, Ecosystem::Python] {
        check_ecosystem(app, ecosystem, claims);
    }
}

/// What the manifests of an ecosystem say, by name.
struct Declared<'a> {
    names: BTreeMap<&'a str, BTreeSet<DependencyGroup>>,
    locked: BTreeSet<&'a str>,
    /// Whether the lock holds what the dependencies need themselves.
    closed: bool,
}

fn check_ecosystem(app: &App, ecosystem: Ecosystem, claims: &mut Claims<'_>) {
    let imports = imports(app, ecosystem);
    let manifests: Vec<&Fact<Manifest>> = app
        .facts
        .manifests
        .iter()
        .filter(|manifest| {
            manifest.ecosystem == ecosystem && crate::manifests::is_own(&manifest.scope)
        })
        .collect();
    let unread = app.files.iter().any(|file| {
        UNREAD_MANIFESTS.contains(&crate::deploy_names::file_name(&file.path))
            && !manifests
                .iter()
                .any(|manifest| manifest.at.path == file.path)
    });
    let Some(first) = imports.values().next().and_then(|places| places.first()) else {
        return;
    };
    if unread || manifests.iter().any(|manifest| !manifest.complete) {
        return;
    }
    if manifests.is_empty() {
        // A second language may be a tool that nobody deploys; the first one is the app.
        let main = match ecosystem {
            Ecosystem::Python => "python",
            _ => "script",
        };
        if app.kind == AppKind::Service
            && app.root == "."
            && app
                .languages
                .first()
                .is_some_and(|language| language.ends_with(main))
        {
            let names: Vec<&str> = imports.keys().copied().take(5).collect();
            claims
                .finding(
                    &first.at,
                    format!(
                        "no manifest declares the packages that the code imports ({}): a clean build does not have them",
                        names.join(", ")
                    ),
                )
                .confidence(Confidence::High)
                .help(match ecosystem {
                    Ecosystem::Python => "declare them in pyproject.toml, and lock them:\n    uv init --bare && uv add PACKAGE",
                    _ => "declare them in package.json, and lock them:\n    npm init -y && npm install PACKAGE",
                });
        }
        return;
    }
    let declared = Declared {
        names: app
            .facts
            .dependencies
            .iter()
            .filter(|dependency| dependency.ecosystem == ecosystem)
            .fold(
                BTreeMap::new(),
                |mut names: BTreeMap<&str, BTreeSet<_>>, dependency| {
                    names
                        .entry(&dependency.name)
                        .or_default()
                        .insert(dependency.group);
                    names
                },
            ),
        locked: app
            .facts
            .lock_files
            .iter()
            .filter(|lock| lock.ecosystem == ecosystem)
            .flat_map(|lock| lock.packages.iter().map(String::as_str))
            .collect(),
        closed: app.facts.lock_files.iter().any(|lock| {
            lock.ecosystem == ecosystem && (lock.format != "requirements.txt" || lock.hashes)
        }),
    };
    let mut reported = 0;
    let mut fine = 0;
    for (package, places) in &imports {
        if reported >= MOST {
            break;
        }
        match standing(app, ecosystem, package, &declared) {
            Standing::Declared => fine += 1,
            Standing::Unknown => {}
            Standing::Undeclared(shape) => {
                report(app, ecosystem, package, places, &shape, &manifests, claims);
                reported += 1;
            }
        }
    }
    if reported == 0
        && fine > 0
        && let Some(manifest) = manifests.first()
    {
        claims.holds(
            "II.1",
            format!("every package that the code imports is declared ({fine} of them)"),
            &manifest.at,
        );
    }
}

/// The imports of deployed code by package, each with its places.
fn imports(app: &App, ecosystem: Ecosystem) -> BTreeMap<&str, Vec<&Fact<Import>>> {
    let mut found: BTreeMap<&str, Vec<&Fact<Import>>> = BTreeMap::new();
    for import in &app.facts.imports {
        if import.ecosystem == ecosystem
            && import.scope.class == FileClass::Source
            && !import.scope.development
            && !import.optional
            && !import.type_only
            && !is_hidden(&import.at.path)
            && !is_alias(app, &import.module)
        {
            found.entry(&import.package).or_default().push(import);
        }
    }
    found.retain(|name, _| !is_own(app, ecosystem, name));
    found
}

/// Whether a bundler's settings are among the files.
fn is_bundled(app: &App) -> bool {
    app.files.iter().any(|file| {
        let name = crate::deploy_names::file_name(&file.path);
        [
            "webpack.",
            "vite.config.",
            "rollup.config.",
            "craco.config.",
            "rspack.config.",
        ]
        .iter()
        .any(|start| name.starts_with(start))
    })
}

/// Whether tsconfig.json says that such a module is the app's own.
fn is_alias(app: &App, module: &str) -> bool {
    app.facts.module_aliases.iter().any(|alias| {
        module == alias.prefix.trim_end_matches('/')
            || alias.prefix.ends_with('/') && module.starts_with(&alias.prefix)
    })
}

/// Whether a path leads through a hidden folder or to a hidden file: those are tools.
fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.'))
}

/// Whether the name is a folder or module of the repository, or no package at all.
fn is_own(app: &App, ecosystem: Ecosystem, name: &str) -> bool {
    let bare = name
        .split('/')
        .next()
        .unwrap_or(name)
        .trim_start_matches('@');
    let above = |root: &String| root.split('/').any(|part| part == bare);
    if name.is_empty() || app.siblings.iter().any(above) {
        return true;
    }
    let own_manifest = app
        .facts
        .manifests
        .iter()
        .filter_map(|manifest| manifest.name.as_deref())
        .any(|own| own == name || normalised(own) == normalised(name));
    if own_manifest {
        return true;
    }
    match ecosystem {
        Ecosystem::Npm => {
            let shaped = !name.starts_with(['.', '/', '#', '~', '$'])
                && !name.starts_with("@/")
                && !name.contains([':', '!', '?', '*'])
                && name != "@";
            // An alias of tsconfig or a bundler names a folder of the source.
            !shaped || has_folder(app, bare)
        }
        _ => {
            let file = format!("{name}.py");
            has_folder(app, name)
                || app
                    .files
                    .iter()
                    .any(|entry| crate::deploy_names::file_name(&entry.path) == file)
        }
    }
}

/// Whether a folder of this name holds files of the app, at the root or one or two levels down.
fn has_folder(app: &App, name: &str) -> bool {
    app.files.iter().any(|file| {
        let path = file
            .path
            .strip_prefix(app.root.as_str())
            .map_or(&*file.path, |rest| rest.trim_start_matches('/'));
        let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
        folders.split('/').take(3).any(|part| part == name)
    })
}

/// How a package stands in the manifests.
enum Standing {
    Declared,
    Undeclared(Shape),
    /// It may be provided under another name.
    Unknown,
}

/// In which way it is not declared.
enum Shape {
    /// Declared for development only.
    DevelopmentOnly,
    /// Not declared, but brought along on purpose by a declared package.
    Companion(String),
    /// Not declared, but in the lock, so that another package happens to need it.
    Transitive,
    /// Nowhere.
    Missing {
        /// The lock says so.
        sure: bool,
    },
}

fn standing(app: &App, ecosystem: Ecosystem, package: &str, declared: &Declared<'_>) -> Standing {
    let provides = |name: &str| match ecosystem {
        Ecosystem::Python => may_provide(name, package),
        _ => name == package,
    };
    let groups: BTreeSet<DependencyGroup> = declared
        .names
        .iter()
        .filter(|(name, _)| provides(name))
        .flat_map(|(_, groups)| groups.iter().copied())
        .collect();
    if groups
        .iter()
        .any(|group| *group != DependencyGroup::Development)
    {
        return Standing::Declared;
    }
    if !groups.is_empty() {
        return if bundles(app) || app.kind != AppKind::Service {
            Standing::Declared
        } else {
            Standing::Undeclared(Shape::DevelopmentOnly)
        };
    }
    // `import { Request } from "express"` beside `@types/express` takes types only.
    let types = format!(
        "@types/{}",
        package.trim_start_matches('@').replace('/', "__")
    );
    if declared.names.contains_key(types.as_str()) {
        return Standing::Unknown;
    }
    let wanted: Vec<String> = match (ecosystem, providers(package)) {
        (Ecosystem::Python, Some(known)) => known.iter().map(|&name| name.to_owned()).collect(),
        (Ecosystem::Python, None) => vec![normalised(package)],
        _ => vec![package.to_owned()],
    };
    let owner = declared
        .names
        .keys()
        .find(|owner| wanted.iter().any(|name| brings(owner, name)));
    if let Some(owner) = owner {
        return Standing::Undeclared(Shape::Companion((*owner).to_owned()));
    }
    if declared.locked.iter().any(|name| provides(name)) {
        return Standing::Undeclared(Shape::Transitive);
    }
    let sure = declared.closed
        && match ecosystem {
            Ecosystem::Python => providers(package).is_some(),
            _ => true,
        };
    if ecosystem == Ecosystem::Python && !sure && declared.names.is_empty() {
        return Standing::Unknown;
    }
    Standing::Undeclared(Shape::Missing { sure })
}

/// Whether a bundler puts what is imported into the build, so that groups do not matter at run time.
fn bundles(app: &App) -> bool {
    [
        Framework::Next,
        Framework::Nuxt,
        Framework::Remix,
        Framework::Vite,
        Framework::Angular,
        Framework::Svelte,
        Framework::React,
        Framework::Vue,
    ]
    .into_iter()
    .any(|framework| app.uses(framework))
        || app.depends_on(&[
            "webpack",
            "esbuild",
            "rollup",
            "parcel",
            "tsup",
            "@vercel/ncc",
            "rolldown",
        ])
}

fn report(
    app: &App,
    ecosystem: Ecosystem,
    package: &str,
    places: &[&Fact<Import>],
    shape: &Shape,
    manifests: &[&Fact<Manifest>],
    claims: &mut Claims<'_>,
) {
    let Some(first) = places.first() else {
        return;
    };
    let more = match places.len() {
        1 => String::new(),
        count => format!(" ({count} places)"),
    };
    let manifest = manifests
        .first()
        .map_or("the manifest", |manifest| manifest.format);
    let name = match (ecosystem, providers(package)) {
        (Ecosystem::Python, Some(known)) => known.first().copied().unwrap_or(package),
        _ => package,
    };
    let add = match ecosystem {
        Ecosystem::Npm => format!("npm install {name}"),
        _ if manifests
            .iter()
            .any(|one| one.tool.as_deref() == Some("poetry")) =>
        {
            format!("poetry add {name}")
        }
        _ if manifests.iter().all(|one| one.format == "requirements.txt") => {
            format!("add a line `{name}==VERSION` to requirements.txt")
        }
        _ => format!("uv add {name}"),
    };
    let (message, severity, confidence) = match shape {
        Shape::DevelopmentOnly => (
            format!(
                "`{package}` is imported by code that is deployed{more}, but {manifest} declares it for development only: an install for production leaves it out and the start fails"
            ),
            Severity::Error,
            // In Python an import may wait for the branch or the command that needs it, and
            // `extras` are often listed with what development needs.
            if ecosystem != Ecosystem::Python && Served::of(app).holds(&first.at.path) {
                Confidence::Medium
            } else {
                Confidence::Low
            },
        ),
        Shape::Companion(owner) => (
            format!(
                "`{package}` is imported{more} but not declared: it comes along with `{owner}`, which decides its version"
            ),
            Severity::Note,
            Confidence::Medium,
        ),
        Shape::Transitive => (
            format!(
                "`{package}` is imported{more} but not declared in {manifest}: it is installed only because another package needs it today"
            ),
            Severity::Warning,
            Confidence::High,
        ),
        Shape::Missing { sure: true } => (
            format!(
                "`{package}` is imported{more} but not declared in {manifest}: a clean build does not have it"
            ),
            Severity::Error,
            // A bundler's settings may give a folder of the app a name of its own.
            if ecosystem == Ecosystem::Npm && is_bundled(app) {
                Confidence::Medium
            } else {
                Confidence::High
            },
        ),
        Shape::Missing { sure: false } => (
            format!(
                "`{package}` is imported{more} but not declared in {manifest}: a clean build has it only if another package brings it along"
            ),
            Severity::Warning,
            Confidence::Medium,
        ),
    };
    let draft = claims.finding(&first.at, message);
    draft
        .severity(severity)
        .confidence(confidence)
        .subject(package)
        .help(match shape {
            Shape::DevelopmentOnly => {
                format!("move `{name}` to the dependencies that production installs:\n    {add}")
            }
            _ => format!("declare it:\n    {add}"),
        });
    if matches!(shape, Shape::Companion(_)) {
        draft.strict();
    }
    for place in places.iter().skip(1).take(3) {
        draft.related(&place.at, "imported here as well");
    }
}

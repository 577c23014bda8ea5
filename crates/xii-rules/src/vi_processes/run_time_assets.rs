//! Assets are compiled while the app serves.
//!
//! ## What it looks for
//!
//! Bundlers and compressors that run inside the deployed process: webpack's and Vite's development
//! middleware outside a branch for development, django-compressor without offline compression,
//! Flask-Assets, Sass and Less middleware. Programs that translate the app's own code at start
//! (ts-node, Babel's register) are V.2.
//!
//! ## Why it matters
//!
//! The first visitors wait for the compiler, each instance compiles again, and the result is written to
//! a disk that the others do not see: pages refer to files that only one instance has. The compiler and
//! all its dependencies have to be in the image as well.
//!
//! ## What to do instead
//!
//! Compile in the build, and serve what is there:
//!
//! ```sh
//! npm run build            # vite build, webpack --mode production
//! python manage.py compress && python manage.py collectstatic --noinput
//! ```

use xii_model::{App, Confidence, Fact, Instruction, RuntimeCompile, Severity};

use crate::{Claims, Rule, grouping};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "run-time-assets",
    criteria: &["VI.5"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let compiles: Vec<&Fact<RuntimeCompile>> = app
        .facts
        .runtime_compiles
        .iter()
        .filter(|compile| compile.scope.is_deployed() && !translates_code(&compile.through))
        .collect();
    for group in grouping::by(compiles.iter().copied(), |compile| {
        (compile.at.path.clone(), compile.at.start.line)
    }) {
        let compile = group.first;
        let draft = claims.finding(
            &compile.at,
            format!(
                "{} compiles assets while the app serves: first visitors wait for it, and each instance makes its own files",
                compile.through
            ),
        );
        draft
            .confidence(Confidence::Medium)
            .subject(compile.through.as_str())
            .help(help(&compile.through));
        for other in group.rest.iter().take(10) {
            draft.related(&other.at, "and here");
        }
    }
    if compiles.is_empty() {
        holds(app, claims);
    }
}

/// Whether it translates the app's own code and not its assets: then a run builds, which is V.2.
fn translates_code(through: &str) -> bool {
    [
        "ts-node",
        "tsx",
        "babel",
        "swc",
        "esbuild-register",
        "sucrase",
        "ts-node-dev",
        "jiti",
    ]
    .iter()
    .any(|word| through.contains(word))
}

fn holds(app: &App, claims: &mut Claims<'_>) {
    const BUNDLERS: [&str; 10] = [
        "vite build",
        "next build",
        "nuxt build",
        "webpack",
        "rollup",
        "esbuild",
        "parcel build",
        "react-scripts build",
        "ng build",
        "remix build",
    ];
    let script = app.facts.scripts.iter().find(|script| {
        script
            .name
            .split(':')
            .any(|part| matches!(part, "build" | "heroku-postbuild"))
            && BUNDLERS
                .iter()
                .any(|bundler| script.command.contains(bundler))
    });
    if let Some(script) = script {
        claims.holds(
            "VI.5",
            format!("assets are compiled by the script `{}`", script.name),
            &script.at,
        );
        return;
    }
    let step = app.facts.images.iter().flat_map(|image| &image.stages).flat_map(|stage| &stage.steps).find(
        |step| matches!(&step.does, Instruction::Run { command, .. } if command.contains("collectstatic")),
    );
    if let Some(step) = step {
        claims.holds(
            "VI.5",
            "static files are collected when the image is built",
            &step.at,
        );
    }
}

fn help(through: &str) -> &'static str {
    match through {
        "django-compressor" => {
            "compress in the build:\n    COMPRESS_OFFLINE = True\n    python manage.py compress && python manage.py collectstatic --noinput"
        }
        "flask-assets" => {
            "build the bundles in the image (`flask assets build`) and switch automatic building off:\n    ASSETS_AUTO_BUILD = False"
        }
        _ => {
            "compile in the build (a `build` script, a stage of the Dockerfile) and load the development middleware only behind a check for development"
        }
    }
}

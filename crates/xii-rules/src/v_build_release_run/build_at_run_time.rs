//! Finds starts that install, compile or bundle first.
//!
//! ## What it looks for
//!
//! Start commands of deploys (Procfile, images, manifests, a package's `start`, and the scripts they
//! call) that run a package manager, a compiler, a bundler or a development server that compiles as it
//! goes; and code that compiles itself when it is loaded (`ts-node`, `@babel/register`).
//!
//! ## Why it matters
//!
//! What is built at the start is built again with every restart and on every instance. The start
//! takes minutes where seconds are wanted, needs compilers and the network in production, and can
//! fail at night for a reason that a build would have shown in the pipeline.
//!
//! ## What to do instead
//!
//! Move the work to the build, and start what it made:
//!
//! ```json
//! { "scripts": { "build": "tsc", "start": "node dist/server.js" } }
//! ```
//! ```dockerfile
//! RUN npm ci && npm run build && npm prune --omit=dev
//! CMD ["node", "dist/server.js"]
//! ```
//! ```dockerfile
//! RUN pip install -r requirements.txt && python manage.py collectstatic --noinput
//! CMD ["gunicorn", "project.wsgi"]
//! ```

use xii_model::{App, AppKind, Confidence, Framework, RuntimeCompile, Severity};

use crate::command::Command;
use crate::command::start_lines::{self, Standing};
use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "build-at-run-time",
    criteria: &["V.2"],
    severity: Severity::Warning,
    check,
};

/// Findings for one app at most.
const MOST: usize = 10;

fn check(app: &App, claims: &mut Claims<'_>) {
    if app.kind != AppKind::Service {
        return;
    }
    let starts = start_lines::of(app);
    let mut said = 0;
    for start in &starts {
        let Some((what, command)) = start
            .commands()
            .iter()
            .find_map(|command| Some((work(app, command)?, command.line())))
        else {
            continue;
        };
        if said == MOST {
            break;
        }
        said += 1;
        let confidence = match start.standing {
            Standing::Production => Confidence::High,
            Standing::Likely => Confidence::Medium,
            Standing::Unclear => Confidence::Low,
        };
        let draft = claims.finding(
            start.at,
            format!(
                "starting `{}` runs `{command}`, which {}: every restart and every instance does it again, and can fail at it",
                start.name,
                what.words()
            ),
        );
        draft
            .confidence(confidence)
            .subject(command)
            .help(advice(app, what));
        if let Some(from) = start.from.filter(|from| *from != start.at) {
            draft.related(from, "started from here");
        }
    }
    for compile in app
        .facts
        .runtime_compiles
        .iter()
        .filter(|compile| compile.scope.is_deployed() && is_of_code(compile))
    {
        if said == MOST {
            break;
        }
        // What the start command already says is said once.
        if starts.iter().any(|start| start.at.path == compile.at.path) {
            continue;
        }
        said += 1;
        claims
            .finding(
                &compile.at,
                format!(
                    "`{}` compiles the code when it is loaded: every start pays for it, and production needs the compiler",
                    compile.through
                ),
            )
            .confidence(Confidence::Medium)
            .subject(compile.through.clone())
            .help(advice(app, Work::Transpile));
    }
    if said > 0 {
        return;
    }
    let plain = starts.iter().find(|start| {
        start.standing >= Standing::Likely
            && start.commands().first().is_some_and(starts_what_is_built)
    });
    if let Some(start) = plain {
        claims.holds(
            "V.2",
            format!("`{}` starts what the build made", start.line),
            start.at,
        );
    }
}

/// What a start command does that belongs to the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Install,
    Compile,
    Bundle,
    Transpile,
    DevelopmentServer,
    Assets,
    Translations,
    Fetch,
}

impl Work {
    fn words(self) -> &'static str {
        match self {
            Work::Install => "installs packages",
            Work::Compile => "compiles",
            Work::Bundle => "builds the app",
            Work::Transpile => "compiles the code as it is loaded",
            Work::DevelopmentServer => "is a development server that builds as it goes",
            Work::Assets => "collects or compiles assets",
            Work::Translations => "compiles translations",
            Work::Fetch => "fetches a package that is not declared",
        }
    }
}

/// The build's work that a command does.
fn work(app: &App, command: &Command) -> Option<Work> {
    let verb = command.verb();
    let help = command.has("--version") || command.has("--help");
    if help {
        return None;
    }
    Some(match (command.program(), verb) {
        ("npm" | "pnpm" | "bun", Some("install" | "ci" | "i" | "add" | "rebuild")) => Work::Install,
        ("yarn", None | Some("install" | "add")) => Work::Install,
        ("pip" | "pip3", Some("install")) => Work::Install,
        ("poetry" | "pipenv" | "bundle" | "composer" | "pdm", Some("install" | "sync")) => {
            Work::Install
        }
        ("uv", Some("sync" | "pip")) => Work::Install,
        ("apt-get" | "apt" | "apk", Some("install" | "add")) => Work::Install,
        ("make", None | Some("all" | "build" | "compile" | "assets")) => Work::Compile,
        ("tsc" | "swc" | "ngc" | "javac" | "gcc", _) if !command.has("--noEmit") => Work::Compile,
        ("babel", Some(_)) => Work::Compile,
        ("go", Some("build" | "run")) | ("cargo", Some("build" | "run")) => Work::Compile,
        ("dotnet", Some("build" | "run" | "publish")) => Work::Compile,
        ("mvn" | "mvnw" | "gradle" | "gradlew", Some(_)) => Work::Compile,
        ("prisma", Some("generate")) => Work::Compile,
        (
            "next" | "nuxt" | "remix" | "vite" | "nest" | "ng" | "react-scripts"
            | "vue-cli-service" | "strapi",
            Some("build" | "generate"),
        ) => Work::Bundle,
        ("webpack", verb) if verb != Some("serve") => Work::Bundle,
        ("rollup" | "parcel" | "esbuild" | "gulp" | "grunt" | "tsup", _) => Work::Bundle,
        ("next" | "nuxt" | "remix", Some("dev")) | ("next", None) => Work::DevelopmentServer,
        ("vite", None | Some("dev" | "serve")) => Work::DevelopmentServer,
        ("ng" | "vue-cli-service", Some("serve")) | ("webpack", Some("serve")) => {
            Work::DevelopmentServer
        }
        ("webpack-dev-server", _) | ("react-scripts", Some("start")) => Work::DevelopmentServer,
        ("nest", Some("start")) | ("strapi", Some("develop")) => Work::DevelopmentServer,
        (
            "ts-node" | "tsx" | "ts-node-dev" | "tsnd" | "ts-node-esm" | "babel-node" | "esno"
            | "swc-node",
            _,
        ) => Work::Transpile,
        ("node" | "nodemon", _) if requires_compiler(command) => Work::Transpile,
        ("python" | "django-admin" | "manage.py", _)
            if command.has("collectstatic")
                || command.has("compress")
                || command.has("compilemessages") =>
        {
            Work::Assets
        }
        ("pybabel", Some("compile")) => Work::Translations,
        ("flask", Some("translate")) if command.has("compile") => Work::Translations,
        (program, _) if command.runs_through("npx") && !provides(app, program) => Work::Fetch,
        _ => return None,
    })
}

/// `node -r ts-node/register`, `node --loader tsx`, `nodemon --exec ts-node`.
fn requires_compiler(command: &Command) -> bool {
    command.args().iter().any(|arg| {
        let first = arg
            .split(['/', '=', ' '])
            .find(|part| !part.starts_with('-'));
        matches!(
            first,
            Some("ts-node" | "tsx" | "esbuild-register" | "sucrase")
        ) || arg.contains("@babel/register")
            || arg.contains("babel-register")
            || arg.contains("@swc-node/register")
    })
}

/// Whether a declared package may bring the program, so that `npx` fetches nothing.
fn provides(app: &App, program: &str) -> bool {
    let bare = program.split('@').next().unwrap_or(program);
    bare.is_empty()
        || app.facts.dependencies.is_empty()
        || app.facts.dependencies.iter().any(|dependency| {
            dependency.name == bare
                || dependency.name.ends_with(&format!("/{bare}"))
                || dependency.name.starts_with(bare)
                || dependency.name.contains(&format!("{bare}-"))
                || dependency.name.ends_with("/cli")
        })
}

/// Whether a compiler works on the code itself; compilers of assets are another rule's.
fn is_of_code(compile: &RuntimeCompile) -> bool {
    [
        "ts-node",
        "tsx",
        "babel",
        "esbuild-register",
        "sucrase",
        "swc",
        "coffee",
        "typescript",
    ]
    .iter()
    .any(|word| compile.through.contains(word))
}

/// Whether a command surely starts something that is already built, and no script that is not seen.
fn starts_what_is_built(command: &Command) -> bool {
    match command.program() {
        "gunicorn" | "uvicorn" | "hypercorn" | "daphne" | "waitress-serve" | "celery"
        | "granian" | "uwsgi" => true,
        "node" => true,
        "next" | "nuxt" => command.verb() == Some("start"),
        "python" | "fastapi" => !command.words().iter().any(|word| word.ends_with(".sh")),
        _ => false,
    }
}

fn advice(app: &App, work: Work) -> String {
    match work {
        Work::Install => "install when the image is built, and start the app alone:\n    RUN npm ci --omit=dev      # or: pip install --no-cache-dir -r requirements.txt".to_owned(),
        Work::Assets => "make the assets when the image is built:\n    RUN python manage.py collectstatic --noinput".to_owned(),
        Work::Translations => "compile them when the image is built, or commit the compiled files:\n    RUN pybabel compile -d translations".to_owned(),
        Work::Fetch => "declare the package, so that the build installs it and the lock fixes it:\n    npm install PACKAGE".to_owned(),
        Work::DevelopmentServer if app.uses(Framework::Next) => {
            "build first, then serve the build:\n    \"build\": \"next build\", \"start\": \"next start\"".to_owned()
        }
        Work::DevelopmentServer | Work::Transpile if app.uses(Framework::Nest) => {
            "build first, then start what was built:\n    \"build\": \"nest build\", \"start:prod\": \"node dist/main\"".to_owned()
        }
        Work::DevelopmentServer => "build first, then serve the build:\n    RUN npm run build\n    CMD [\"node\", \"server.js\"]".to_owned(),
        Work::Transpile | Work::Compile => "compile in the build, then start what was compiled:\n    \"build\": \"tsc\", \"start\": \"node dist/server.js\"".to_owned(),
        Work::Bundle => "build when the image is built, and start the result:\n    RUN npm run build\n    CMD [\"npm\", \"run\", \"start:prod\"]".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::parse;

    fn of(line: &str) -> Option<Work> {
        parse(line)
            .iter()
            .find_map(|command| work(&App::default(), command))
    }

    #[test]
    fn work_of_the_build_is_told_from_a_start() {
        assert_eq!(of("npm install && node ."), Some(Work::Install));
        assert_eq!(of("next build && next start"), Some(Work::Bundle));
        assert_eq!(
            of("flask translate compile; gunicorn shop:app"),
            Some(Work::Translations)
        );
        assert_eq!(of("flask run"), None);
        assert_eq!(of("next dev -p 3000"), Some(Work::DevelopmentServer));
        assert_eq!(
            of("node -r ts-node/register src/main.ts"),
            Some(Work::Transpile)
        );
        assert_eq!(
            of("python manage.py collectstatic --noinput && gunicorn a"),
            Some(Work::Assets)
        );
        for fine in [
            "next start",
            "node dist/main.js",
            "gunicorn app:app -b :$PORT",
            "node build/index.js",
            "python -m app install",
            "yarn start",
            "make run",
            "node -r dotenv/config dist/a.js",
        ] {
            assert_eq!(of(fine), None, "{fine}");
        }
    }
}

//! What builds an app, by its files.

use crate::bench::Bench;

/// The steps that are inferred, each as `line [origin]` with its marks, and the notes.
fn inferred(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let bench = Bench::with(files);
    bench.track();
    let plan = bench.plan();
    let steps = plan.steps.iter().map(|step| {
        let mut text = format!("{} [{}]", step.line, step.origin);
        if step.folder != "." {
            text.push_str(&format!(" in {}", step.folder));
        }
        if let Some(version) = &step.version {
            text.push_str(&format!(" @{version}"));
        }
        for (mark, is) in [(" frozen", step.frozen), (" optional", step.optional)] {
            text.push_str(if is { mark } else { "" });
        }
        text
    });
    let mut steps: Vec<String> = steps.collect();
    if plan.python.is_some() {
        steps.insert(0, "venv".to_owned());
    }
    (steps, plan.notes)
}

const SERVER: (&str, &str) = (
    "server.js",
    "require('http').createServer().listen(process.env.PORT)",
);

#[test]
fn node_is_installed_by_whatever_manages_it() {
    let plain = r#"{"name":"a","scripts":{"start":"node server.js"}}"#;
    let asks = r#"{"name":"a","packageManager":"pnpm@8.15.1+sha512.abc"}"#;
    let npm = r#"{"lockfileVersion":3,"packages":{}}"#;
    for (manifest, lock, text, step) in [
        (
            plain,
            "package-lock.json",
            npm,
            "npm ci [package-lock.json] frozen",
        ),
        (
            plain,
            "npm-shrinkwrap.json",
            npm,
            "npm ci [npm-shrinkwrap.json] frozen",
        ),
        (
            plain,
            "yarn.lock",
            "# yarn lockfile v1\n",
            "yarn install --frozen-lockfile [yarn.lock] frozen",
        ),
        (
            plain,
            "yarn.lock",
            "__metadata:\n  version: 8\n",
            "yarn install --immutable [yarn.lock] @4 frozen",
        ),
        (
            plain,
            "pnpm-lock.yaml",
            "lockfileVersion: '9.0'\n",
            "pnpm install --frozen-lockfile [pnpm-lock.yaml] frozen",
        ),
        (
            asks,
            "pnpm-lock.yaml",
            "lockfileVersion: '6.0'\n",
            "pnpm install --frozen-lockfile [pnpm-lock.yaml] @8.15.1 frozen",
        ),
        (
            plain,
            "bun.lock",
            "{}",
            "bun install --frozen-lockfile [bun.lock] frozen",
        ),
        (plain, "README.md", "", "npm install [package.json]"),
        (
            asks,
            "README.md",
            "",
            "pnpm install --no-frozen-lockfile [package.json] @8.15.1",
        ),
    ] {
        let (steps, _) = inferred(&[("package.json", manifest), (lock, text), SERVER]);
        assert_eq!(steps, [step], "{lock}");
    }
}

#[test]
fn a_build_script_is_run_and_is_needed_where_its_output_is_started() {
    for (scripts, steps) in [
        (
            r#""build":"tsc","start":"node dist/server.js""#,
            &["npm run build [package.json (scripts.build)]"][..],
        ),
        (
            r#""build":"sass a b","start":"node server.js""#,
            &["npm run build [package.json (scripts.build)] optional"],
        ),
        (
            r#""build":"x","heroku-postbuild":"tsc -p .","start":"node server.js""#,
            &["npm run heroku-postbuild [package.json (scripts.heroku-postbuild)]"],
        ),
        (r#""build":"docker build .","start":"node server.js""#, &[]),
        (r#""start":"node server.js""#, &[]),
    ] {
        let manifest = format!(r#"{{"name":"a","scripts":{{{scripts}}}}}"#);
        let (found, notes) = inferred(&[("package.json", &manifest), SERVER]);
        assert_eq!(&found[1..], steps, "{scripts}");
        assert_eq!(
            notes.iter().any(|note| note.contains("builds an image")),
            scripts.contains("docker")
        );
    }
}

#[test]
fn of_several_locks_one_is_taken_and_this_is_told() {
    let (steps, notes) = inferred(&[
        (
            "package.json",
            r#"{"name":"a","packageManager":"yarn@1.22.19"}"#,
        ),
        (
            "package-lock.json",
            r#"{"lockfileVersion":3,"packages":{}}"#,
        ),
        ("yarn.lock", "# yarn lockfile v1\n"),
        SERVER,
    ]);
    assert_eq!(
        steps,
        ["yarn install --frozen-lockfile [yarn.lock] @1.22.19 frozen"]
    );
    assert_eq!(
        notes,
        [
            "there is a package-lock.json beside the yarn.lock, which was taken: keep the one that is meant"
        ]
    );
}

#[test]
fn an_image_tells_of_builds_and_that_development_is_left_out() {
    let image = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run assets\nRUN npx tailwindcss -i a.css -o b.css\nRUN npm prune --production\nRUN apt-get update && apt-get install -y curl\nCMD [\"node\", \"server.js\"]\n";
    let (steps, _) = inferred(&[
        ("package.json", r#"{"name":"a","scripts":{"assets":"x"}}"#),
        (
            "package-lock.json",
            r#"{"lockfileVersion":3,"packages":{}}"#,
        ),
        ("Dockerfile", image),
        SERVER,
    ]);
    assert_eq!(
        steps,
        [
            "npm ci [package-lock.json] frozen",
            "npm run assets [Dockerfile] optional",
            "npx tailwindcss -i a.css -o b.css [Dockerfile] optional",
            "npm prune --omit=dev [Dockerfile]",
        ]
    );
}

#[test]
fn prismas_client_is_generated() {
    let (steps, _) = inferred(&[
        (
            "package.json",
            r#"{"name":"a","dependencies":{"@prisma/client":"7.0.0"},"devDependencies":{"prisma":"7.0.0"}}"#,
        ),
        (
            "prisma/schema.prisma",
            "datasource db {\n  provider = \"postgresql\"\n}\n",
        ),
        SERVER,
    ]);
    assert_eq!(
        steps[1..],
        ["npx prisma generate [prisma/schema.prisma] optional"]
    );
}

const FLASK: (&str, &str) = (
    "app.py",
    "import flask\napp = flask.Flask(__name__)\napp.run()\n",
);

#[test]
fn python_is_installed_by_whatever_manages_it() {
    let project =
        "[project]\nname = \"a\"\nversion = \"1\"\ndependencies = [\"flask>=3,<4\", \"six\"]\n";
    let package = format!(
        "{project}\n[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n"
    );
    let hashed = "flask==3.0.0 \\\n    --hash=sha256:21128f47e4e3b9d597a3e8521a329bf56909b690fcc3fa3e477725aa81367638\n";
    for (files, step) in [
        (
            &[("requirements.txt", "flask==3.0.0\n")][..],
            "pip install -r requirements.txt [requirements.txt] frozen",
        ),
        (
            &[("requirements.txt", "flask>=3\n")],
            "pip install -r requirements.txt [requirements.txt]",
        ),
        (
            &[("requirements.txt", hashed)],
            "pip install --require-hashes -r requirements.txt [requirements.txt] frozen",
        ),
        (
            &[
                ("requirements/dev.txt", "pytest\n"),
                ("requirements/prod.txt", "flask\n"),
            ],
            "pip install -r requirements/prod.txt [requirements/prod.txt]",
        ),
        (
            &[("pyproject.toml", project)],
            "pip install 'flask>=3,<4' six [pyproject.toml]",
        ),
        (
            &[("pyproject.toml", &package)],
            "pip install . [pyproject.toml]",
        ),
        (
            &[("pyproject.toml", project), ("uv.lock", "version = 1\n")],
            "uv sync --frozen --no-dev [uv.lock] frozen",
        ),
        (
            &[
                ("pyproject.toml", "[tool.poetry]\nname = \"a\"\n"),
                ("poetry.lock", ""),
            ],
            "poetry install --only main --no-interaction [poetry.lock] frozen",
        ),
        (
            &[
                ("Pipfile", "[packages]\nflask = \"*\"\n"),
                ("Pipfile.lock", "{}"),
            ],
            "pipenv install --deploy [Pipfile.lock] frozen",
        ),
        (
            &[("Pipfile", "[packages]\nflask = \"*\"\n")],
            "pipenv install --skip-lock [Pipfile]",
        ),
        (
            &[("pyproject.toml", project), ("pdm.lock", "")],
            "pdm sync --prod [pdm.lock] frozen",
        ),
        (
            &[(
                "setup.py",
                "from setuptools import setup\nsetup(install_requires=['flask'])\n",
            )],
            "pip install . [setup.py]",
        ),
    ] {
        let mut all = files.to_vec();
        all.push(FLASK);
        let (steps, _) = inferred(&all);
        assert_eq!(steps, ["venv", step], "{files:?}");
    }
}

#[test]
fn the_list_that_the_image_installs_is_the_one_that_is_meant() {
    let (steps, _) = inferred(&[
        ("requirements.txt", "flask\npytest\n"),
        ("requirements/deploy.txt", "flask\n"),
        (
            "Dockerfile",
            "FROM python:3.12\nCOPY . .\nRUN pip install --no-cache-dir -r requirements/deploy.txt\nCMD [\"python\", \"app.py\"]\n",
        ),
        FLASK,
    ]);
    assert_eq!(
        steps,
        [
            "venv",
            "pip install -r requirements/deploy.txt [requirements/deploy.txt]"
        ]
    );
}

#[test]
fn djangos_static_files_are_collected_where_they_have_a_place() {
    for (settings, steps) in [
        (
            "STATIC_ROOT = 'x'\n",
            &["python manage.py collectstatic --noinput [STATIC_ROOT] optional"][..],
        ),
        ("DEBUG = False\n", &[]),
    ] {
        let (found, _) = inferred(&[
            ("requirements.txt", "django==5.0\n"),
            (
                "manage.py",
                "import django\nfrom django.core.management import execute_from_command_line\n",
            ),
            ("site/settings.py", settings),
            (
                "site/wsgi.py",
                "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
            ),
        ]);
        assert_eq!(&found[2..], steps);
    }
}

#[test]
fn compiled_languages_are_built_by_their_own_tools() {
    for (files, steps) in [
        (
            &[
                ("Cargo.toml", "[package]\nname = \"a\"\n"),
                ("Cargo.lock", "version = 4\n"),
            ][..],
            &["cargo build --release --locked [Cargo.lock] frozen"][..],
        ),
        (
            &[("Cargo.toml", "[package]\nname = \"a\"\n")],
            &["cargo build --release [Cargo.toml]"],
        ),
        (
            &[("go.mod", "module a\n"), ("go.sum", "")],
            &["mkdir -p bin && go build -o bin/ ./... [go.mod] frozen"],
        ),
        (
            &[("Gemfile", ""), ("Gemfile.lock", "")],
            &[
                "BUNDLE_DEPLOYMENT=true BUNDLE_PATH=vendor/bundle BUNDLE_WITHOUT=development:test bundle install [Gemfile.lock] frozen",
            ],
        ),
        (
            &[("composer.json", "{}"), ("composer.lock", "{}")],
            &[
                "composer install --no-dev --no-interaction --no-progress --prefer-dist [composer.lock] frozen",
            ],
        ),
        (
            &[("pom.xml", "<project/>"), ("mvnw", "")],
            &["sh ./mvnw -B -q -DskipTests package [pom.xml]"],
        ),
        (
            &[("build.gradle", "")],
            &["gradle assemble --no-daemon --console=plain [build.gradle]"],
        ),
        (
            &[("mix.exs", ""), ("mix.lock", "")],
            &[
                "mix local.hex --force --if-missing && mix deps.get --only prod --check-locked [mix.lock] frozen",
                "MIX_ENV=prod mix compile [mix.exs]",
            ],
        ),
    ] {
        let mut all = files.to_vec();
        all.push(("Procfile", "web: bin/app\n"));
        assert_eq!(inferred(&all).0, steps, "{files:?}");
    }
}

#[test]
fn where_nothing_builds_the_app_this_is_told() {
    let (steps, notes) = inferred(&[("Procfile", "web: sh run.sh\n"), ("run.sh", "nc -l 1\n")]);
    assert_eq!(steps, Vec::<String>::new());
    assert_eq!(
        notes,
        ["nothing was found that builds the app: it is run as it was copied"]
    );
}

#[test]
fn a_frontend_with_a_manifest_of_its_own_is_told() {
    let (_, notes) = inferred(&[
        ("requirements.txt", "flask==3.0.0\n"),
        FLASK,
        (
            "ui/package.json",
            r#"{"name":"ui","scripts":{"build":"vite build"},"devDependencies":{"vite":"5.0.0"}}"#,
        ),
    ]);
    let told = |note: &String| note.starts_with("nothing was built in ui,");
    assert!(notes.iter().any(told), "{notes:?}");
}

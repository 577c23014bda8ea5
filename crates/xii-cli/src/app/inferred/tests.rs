//! Small repositories and what is run of them.

use std::fs;

use super::inferred;

/// What is told of a folder with these files: a line a type, or the error.
fn told(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    match inferred(folder.path()) {
        Ok(types) => types
            .iter()
            .map(|one| match &one.process.folder {
                Some(inner) => format!("{one} [in {}]", inner.display()),
                None => one.to_string(),
            })
            .collect::<Vec<_>>()
            .join("\n"),
        Err(failure) => failure
            .message
            .replace(&folder.path().display().to_string(), "HERE"),
    }
}

const SERVER: &str = "require('http').createServer().listen(process.env.PORT);\n";

#[test]
fn node_apps_are_started_without_their_package_manager() {
    let package = |scripts: &str| {
        let text = format!("{{\"name\": \"a\", \"scripts\": {scripts}}}");
        told(&[("package.json", &text), ("server.js", SERVER)])
    };
    assert_eq!(
        package(r#"{"start": "node --enable-source-maps server.js", "worker": "node worker.js"}"#),
        "web: node --enable-source-maps server.js  (package.json scripts.start)\n\
         worker: node worker.js  (package.json scripts.worker)"
    );
    assert_eq!(
        package(r#"{"start": "npm run serve", "serve": "next start"}"#),
        "web: next start  (package.json scripts.start)"
    );
    assert_eq!(
        package("{}"),
        "web: node server.js  (server.js, which `npm start` runs)"
    );
    let through = "through the package manager, which keeps signals from what it starts: the whole group is told to stop";
    for scripts in [
        r#"{"start": "node build.js && node server.js"}"#,
        r#"{"start": "node server.js", "prestart": "node build.js"}"#,
        r#"{"start": "npm run start"}"#,
        r#"{"start": "echo $npm_package_version"}"#,
    ] {
        assert_eq!(
            package(scripts),
            format!("web: npm run start  (package.json scripts.start); {through}"),
            "{scripts}"
        );
    }
}

#[test]
fn the_package_manager_is_the_repositorys() {
    let text = r#"{"name": "a", "scripts": {"start": "a && b"}}"#;
    let run = told(&[
        ("package.json", text),
        ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n"),
        ("server.js", SERVER),
    ]);
    assert!(run.starts_with("web: pnpm run start  "), "{run}");
}

#[test]
fn images_say_what_runs() {
    let app = ("app.py", "from flask import Flask\napp = Flask(__name__)\n");
    let image = |commands: &str| {
        let text = format!("FROM python:3.13-slim\n{commands}\n");
        told(&[
            ("requirements.txt", "flask==3.1.2\n"),
            ("Dockerfile", &text),
            app,
        ])
    };
    assert_eq!(
        image("CMD [\"gunicorn\", \"app:app\", \"--name\", \"my app\"]"),
        "web: gunicorn app:app --name 'my app'  (Dockerfile CMD)"
    );
    assert_eq!(
        image("CMD exec gunicorn app:app --bind 0.0.0.0:$PORT"),
        "web: gunicorn app:app --bind 0.0.0.0:$PORT  (Dockerfile CMD)"
    );
    assert_eq!(
        image("CMD [\"sh\", \"-c\", \"flask db upgrade && gunicorn app:app\"]"),
        "web: flask db upgrade && gunicorn app:app  (Dockerfile CMD)"
    );
    // What lies in the image alone cannot be started here, so that the code is asked.
    assert_eq!(
        image("ENTRYPOINT [\"/app/start.sh\"]"),
        "web: flask --app app run --host 0.0.0.0 --port $PORT  (app.py); a server for development: declare gunicorn or uvicorn for deploys"
    );
}

#[test]
fn python_apps_are_started_as_their_framework_is() {
    let manage = "import sys\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n";
    let django = |requirements: &str| {
        told(&[
            ("requirements.txt", requirements),
            ("manage.py", manage),
            ("shop/settings.py", "INSTALLED_APPS = []\n"),
            (
                "shop/wsgi.py",
                "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
            ),
        ])
    };
    assert_eq!(
        django("django==5.2\ngunicorn==23.0.0\n"),
        "web: gunicorn shop.wsgi --bind 0.0.0.0:$PORT  (shop/wsgi.py)"
    );
    assert_eq!(
        django("django==5.2\n"),
        "web: python3 manage.py runserver 0.0.0.0:$PORT --noreload  (manage.py); a server for development: declare gunicorn or uvicorn for deploys"
    );
    assert_eq!(
        told(&[
            ("requirements.txt", "fastapi==0.121\nuvicorn==0.38\n"),
            (
                "src/main.py",
                "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef root():\n    return {}\n"
            ),
        ]),
        "web: uvicorn src.main:app --host 0.0.0.0 --port $PORT  (src/main.py)"
    );
}

#[test]
fn an_app_in_a_folder_runs_in_it() {
    let package = r#"{"name": "api", "dependencies": {"express": "5.1.0"}, "scripts": {"start": "node server.js"}}"#;
    let one = [("api/package.json", package), ("api/server.js", SERVER)];
    assert_eq!(
        told(&one),
        "web: node server.js  (api/package.json scripts.start) [in api]"
    );
    let two = [
        one[0],
        one[1],
        ("shop/package.json", package),
        ("shop/server.js", SERVER),
    ];
    assert_eq!(
        told(&two),
        "HERE holds several apps: give the folder of one (api, shop), or write a Procfile with a line such as `web: node server.js`"
    );
}

#[test]
fn what_cannot_be_inferred_says_what_to_write() {
    let advice = "write a Procfile with a line such as `web: node server.js`";
    assert_eq!(
        told(&[("README.md", "# nothing\n")]),
        format!(
            "HERE declares no process type, and none could be inferred from its manifests and code: {advice}"
        )
    );
    // A secret in a command is masked before it comes here, and must not be run as its mask.
    let run = told(&[
        (
            "package.json",
            r#"{"name": "a", "scripts": {"start": "DB_PASSWORD=hunter2hunter node index.js"}}"#,
        ),
        ("index.js", "console.log(1)\n"),
    ]);
    assert!(!run.contains("hunter2") && !run.contains("***"), "{run}");
}

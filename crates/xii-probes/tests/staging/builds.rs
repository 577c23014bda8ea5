//! Real builds with npm and pip.

use xii_probes::staging::Outside;

use crate::bench::{Bench, cannot, skipped, within};

const NPM: &str = "npm view ms@2.1.3 version --prefer-online";
const PIP: &str = "python3 -m pip download --quiet --no-deps --dest \"$(mktemp -d)\" six==1.16.0";

const LOCK: &str = r#"{
  "name": "app", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": { "name": "app", "version": "1.0.0", "dependencies": { "ms": "2.1.3" } },
    "node_modules/ms": {
      "version": "2.1.3",
      "resolved": "https://registry.npmjs.org/ms/-/ms-2.1.3.tgz",
      "integrity": "sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA=="
    }
  }
}"#;

fn node(server: &str, manifest: &str) -> Bench {
    let bench = Bench::with(&[
        ("package.json", manifest),
        ("package-lock.json", LOCK),
        ("server.js", server),
        ("Procfile", "web: node server.js\n"),
    ]);
    bench.track();
    bench
}

const MANIFEST: &str = r#"{ "name": "app", "version": "1.0.0",
    "scripts": { "start": "node server.js", "build": "mkdir -p dist && node -p 1+1 > dist/sum" },
    "dependencies": { "ms": "2.1.3" } }"#;

#[test]
fn an_app_in_node_is_installed_by_its_lock_and_built() {
    if let Some(why) = cannot(NPM) {
        return skipped("an_app_in_node_is_installed_by_its_lock_and_built", &why);
    }
    let bench = node("console.log(require('ms')('1h'))", MANIFEST);
    let staged = bench
        .stage()
        .unwrap_or_else(|error| panic!("{error}: {:?}", error.tail(20)));
    let lines: Vec<&str> = staged
        .steps
        .iter()
        .map(|step| step.command.as_str())
        .collect();
    assert_eq!(lines, ["npm ci", "npm run build"]);
    assert!(staged.failed_lock().is_none());
    assert!(staged.folder.join("dist/sum").exists());
    let copy = staged.copy().expect("a copy");
    for folder in [&staged.folder, &copy] {
        assert_eq!(
            within(&staged, folder, "node server.js"),
            (true, "3600000\n".to_owned())
        );
    }
}

#[test]
fn a_package_that_is_not_declared_is_not_there() {
    if let Some(why) = cannot(NPM) {
        return skipped("a_package_that_is_not_declared_is_not_there", &why);
    }
    // It is installed in the developer's folder, and ignored by git.
    let bench = node("require('left-pad')", MANIFEST);
    bench.write("node_modules/left-pad/index.js", "");
    bench.write(".gitignore", "node_modules/\n");
    crate::bench::git(
        bench.path(),
        &[
            "rm",
            "-r",
            "--quiet",
            "--cached",
            "--ignore-unmatch",
            "node_modules",
        ],
    );
    let staged = bench
        .stage()
        .unwrap_or_else(|error| panic!("{error}: {:?}", error.tail(20)));
    let (well, said) = within(&staged, &staged.folder, "node server.js");
    assert!(
        !well && said.contains("Cannot find module 'left-pad'"),
        "{said}"
    );
}

#[test]
fn a_lock_that_is_out_of_step_is_told_and_the_app_is_built_without_it() {
    if let Some(why) = cannot(NPM) {
        return skipped(
            "a_lock_that_is_out_of_step_is_told_and_the_app_is_built_without_it",
            &why,
        );
    }
    let manifest = r#"{ "name": "app", "version": "1.0.0", "dependencies": { "ms": "2.0.0" } }"#;
    let bench = node("console.log(require('ms')('1h'))", manifest);
    let staged = bench
        .stage()
        .unwrap_or_else(|error| panic!("{error}: {:?}", error.tail(20)));
    let ran: Vec<(&str, bool)> = staged
        .steps
        .iter()
        .map(|step| (step.command.as_str(), step.ok))
        .collect();
    assert_eq!(ran, [("npm ci", false), ("npm install", true)]);
    assert!(staged.failed_lock().is_some());
}

#[test]
fn an_app_in_python_is_installed_into_an_environment_of_its_own() {
    if let Some(why) = cannot(PIP) {
        return skipped(
            "an_app_in_python_is_installed_into_an_environment_of_its_own",
            &why,
        );
    }
    let bench = Bench::with(&[
        ("requirements.txt", "six==1.16.0\n"),
        (
            "app.py",
            "import six, sys\nprint(six.__version__, sys.prefix)\n",
        ),
        ("Procfile", "web: python app.py\n"),
        // A version manager would look for this one, wherever its stand-ins are called.
        (".python-version", "2.99.0\n"),
    ]);
    bench.track();
    let staged = bench
        .stage()
        .unwrap_or_else(|error| panic!("{error}: {:?}", error.tail(20)));
    assert_eq!(staged.steps.len(), 2, "{:?}", staged.steps);
    assert!(staged.built[1].planned.frozen);
    let (well, said) = within(&staged, &staged.folder, "python app.py");
    let venv = staged.scratch.join("venv");
    assert_eq!(
        (well, said.trim()),
        (true, format!("1.16.0 {}", venv.display()).as_str())
    );
    let told = |note: &String| note.starts_with("the app declares Python 2.99.0");
    assert!(staged.notes.iter().any(told), "{:?}", staged.notes);
}

#[test]
fn a_package_that_points_into_the_app_points_into_each_copy() {
    if let Some(why) = cannot(PIP) {
        return skipped(
            "a_package_that_points_into_the_app_points_into_each_copy",
            &why,
        );
    }
    let bench = Bench::with(&[
        ("requirements.txt", "-e .\n"),
        (
            "setup.py",
            "from setuptools import setup\nsetup(name='mine', version='1', package_dir={'': 'src'}, packages=['mine'])\n",
        ),
        ("src/mine/__init__.py", "where = __file__\n"),
        (
            "Procfile",
            "web: python -c 'import mine; print(mine.where)'\n",
        ),
    ]);
    bench.track();
    let staged = bench
        .stage()
        .unwrap_or_else(|error| panic!("{error}: {:?}", error.tail(20)));
    let copy = staged.copy().expect("a copy");
    for folder in [&staged.folder, &copy] {
        let (_, said) = within(
            &staged,
            folder,
            "cd /; python -c 'import mine; print(mine.where)'",
        );
        assert_eq!(
            said.trim(),
            folder.join("src/mine/__init__.py").to_str().expect("text")
        );
    }
}

#[test]
fn what_pip_does_not_find_is_a_build_that_fails() {
    if let Some(why) = cannot(PIP) {
        return skipped("what_pip_does_not_find_is_a_build_that_fails", &why);
    }
    let bench = Bench::with(&[
        ("requirements.txt", "six==99.0.0\n"),
        ("app.py", "import six\n"),
        ("Procfile", "web: python app.py\n"),
    ]);
    bench.track();
    let error = bench.stage().expect_err("there is no such version");
    assert_eq!(error.outside(), None, "{:?}", error.tail(20));
    assert!(
        error
            .tail(5)
            .iter()
            .any(|line| line.contains("six==99.0.0")),
        "{:?}",
        error.tail(5)
    );
    assert!(
        error
            .to_string()
            .starts_with("`pip install -r requirements.txt` (requirements.txt) ended"),
        "{error}"
    );
}

#[test]
fn a_failure_where_the_declared_python_is_not_installed_shows_nothing_of_the_app() {
    let test = "a_failure_where_the_declared_python_is_not_installed_shows_nothing_of_the_app";
    if let Some(why) = cannot(PIP) {
        return skipped(test, &why);
    }
    let bench = Bench::with(&[
        ("requirements.txt", "six==99.0.0\n"),
        ("app.py", "import six\n"),
        ("Procfile", "web: python app.py\n"),
        ("runtime.txt", "python-2.99.1\n"),
    ]);
    bench.track();
    let error = bench.stage().expect_err("there is no such version");
    assert_eq!(error.outside(), Some(Outside::Runtime), "{error}");
}

#[test]
fn a_manager_that_is_not_installed_is_fetched_for_the_build() {
    let test = "a_manager_that_is_not_installed_is_fetched_for_the_build";
    if let Some(why) = cannot("npm view yarn@1.22.22 version --prefer-online") {
        return skipped(test, &why);
    }
    let lock = "# yarn lockfile v1\n\n\nms@2.1.3:\n  version \"2.1.3\"\n  resolved \"https://registry.yarnpkg.com/ms/-/ms-2.1.3.tgz\"\n";
    let mut bench = Bench::with(&[
        (
            "package.json",
            r#"{ "name": "app", "dependencies": { "ms": "2.1.3" } }"#,
        ),
        ("yarn.lock", lock),
        ("server.js", "console.log(require('ms')('1s'))"),
        ("Procfile", "web: node server.js\n"),
    ]);
    bench.track();
    // Only what npm itself needs is on this PATH.
    let programs = tempfile::tempdir().expect("a folder");
    let path = std::env::var_os("PATH").expect("a PATH");
    for name in [
        "npm", "node", "git", "sh", "mkdir", "env", "sed", "dirname", "uname",
    ] {
        let found = std::env::split_paths(&path)
            .map(|folder| folder.join(name))
            .find(|it| it.exists());
        if let Some(found) = found {
            std::os::unix::fs::symlink(found, programs.path().join(name)).expect("a link");
        }
    }
    bench.caller = vec![("PATH".into(), programs.path().into())];
    match bench.stage() {
        Ok(staged) => {
            let (_, said) = within(&staged, &staged.folder, "yarn --version; node server.js");
            assert!(said.starts_with("1.") && said.ends_with("1000\n"), "{said}");
            assert!(
                staged
                    .notes
                    .iter()
                    .any(|note| note.starts_with("yarn is not installed here"))
            );
        }
        // Yarn has a registry of its own, which may be out of reach where npm's is not.
        Err(error) if error.outside() == Some(Outside::Network) => {
            skipped(test, &error.to_string())
        }
        Err(error) => panic!("{error}: {:?}", error.tail(20)),
    }
}

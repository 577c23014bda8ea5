//! What an app needs and this machine has not, and the folder that it is in.

use std::fs;

use crate::harness::App;
use crate::workbench::Run;

#[test]
fn a_resource_that_cannot_be_had() {
    let app = App::python("import pymongo\npymongo.MongoClient(os.environ['MONGO_URL'])\nserve()");
    app.folder
        .write(".env.example", b"MONGO_URL=mongodb://localhost/shop\n");
    app.folder.write(
        "pymongo.py",
        b"class MongoClient:\n    def __init__(self, url): pass\n",
    );
    app.folder.commit();
    let proof = app.proved(&["IV.3"]);
    proof.says("IV.3", "could_not_tell", "MONGO_URL");
}

#[test]
fn the_folder_as_it_is_is_left_as_it_is() {
    let app = App::python("serve()");
    let before = listing(&app);
    let run =
        Run::of(&mut app.prove(&["--in-place", "--criterion", "VII.1", "--criterion", "II.2"]));
    let said = format!("{run:?}");
    assert_eq!(run.code, Some(0), "{said}");
    assert_eq!(listing(&app), before);
    app.nothing_left();
}

fn listing(app: &App) -> Vec<String> {
    let mut all = Vec::new();
    let mut folders = vec![app.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("it can be read").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            // Compiled code is Python's own doing.
            if name == ".git" || name == "__pycache__" {
                continue;
            }
            if entry.path().is_dir() {
                folders.push(entry.path());
            }
            all.push(entry.path().display().to_string());
        }
    }
    all.sort();
    all
}

#[test]
fn a_folder_without_an_app() {
    let app = App::python("serve()");
    for name in ["app.py", "requirements.txt", "Procfile"] {
        fs::remove_file(app.folder.join(name)).expect("it is there");
    }
    app.folder.commit();
    let run = Run::of(&mut app.prove(&[]));
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains("no process type"), "{run:?}");
}

#[test]
fn scenarios_that_cannot_be_read_are_all_told_at_once() {
    let app = App::python("serve()");
    app.folder.write("no.hurl", b"GET http://localhost/{{\n");
    let scenario = app.folder.join("no.hurl").display().to_string();
    let run = Run::of(&mut app.prove(&["--scenario", &scenario, "--scenario", "absent.hurl"]));
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(
        run.err.contains("no.hurl") && run.err.contains("absent.hurl"),
        "{run:?}"
    );
    app.nothing_left();
}

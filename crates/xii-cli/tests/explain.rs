//! `xii explain` and `xii init` as their users call them.

mod workbench;

use std::fs;

use workbench::Folder;

#[test]
fn every_name_in_the_list_of_contents_can_be_explained() {
    let folder = Folder::empty();
    let contents = folder.xii(&["explain"]);
    assert_eq!(contents.code, Some(0));
    let names: Vec<&str> = contents
        .out
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .collect();
    assert_eq!(names.len(), 87);
    for name in names
        .into_iter()
        .step_by(9)
        .chain(["hard-coded-secret", "config", "IX"])
    {
        let run = folder.xii(&["explain", name]);
        assert_eq!(run.code, Some(0), "{name}: {}", run.err);
        assert!(run.out.starts_with('#'), "{name}");
    }
    let wrong = folder.xii(&["explain", "start-buget"]);
    assert!(
        wrong.err.contains("did you mean `start-budget`?"),
        "{}",
        wrong.err
    );
    let wrong = folder.xii(&["explain", "hardcoded-secret"]);
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong.err.contains("did you mean `hard-coded-secret`?"),
        "{}",
        wrong.err
    );
}

#[test]
fn a_probe_is_explained_by_its_name_and_with_its_criteria() {
    let folder = Folder::empty();
    let run = folder.xii(&["explain", "Start-Budget"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(
        run.out.starts_with("# start-budget\n\nStarts the app "),
        "{}",
        run.out
    );
    for said in [
        "A probe of the phase start. Severity: warning,",
        "Answers IX.1: ",
        "To run it alone: `xii prove --criterion IX.1`",
    ] {
        assert!(run.out.contains(said), "{said}: {}", run.out);
    }
    let run = folder.xii(&["explain", "IX.1"]);
    assert!(
        run.out.contains("- probe `start-budget`: Starts the app "),
        "{}",
        run.out
    );
    let contents = folder.xii(&["explain"]).out;
    let line = contents.lines().find(|line| line.starts_with("  IX.1 "));
    assert!(
        line.is_some_and(|line| line.contains("· start-budget")),
        "{line:?}"
    );
}

#[test]
fn init_writes_what_is_missing_and_changes_nothing() {
    let folder = Folder::with(&[
        ("requirements.txt", "flask==3.1.2\ngunicorn==23.0.0\n"),
        (
            "Dockerfile",
            "FROM python:3.13.9-slim\nCMD [\"gunicorn\", \"app:app\"]\n",
        ),
        (
            "app.py",
            "import os\n\nfrom flask import Flask\n\napp = Flask(__name__)\nKEY = os.environ[\"API_SECRET\"]\nSIZE = int(os.environ.get(\"PAGE_SIZE\", \"20\"))\n",
        ),
        (".dockerignore", "mine\n"),
    ]);
    let shown = folder.xii(&["init", "--dry-run"]);
    assert_eq!(shown.code, Some(0), "{}", shown.err);
    assert!(!folder.join("Procfile").exists());

    let run = folder.xii(&["init"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(
        fs::read_to_string(folder.join("Procfile")).unwrap(),
        "web: gunicorn app:app\n"
    );
    assert_eq!(
        fs::read_to_string(folder.join(".dockerignore")).unwrap(),
        "mine\n"
    );
    let example = fs::read_to_string(folder.join(".env.example")).unwrap();
    assert!(
        example.contains("# secret; read at app.py:6\nAPI_SECRET=\n"),
        "{example}"
    );
    assert!(
        example.contains("# number; read at app.py:7\nPAGE_SIZE=20\n"),
        "{example}"
    );

    let again = folder.xii(&["init"]);
    assert!(again.out.contains("kept   Procfile"), "{}", again.out);
}

//! What is copied, and what the copies are like.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use xii_probes::staging::{How, Snapshot, Staged};

use crate::bench::{Bench, git};

/// The paths of all that is in a folder.
fn paths(folder: &Path) -> Vec<String> {
    let empty = tempfile::tempdir().expect("a folder");
    let nothing = Snapshot::of(empty.path()).expect("a snapshot");
    let all = Snapshot::of(folder).expect("a snapshot");
    let files = nothing.changes(&all).into_iter();
    files
        .filter(|change| !change.folder)
        .map(|change| change.path.display().to_string())
        .collect()
}

#[test]
fn tracked_files_are_copied_as_they_are_on_the_disk_and_no_others() {
    let bench = Bench::with(&[
        ("app.py", "old"),
        ("bin/run", "#!/bin/sh\n"),
        (".env.example", "A=1"),
        ("gone.py", ""),
        ("data/deep/er/file", "x"),
        ("ümlaut name", "x"),
    ]);
    let run = fs::Permissions::from_mode(0o700);
    fs::set_permissions(bench.path().join("bin/run"), run).expect("it is ours");
    bench.track();
    bench.write("app.py", "changed");
    bench.write(".env", "SECRET=1");
    bench.write("untracked.py", "x");
    fs::remove_file(bench.path().join("gone.py")).expect("it is there");

    let staged = bench.stage_by(&[]).expect("it is staged");
    assert_eq!(
        paths(&staged.folder),
        [
            ".env.example",
            "app.py",
            "bin/run",
            "data/deep/er/file",
            "ümlaut name"
        ]
    );
    let text = fs::read_to_string(staged.folder.join("app.py")).expect("a file");
    assert_eq!(text, "changed");
    let mode = |path: &str| {
        let about = fs::metadata(staged.folder.join(path)).expect("it is there");
        about.mode() & 0o777
    };
    assert_eq!(
        (mode("bin/run"), mode("app.py"), mode("data")),
        (0o755, 0o644, 0o755)
    );
    let copied = staged.copied.expect("it was copied");
    assert!(copied.tracked && copied.files == 5, "{copied:?}");
    assert!(
        staged
            .notes
            .iter()
            .any(|note| note.starts_with("1 tracked files are not on the disk")),
        "{:?}",
        staged.notes
    );
}

#[test]
fn without_git_what_is_not_ignored_is_copied_and_this_is_told() {
    let bench = Bench::with(&[
        ("app.js", "1"),
        (".gitignore", ".env\nlogs/\n"),
        (".env", "SECRET=1"),
        ("logs/a.log", "x"),
        ("node_modules/x/index.js", "x"),
        ("venv/pyvenv.cfg", "home = /usr/bin"),
        (".github/workflows/ci.yml", "x"),
    ]);
    let staged = bench.stage_by(&[]).expect("it is staged");
    assert_eq!(
        paths(&staged.folder),
        [".github/workflows/ci.yml", ".gitignore", "app.js"]
    );
    assert!(!staged.copied.expect("it was copied").tracked);
    assert!(
        staged.notes[0].contains("not under git"),
        "{:?}",
        staged.notes
    );
}

#[test]
fn nothing_that_the_repository_sets_up_is_run_to_list_its_files() {
    let bench = Bench::with(&[("app.js", "1"), ("monitor", "#!/bin/sh\ntouch ran\n")]);
    let monitor = bench.path().join("monitor");
    fs::set_permissions(&monitor, fs::Permissions::from_mode(0o755)).expect("it is ours");
    bench.track();
    let program = monitor.to_str().expect("text");
    for setting in ["core.fsmonitor", "core.hooksPath", "core.pager"] {
        git(bench.path(), &["config", setting, program]);
    }
    let staged = bench.stage_by(&[]).expect("it is staged");
    assert_eq!(paths(&staged.folder), ["app.js", "monitor"]);
    assert!(!bench.path().join("ran").exists());
}

#[test]
fn links_that_lead_out_are_left_out_and_never_followed() {
    let bench = Bench::with(&[("a/b/file", "x"), ("outer/file", "x")]);
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret"), "s3cret").expect("a file");
    let link = |target: &Path, path: &str| {
        symlink(target, bench.path().join(path)).expect("a link");
    };
    link(Path::new("a/b/file"), "inside");
    link(Path::new("b"), "a/folder");
    link(Path::new("nowhere"), "dangling");
    link(&outside.path().join("secret"), "absolute");
    link(Path::new("../../../../../../../etc/passwd"), "a/b/upwards");
    // By its words this one stays inside: `a/top` leads to the top, and two up from there is outside.
    link(Path::new(".."), "a/top");
    link(Path::new("a/top/../.."), "devious");
    bench.track();
    // A folder that was tracked and is a link now.
    fs::remove_dir_all(bench.path().join("outer")).expect("it is there");
    fs::write(outside.path().join("file"), "s3cret").expect("a file");
    link(outside.path(), "outer");
    let _socket = UnixListener::bind(bench.path().join("socket")).expect("a socket");

    let staged = bench.stage_by(&[]).expect("it is staged");
    assert_eq!(
        paths(&staged.folder),
        ["a/b/file", "a/folder", "a/top", "dangling", "inside"]
    );
    for out in ["absolute", "a/b/upwards", "devious", "outer/file"] {
        let told = staged.notes.iter().any(|note| note.starts_with(out));
        assert!(told, "{out}: {:?}", staged.notes);
    }
}

#[test]
fn files_of_submodules_are_copied_and_one_that_is_not_checked_out_is_told() {
    let inner = Bench::with(&[("lib.js", "1")]);
    inner.track();
    git(inner.path(), &["commit", "--quiet", "--message=all"]);
    let bench = Bench::with(&[("app.js", "1")]);
    bench.track();
    let from = inner.path().to_str().expect("text");
    git(bench.path(), &["submodule", "--quiet", "add", from, "one"]);
    git(bench.path(), &["submodule", "--quiet", "add", from, "two"]);
    git(
        bench.path(),
        &["submodule", "--quiet", "deinit", "--force", "two"],
    );
    let staged = bench.stage_by(&[]).expect("it is staged");
    assert_eq!(
        paths(&staged.folder),
        [".gitmodules", "app.js", "one/lib.js"]
    );
    let told = |note: &String| note.contains("submodule two is not checked out");
    assert!(staged.notes.iter().any(told), "{:?}", staged.notes);
}

#[test]
fn only_the_files_below_the_audited_folder_are_copied() {
    let bench = Bench::with(&[("services/one/app.js", "1"), ("services/two/app.js", "2")]);
    bench.track();
    let below = bench.path().join("services/one");
    let staged = bench
        .stage_with(crate::bench::plan_of(&[]), |wanted| {
            wanted.source = Box::leak(below.into_boxed_path());
        })
        .expect("it is staged");
    assert_eq!(paths(&staged.folder), ["app.js"]);

    let staged = bench
        .stage_with(crate::bench::plan_of(&[]), |wanted| {
            wanted.root = "services/two"
        })
        .expect("it is staged");
    assert_eq!(paths(&staged.folder), ["app.js"]);
    let sibling = staged.folder.with_file_name("one").join("app.js");
    assert!(sibling.exists(), "what an app shares with others is there");
}

#[test]
fn a_copy_is_the_same_build_and_what_one_writes_the_other_does_not_see() {
    let bench = Bench::with(&[("app.js", "1"), ("package.json", "{}")]);
    let staged = bench
        .stage_by(&[
            "mkdir -p node_modules/x dist && echo 1 > node_modules/x/i.js && echo 1 > dist/a",
        ])
        .expect("it is staged");
    let copy = staged.copy().expect("a copy");
    let other = staged.copy().expect("another");
    assert_ne!(copy, other);
    let digest = |folder: &Path| Snapshot::of(folder).expect("a snapshot").digest();
    assert_eq!(digest(&copy), staged.digest().expect("a digest"));
    let inode = |folder: &Path| {
        let about = fs::metadata(folder.join("node_modules/x/i.js"));
        about.expect("it is there").ino()
    };
    assert_eq!(
        inode(&copy),
        inode(&staged.folder),
        "dependencies are linked"
    );

    let before = Staged::snapshot(&staged.folder).expect("a snapshot");
    fs::write(copy.join("app.js"), "2").expect("ours");
    fs::write(copy.join("sessions.db"), "x").expect("ours");
    fs::remove_file(copy.join("dist/a")).expect("ours");
    let after = Staged::snapshot(&staged.folder).expect("a snapshot");
    assert_eq!(before.changes(&after), []);
    let changes: Vec<_> = before
        .changes(&Staged::snapshot(&copy).expect("a snapshot"))
        .into_iter()
        .map(|change| (change.path.display().to_string(), change.how))
        .collect();
    assert_eq!(
        changes,
        [
            ("app.js".to_owned(), How::Content),
            ("dist/a".to_owned(), How::Removed),
            ("sessions.db".to_owned(), How::Added)
        ]
    );
    let path = |folder: &Path| {
        let variables = staged.variables_in(folder);
        let path = variables.into_iter().find(|(name, _)| name == "PATH");
        path.expect("a PATH").1
    };
    assert!(path(&copy).contains(copy.join("node_modules/.bin").to_str().expect("text")));
    assert!(!path(&copy).contains(staged.folder.to_str().expect("text")));
    drop(staged);
    assert!(!copy.exists() && !other.exists());
}

#[test]
fn in_place_is_the_folder_itself_with_its_own_environment() {
    let bench = Bench::with(&[
        ("app.py", "1"),
        (".venv/pyvenv.cfg", "home = /usr/bin"),
        ("node_modules/x/i.js", "1"),
    ]);
    let staged = bench
        .stage_with(crate::bench::plan_of(&["touch built"]), |wanted| {
            wanted.in_place = true
        })
        .expect("it is staged");
    assert_eq!(
        staged.folder,
        bench.path().canonicalize().expect("its real path")
    );
    assert!(staged.in_place && staged.steps.is_empty() && !bench.path().join("built").exists());
    let path = staged.variables.iter().find(|(name, _)| name == "PATH");
    let venv = staged.folder.join(".venv/bin");
    assert!(path.is_some_and(|(_, path)| path.starts_with(venv.to_str().expect("text"))));

    let copy = staged.copy().expect("a copy");
    let inode = |folder: &Path| {
        let about = fs::metadata(folder.join("node_modules/x/i.js"));
        about.expect("it is there").ino()
    };
    assert_ne!(
        inode(&copy),
        inode(&staged.folder),
        "nobody's own files are linked"
    );
    drop(staged);
    assert!(bench.path().join("app.py").exists() && !copy.exists());
}

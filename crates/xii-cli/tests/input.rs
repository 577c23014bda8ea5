//! Input as it should not be: every case ends soon, with the right exit code and a sentence.

mod workbench;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use workbench::{Folder, Run, xii};

#[test]
fn a_path_that_is_not_there_is_wrong_usage() {
    let run = Folder::empty().xii(&["check", "nowhere"]);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
    assert_eq!(run.err, "xii: cannot read nowhere: entity not found\n");
}

#[test]
fn a_file_is_not_a_folder() {
    let run = Folder::with(&[("app.js", "")]).xii(&["check", "app.js"]);
    assert_eq!(run.code, Some(2));
    assert_eq!(
        run.err,
        "xii: app.js is not a folder: give the folder that holds the app\n"
    );
}

#[test]
fn an_empty_folder_is_told_plainly() {
    let run = Folder::empty().xii(&["check"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(!run.out.is_empty() && run.err.is_empty());
}

#[test]
fn a_folder_without_permission_is_told() {
    let folder = Folder::with(&[("open/app.js", ""), ("closed/app.js", "")]);
    fs::set_permissions(folder.join("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let as_nobody = |path: &str| {
        let mut command = xii();
        command
            .args(["check", "--format", "json", path])
            .current_dir(folder.path());
        // Root may read everything, so it has to become somebody else.
        if rustix::process::geteuid().is_root() {
            let copy = folder.join("xii");
            fs::copy(env!("CARGO_BIN_EXE_xii"), &copy).unwrap();
            command = Command::new(copy);
            command
                .args(["check", "--format", "json", path])
                .current_dir(folder.path())
                .uid(65_534)
                .gid(65_534);
        }
        Run::of(&mut command)
    };
    let inside = as_nobody(".");
    let at_root = as_nobody("closed");
    fs::set_permissions(folder.join("closed"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(inside.code, Some(0), "{inside:?}");
    assert_eq!(inside.json()["notices"][0]["path"], "closed");
    assert_eq!(
        (at_root.code, at_root.err.as_str()),
        (Some(2), "xii: cannot read closed: permission denied\n")
    );
}

#[test]
fn malformed_manifests_become_notices_and_the_rest_goes_on() {
    let folder = Folder::with(&[
        (
            "package.json",
            "{\n  \"name\": \"a\",\n  \"dependencies\": {,}\n}\n",
        ),
        ("compose.yaml", "services:\n  web: [\n"),
        ("pyproject.toml", "[project\nname = 1\n"),
        ("Procfile", "web: node server.js\nnonsense\n"),
        (
            "server.js",
            "require('http').createServer().listen(3000);\n",
        ),
    ]);
    let run = folder.xii(&["check", "--format", "json", "--fail-on", "never"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let report = run.json();
    let places: Vec<(&str, i64)> = report["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|notice| {
            (
                notice["path"].as_str().unwrap(),
                notice["line"].as_i64().unwrap_or(0),
            )
        })
        .collect();
    for path in ["Procfile", "compose.yaml", "package.json", "pyproject.toml"] {
        assert!(
            places.iter().any(|(one, line)| *one == path && *line > 0),
            "{path}: {places:?}"
        );
    }
    assert_eq!(report["apps"][0]["process_types"][0]["name"], "web");
}

#[test]
fn a_huge_file_is_not_read() {
    let folder = Folder::empty();
    for name in ["package.json", "server.js", "data.bin", "yarn.lock"] {
        fs::File::create(folder.join(name))
            .unwrap()
            .set_len(1 << 30)
            .unwrap();
    }
    let run = folder.xii(&["check", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.contains("larger than 2 MB"), "{}", run.out);
}

#[test]
fn a_hundred_thousand_files_are_walked() {
    let folder = Folder::in_memory();
    for group in 0..100 {
        let inner = folder.join(&format!("data/{group}"));
        fs::create_dir_all(&inner).unwrap();
        for number in 0..1_000 {
            fs::File::create(inner.join(format!("{number}.txt"))).unwrap();
        }
    }
    let run = folder.xii(&["check", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
}

#[test]
fn ten_thousand_nested_folders_are_entered_only_so_far() {
    let folder = Folder::in_memory();
    // A path of this depth is longer than the system takes at once: it is made step by step.
    let mut at = rustix::fs::open(
        folder.path(),
        rustix::fs::OFlags::DIRECTORY,
        rustix::fs::Mode::empty(),
    )
    .unwrap();
    for _ in 0..10_000 {
        rustix::fs::mkdirat(&at, "d", rustix::fs::Mode::RWXU).unwrap();
        at = rustix::fs::openat(
            &at,
            "d",
            rustix::fs::OFlags::DIRECTORY,
            rustix::fs::Mode::empty(),
        )
        .unwrap();
    }
    let run = folder.xii(&["check", "--format", "json"]);
    // rm goes step by step as well.
    assert!(
        Command::new("rm")
            .arg("-rf")
            .arg(folder.join("d"))
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.out.contains("nested deeper than"), "{}", run.out);
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    let folder = Folder::empty();
    folder.write(
        "package.json",
        b"{\"name\": \"\xff\xfe\", \"dependencies\": {\"express\": \"\x80\"}}",
    );
    folder.write(
        "server.js",
        b"// \xc3\x28\nrequire('express')().listen(3000, '\xff');\n",
    );
    folder.write("app.py", b"\x00\x01\x02import os");
    folder.write("config.yml", b"\xff\xfea\x00:\x00 \x001\x00");
    folder.write("deep.js", "[".repeat(200_000).as_bytes());
    folder.write("deep.py", format!("x = {}", "(".repeat(200_000)).as_bytes());
    folder.write("deep.json", "{\"a\":".repeat(100_000).as_bytes());
    let run = folder.xii(&["check", "--format", "json", "--fail-on", "never"]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn links_are_not_followed() {
    let outside = Folder::with(&[("secret.py", "PASSWORD = 'Wq8zPf3kLmW9sT2x'\n")]);
    let folder = Folder::with(&[("app.py", "import os\n")]);
    symlink(".", folder.join("loop")).unwrap();
    symlink("/", folder.join("root")).unwrap();
    symlink(outside.path(), folder.join("outside")).unwrap();
    symlink(outside.join("secret.py"), folder.join("settings.py")).unwrap();
    folder.commit();
    let run = folder.xii(&["check", "--format", "json", "--fail-on", "never"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(!run.out.contains("hard-coded-secret"), "{}", run.out);
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        bomb.push_str(&format!(
            "a{level}: &a{level} [{}]\n",
            [before.as_str(); 9].join(", ")
        ));
    }
    let folder = Folder::with(&[
        ("docker-compose.yml", &bomb),
        (".github/workflows/ci.yml", &bomb),
    ]);
    let run = folder.xii(&["check", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(!run.json()["notices"].as_array().unwrap().is_empty());
}

#[test]
fn pipes_are_not_opened() {
    let folder = Folder::with(&[("app.py", "import os\n")]);
    for name in ["package.json", "server.js", ".env"] {
        rustix::fs::mknodat(
            rustix::fs::CWD,
            folder.join(name),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
    }
    let run = folder.xii(&["check", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn files_may_come_and_go_meanwhile() {
    let folder = Folder::with(&[("package.json", "{\"name\": \"a\"}")]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for number in 0..200 {
                    folder.write(&format!("src/{number}.js"), b"process.env.A;\n");
                }
                let _ = fs::remove_dir_all(folder.join("src"));
            }
        });
        for _ in 0..10 {
            let run = folder.xii(&["check", "--format", "json"]);
            assert!(matches!(run.code, Some(0 | 1)), "{run:?}");
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_closed_pipe_is_no_error() {
    let folder = Folder::with(&[("package.json", "{\"name\": \"a\"}")]);
    let mut child = xii()
        .args(["check", "--verbose"])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
}

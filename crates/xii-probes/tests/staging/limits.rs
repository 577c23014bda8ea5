//! What bounds a build, and what is left of it.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use xii_probes::staging::{Ended, Outside, Planned, Why};

use crate::bench::{Bench, plan_of, run};

/// Waits until it is so.
fn wait_for(what: &str, mut so: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(20);
    while !so() {
        assert!(Instant::now() < limit, "{what} did not come about");
        std::thread::yield_now();
    }
}

/// Whether the process is there and has not ended.
fn is_alive(pid: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn all_of_a_build_is_killed_when_its_time_is_over() {
    let pids = tempfile::tempdir().expect("a folder");
    let bench = Bench::with(&[("app", "1")]);
    // One in the group, one in a session of its own, one whose parent is gone.
    let line = format!(
        "cd {}; setsid sh -c 'echo $$ > own; exec sleep 1000' & \
         (setsid sh -c 'echo $$ > lost; exec sleep 1000' &) ; echo $$ > group; \
         until [ -s own ] && [ -s lost ]; do sleep 0.02; done; echo here; sleep 1000",
        pids.path().display()
    );
    // A machine that is busy takes longer to come as far as that.
    let error = [2, 10, 60, 300]
        .into_iter()
        .map(|seconds| {
            let within = Duration::from_secs(seconds);
            let staged = bench.stage_with(plan_of(&[&line]), |wanted| wanted.within = within);
            staged.expect_err("the time is over")
        })
        .find(|error| error.tail(1) == ["here"])
        .expect("it comes as far as that");
    assert!(matches!(*error.why, Why::TimedOut { .. }), "{error}");
    assert_eq!(error.outside(), Some(Outside::Time));
    assert_eq!(error.built[0].ended, Ended::TimedOut);
    for name in ["own", "lost", "group"] {
        let pid = fs::read_to_string(pids.path().join(name)).expect("it was started");
        wait_for(name, || !is_alive(pid.trim()));
    }
    assert_eq!(bench.scratches(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn what_a_step_leaves_running_is_ended_with_it() {
    let pids = tempfile::tempdir().expect("a folder");
    let bench = Bench::with(&[("app", "1")]);
    let line = format!(
        "mkfifo started; (setsid sh -c 'echo $$ > {}; echo > started; exec sleep 1000' &); read x < started",
        pids.path().join("server").display()
    );
    let staged = bench.stage_by(&[&line]).expect("it is staged");
    let pid = fs::read_to_string(pids.path().join("server")).expect("it was started");
    wait_for("its end", || !is_alive(pid.trim()));
    assert!(staged.steps[0].ok);
}

#[test]
fn a_stage_that_is_given_up_leaves_nothing() {
    let pids = tempfile::tempdir().expect("a folder");
    let bench = Bench::with(&[("app", "1")]);
    let mark = pids.path().join("pid");
    let line = format!(
        "echo $$ > {0}.new; mv {0}.new {0}; exec sleep 1000",
        mark.display()
    );
    let temporary = bench.temporary().to_owned();
    let caller = vec![
        ("PATH".into(), std::env::var_os("PATH").expect("a PATH")),
        ("TMPDIR".into(), temporary.into()),
    ];
    run(async {
        let staging = xii_probes::staging::stage(xii_probes::staging::Wanted {
            source: bench.path(),
            root: ".",
            in_place: false,
            plan: plan_of(&[&line]),
            within: Duration::from_secs(300),
            keep: false,
            caller,
            variables: Vec::new(),
            prefix: &|_| Vec::new(),
            tell: &|_| {},
        });
        let started = async {
            while !mark.exists() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = staging => panic!("it sleeps"),
            () = started => {}
        }
    });
    let pid = fs::read_to_string(&mark).expect("it was started");
    assert!(!is_alive(pid.trim()));
    assert_eq!(bench.scratches(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_step_that_fails_is_told_with_its_last_words_and_without_secrets() {
    let mut bench = Bench::with(&[("app", "1")]);
    let home = tempfile::tempdir().expect("a folder");
    let npmrc =
        "registry=https://npm.example/\n//npm.example/:_authToken=npm_T0ken0123456789\nprefix=/x\n";
    fs::write(home.path().join(".npmrc"), npmrc).expect("a file");
    bench.caller = vec![
        ("HOME".into(), home.path().into()),
        (
            "HTTPS_PROXY".into(),
            "http://me:hunter2hunter2@proxy:1".into(),
        ),
    ];
    let error = bench
        .stage_by(&[
            "true",
            "cat \"$npm_config_userconfig\"; p=${HTTPS_PROXY#*me:}; echo $HTTPS_PROXY ${p%@*} >&2; exit 7",
            "touch never",
        ])
        .expect_err("it fails");
    assert!(
        matches!(
            *error.why,
            Why::BuildFailed {
                ended: Ended::Code(7),
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(error.outside(), None);
    let said = format!("{error} {:?} {:?}", error.built, bench.told.borrow());
    assert!(
        error.built.len() == 2 && said.contains("registry=https://npm.example/"),
        "{said}"
    );
    assert!(
        !said.contains("T0ken") && !said.contains("hunter2"),
        "{said}"
    );
    assert!(
        !said.contains("prefix="),
        "only what names registries is carried: {said}"
    );
}

#[test]
fn what_explains_a_failure_from_outside_is_told() {
    let bench = Bench::with(&[("app", "1")]);
    for (line, outside) in [
        (
            "echo 'npm error code ENOTFOUND: getaddrinfo ENOTFOUND x' >&2; exit 1",
            Outside::Network,
        ),
        (
            "echo 'write: No space left on device'; exit 1",
            Outside::Disk,
        ),
        ("echo 'npm error code E401'; exit 1", Outside::Refused),
    ] {
        let error = bench.stage_by(&[line]).expect_err("it fails");
        assert_eq!(error.outside(), Some(outside));
        assert!(error.to_string().ends_with(&outside.to_string()), "{error}");
    }
}

#[test]
fn a_tool_that_is_not_installed_is_named() {
    let bench = Bench::with(&[("app", "1")]);
    let mut plan = plan_of(&["frobnicate build"]);
    plan.steps[0].needs = Some("frobnicate".to_owned());
    let error = bench
        .stage_with(plan, |_| {})
        .expect_err("there is no such tool");
    assert!(matches!(&*error.why, Why::NoTool { program, .. } if program == "frobnicate"));
    assert_eq!(error.outside(), Some(Outside::Tool));
    assert!(error.to_string().contains("install frobnicate"), "{error}");
}

#[test]
fn a_frozen_install_that_fails_is_done_without_its_lock_and_told() {
    let bench = Bench::with(&[("app", "1")]);
    let mut plan = plan_of(&["exit 1", "false"]);
    plan.steps[0] = Planned {
        frozen: true,
        otherwise: Some("touch installed".to_owned()),
        ..plan.steps[0].clone()
    };
    plan.steps[1].optional = true;
    let staged = bench.stage_with(plan, |_| {}).expect("it is staged");
    let ok: Vec<bool> = staged.steps.iter().map(|step| step.ok).collect();
    assert_eq!(ok, [false, true, false]);
    assert_eq!(
        staged.failed_lock().map(|built| built.line.as_str()),
        Some("exit 1")
    );
    assert!(staged.folder.join("installed").exists());
    assert_eq!(staged.notes.len(), 3, "{:?}", staged.notes);
}

#[test]
fn a_build_gets_a_clean_home_and_nothing_of_the_callers_but_what_names_registries() {
    let mut bench = Bench::with(&[("app", "1")]);
    let home = tempfile::tempdir().expect("a folder");
    let venv = tempfile::tempdir().expect("a folder");
    fs::create_dir(venv.path().join("bin")).expect("a folder");
    fs::write(venv.path().join("pyvenv.cfg"), "").expect("a file");
    let path = format!(
        "{}:/somewhere/node_modules/.bin:{}",
        venv.path().join("bin").display(),
        std::env::var("PATH").expect("a PATH")
    );
    bench.caller = vec![
        ("HOME".into(), home.path().into()),
        ("PATH".into(), path.into()),
        ("VIRTUAL_ENV".into(), venv.path().into()),
        ("DATABASE_URL".into(), "postgres://mine".into()),
        ("NODE_PATH".into(), "/mine".into()),
        ("NODE_ENV".into(), "development".into()),
        ("PIP_INDEX_URL".into(), "https://pypi.example/simple".into()),
        ("GOPROXY".into(), "https://go.example".into()),
    ];
    let staged = bench
        .stage_with(plan_of(&["env"]), |wanted| {
            wanted.variables = vec![("SOURCE_VERSION".to_owned(), "abc".to_owned())];
        })
        .expect("it is staged");
    let lines: Vec<&str> = staged.built[0].output.lines().collect();
    let get = |name: &str| {
        let prefix = format!("{name}=");
        lines.iter().find_map(|line| line.strip_prefix(&prefix))
    };
    for name in ["DATABASE_URL", "NODE_PATH", "NODE_ENV", "VIRTUAL_ENV"] {
        assert_eq!(get(name), None);
    }
    for (name, value) in [
        ("HOME", staged.home.to_str().expect("text")),
        ("TMPDIR", staged.temporary.to_str().expect("text")),
        ("PIP_INDEX_URL", "https://pypi.example/simple"),
        ("UV_DEFAULT_INDEX", "https://pypi.example/simple"),
        ("GOPROXY", "https://go.example"),
        ("SOURCE_VERSION", "abc"),
        ("CI", "true"),
    ] {
        assert_eq!(get(name), Some(value));
    }
    let path = get("PATH").expect("a PATH");
    assert!(
        !path.contains(venv.path().to_str().expect("text")),
        "{path}"
    );
    assert!(!path.contains("/somewhere/"), "{path}");
    assert!(home.path().join(".cache/xii/builds/npm").is_dir());
    // A run gets less.
    let names: Vec<&str> = staged
        .variables
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert!(names.contains(&"PATH") && names.contains(&"HOME") && names.contains(&"LANG"));
    assert!(
        !names.contains(&"PIP_INDEX_URL") && !names.contains(&"CI"),
        "{names:?}"
    );
}

#[test]
fn a_flood_of_output_is_bounded() {
    let bench = Bench::with(&[("app", "1")]);
    let staged = bench
        .stage_by(&[
            "echo first; yes 0123456789012345678901234567890123456789 | head -n 500000; echo last",
        ])
        .expect("it is staged");
    let output = &staged.built[0].output;
    assert_eq!(output.head[0], "first");
    assert_eq!(output.last(1), ["last"]);
    assert!(output.dropped > 400_000, "{}", output.dropped);
    assert!(output.lines().map(str::len).sum::<usize>() < 70 * 1024);
}

#[test]
fn a_scratch_folder_is_kept_when_it_is_asked_for() {
    let bench = Bench::with(&[("app", "1")]);
    let keep = |wanted: &mut xii_probes::staging::Wanted<'_>| wanted.keep = true;
    let staged = bench
        .stage_with(plan_of(&["touch built"]), keep)
        .expect("it is staged");
    let folder = staged.folder.clone();
    drop(staged);
    assert!(folder.join("built").exists());
    let error = bench.stage_with(plan_of(&["touch built; exit 1"]), keep);
    let kept = error.expect_err("it fails").kept.expect("it was kept");
    assert!(kept.join("app/built").exists());
    let secrets = fs::read_dir(kept.join("settings")).expect("it is there");
    let files = secrets.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_file()));
    assert_eq!(
        files.count(),
        0,
        "nothing that may hold credentials is kept"
    );
}

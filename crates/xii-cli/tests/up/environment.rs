//! What an instance finds when it is started.

use std::collections::BTreeMap;

use rustix::process::Signal;

use crate::events::{line, text};
use crate::harness::App;
use crate::ports::Ports;

/// The variables of an instance that ran `env` between two lines.
fn variables(up: &crate::harness::Up, instance: &str) -> BTreeMap<String, String> {
    up.wait(line(instance, "that is all"));
    up.all(line(instance, "="))
        .iter()
        .filter_map(|event| {
            let text = text(event);
            let (name, value) = text.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect()
}

#[test]
fn each_layer_is_over_the_one_before() {
    let ports = Ports::new();
    let app = App::of(&[
        (
            "Procfile",
            "web: sh show.sh\nmy-api: sh show.sh\nworker: sh show.sh\n",
        ),
        (
            "xii.toml",
            "[run]\nrouter = false\n[processes.worker]\nenv = { C = \"type\", FAR_URL = \"elsewhere\" }\n\
             [processes.my-api]\nlistens = true\n",
        ),
        (".env", "B=file\nC=file\nWEB_URL=given\n"),
        ("show.sh", "env; echo that is all; exec sleep 1000\n"),
    ]);
    let mut command = app.command(&["up", "--format", "json", "--port", &ports.base()]);
    command.args(["--scale", "worker=2"]);
    for name in ["A", "B", "C", "PORT", "PS", "XII_PROCESS"] {
        command.env(name, "caller");
    }
    let up = crate::harness::Up::start(&mut command, app.state());
    let web = variables(&up, "web.1");
    let api = variables(&up, "my-api.1");
    let worker = variables(&up, "worker.2");
    let base = ports.base;
    let url = format!("http://127.0.0.1:{}", base + 100);
    for (of, name, value) in [
        (&web, "A", "caller"),
        (&web, "B", "file"),
        (&web, "C", "file"),
        (&worker, "C", "type"),
        (&web, "PORT", &base.to_string()),
        (&api, "PORT", &(base + 100).to_string()),
        (&worker, "PORT", &(base + 201).to_string()),
        (&worker, "PS", "worker.2"),
        (&worker, "XII_PROCESS", "worker.2"),
        (&worker, "FAR_URL", "elsewhere"),
        // Said by somebody: then it is not what the runtime would say.
        (&worker, "WEB_URL", "given"),
        (&worker, "MY_API_URL", &url),
        (&web, "MY_API_URL", &url),
    ] {
        assert_eq!(of.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert_eq!(api.get("MY_API_URL"), None, "its own");
    assert_eq!(web.get("WORKER_URL"), None, "it does not listen");
    up.stop();
}

#[test]
fn behind_the_router_siblings_are_told_of_the_router() {
    let ports = Ports::new();
    let app = App::of(&[
        ("Procfile", "web: sh show.sh\nworker: sh show.sh\n"),
        ("show.sh", "env; echo that is all; exec sleep 1000\n"),
    ]);
    let up = app.up(&["--port", &ports.base()]);
    let worker = variables(&up, "worker.1");
    let url = format!("http://127.0.0.1:{}", ports.base);
    assert_eq!(worker.get("WEB_URL"), Some(&url));
    let web = variables(&up, "web.1");
    assert_ne!(web.get("PORT"), Some(&ports.base()), "the router has it");
    assert_eq!(worker.get("PORT"), Some(&(ports.base + 100).to_string()));
    up.stop();
}

#[test]
fn nothing_of_the_supervisor_is_left_in_a_process() {
    let app = App::of(&[
        ("Procfile", "a: sh look.sh\n"),
        (
            "look.sh",
            "grep Sig /proc/self/status; echo limit $(ulimit -Sn)\n\
             for fd in /proc/$$/fd/*; do echo file ${fd##*/}; done; echo that is all; [ $PS ] && exec sleep 1000\n",
        ),
    ]);
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let up = app.up(&[]);
    up.wait(line("a.1", "that is all"));
    let own = std::fs::read_to_string("/proc/self/status").expect("there is /proc");
    for mask in ["SigBlk", "SigIgn"] {
        let line = text(&up.wait(line("a.1", mask)));
        let own = own.lines().find(|line| line.starts_with(mask));
        assert_eq!(signals(&line), signals(own.expect("its own")), "{line}");
        // Not even those may be held back.
        assert!(
            mask == "SigIgn" || line.ends_with("0000000000000000"),
            "{line}"
        );
    }
    let files: Vec<String> = up.all(line("a.1", "file ")).iter().map(text).collect();
    let mut directly = std::process::Command::new("sh");
    app.set(directly.arg("look.sh"));
    let directly = crate::workbench::Run::of(&mut directly);
    let expected: Vec<&str> = directly
        .out
        .lines()
        .filter(|line| line.starts_with("file "))
        .collect();
    assert_eq!(files, expected);
    let soft = limit.current.expect("a limit");
    up.wait(line("a.1", &format!("limit {soft}")));
    up.stop();
}

/// The signals of a line of `proc_pid_status(5)`, without those that xii itself ignores or handles, which
/// processes are to have as they are by default, and without those from 32 on, some of which are the C
/// library's own.
fn signals(line: &str) -> u64 {
    let mask = line.rsplit(':').next().unwrap_or_default().trim();
    let all = u64::from_str_radix(mask, 16).expect("a mask");
    let own = [
        Signal::PIPE,
        Signal::HUP,
        Signal::INT,
        Signal::QUIT,
        Signal::TERM,
        Signal::USR1,
        Signal::USR2,
        Signal::XFSZ,
    ];
    own.iter().fold(all & ((1 << 31) - 1), |all, signal| {
        all & !(1 << (signal.as_raw() - 1))
    })
}

#[test]
fn secrets_of_a_file_and_of_a_type_are_hidden_in_lines() {
    let (one, other) = ("tYp4Qz81LmWc0RxV", "9f86d081884c7d659a2f");
    let app = App::of(&[
        ("Procfile", "a: sh tell.sh\n"),
        (
            "tell.sh",
            "echo one $API_TOKEN, other $SESSION_SECRET; exec sleep 1000\n",
        ),
        (".env", &format!("API_TOKEN={one}\n")),
        (
            "xii.toml",
            &format!("[processes.a]\nenv = {{ SESSION_SECRET = \"{other}\" }}\n"),
        ),
    ]);
    let up = app.up(&[]);
    up.wait(line("a.1", "one [hidden], other [hidden]"));
    let stored = app.xii(&["logs", "-n", "all", "--format", "json"]);
    assert!(!stored.out.contains(one) && !stored.out.contains(other));
}

//! `xii witness`, the command.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal};
use serde_json::Value;
use xii_model::{Deed, Event, What};

use crate::harness::{end, python, stage};
use crate::workbench::{Folder, Run, xii};

/// A folder, where the command can do its work.
fn folder(test: &str) -> Option<Folder> {
    stage(test).map(|(_, folder, _)| folder)
}

fn events(text: &str) -> Vec<Event> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

fn deeds(events: &[Event]) -> Vec<&Deed> {
    let acts = events.iter().filter_map(|event| match &event.what {
        What::Act(act) => Some(&act.deed),
        _ => None,
    });
    acts.collect()
}

#[test]
fn a_command_has_its_streams_and_its_exit_code_and_the_record_follows() {
    let test = "a_command_has_its_streams_and_its_exit_code_and_the_record_follows";
    let Some(folder) = folder(test) else {
        return;
    };
    let script = "echo out; echo err >&2; echo > made; mkdir sub; exit 5";
    let run = folder.xii(&["witness", "--", "sh", "-c", script]);
    assert_eq!((run.code, run.out.as_str()), (Some(5), "out\n"));
    let lines: Vec<&str> = run.err.lines().collect();
    assert_eq!(lines[0], "err");
    assert_eq!(lines[1], "");
    assert!(lines[2].starts_with("sh -c 'echo out; "), "{run:?}");
    assert!(lines[2].contains("  exit code 5 after "), "{run:?}");
    assert_eq!(lines[3], "2 processes, 2 programs, 1 file written");
    assert!(
        lines
            .iter()
            .any(|line| line.ends_with(" ms  made or emptied ./made")),
        "{run:?}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.ends_with(" ms  made the folder ./sub")),
        "{run:?}"
    );
    // Not a terminal.
    assert!(!run.err.contains('\x1b'));
}

#[test]
fn colour_is_as_it_was_asked_for() {
    let Some(folder) = folder("colour_is_as_it_was_asked_for") else {
        return;
    };
    let always = folder.xii(&["witness", "--color", "always", "--", "sh", "-c", ": > f"]);
    assert!(
        always.err.contains("\x1b[33mmade or emptied ./f\x1b[0m"),
        "{always:?}"
    );
    let in_file = ["witness", "--color", "always", "-o", "record", "--", "true"];
    let run = folder.xii(&in_file);
    assert_eq!(run.err, "");
    let text = std::fs::read_to_string(folder.join("record")).expect("it was written");
    assert!(
        text.contains("exit code 0") && text.contains("1 program"),
        "{text}"
    );
    assert!(!text.contains('\x1b'));
}

#[test]
fn json_is_a_line_an_event_from_the_start_to_the_end() {
    let Some(folder) = folder("json_is_a_line_an_event_from_the_start_to_the_end") else {
        return;
    };
    let words = ["witness", "--format", "json", "--output", "r.jsonl", "--"];
    let run = folder.xii(&[&words[..], &["sh", "-c", ": > f; kill -s TERM $$"]].concat());
    assert_eq!((run.code, run.err.as_str()), (Some(128 + 15), ""));
    let text = std::fs::read_to_string(folder.join("r.jsonl")).expect("it was written");
    let events = events(&text);
    assert!(
        matches!(&events[0].what, What::Started { command, .. } if command.starts_with("sh -c"))
    );
    let last = events.last().expect("an end");
    assert!(
        matches!(&last.what, What::Exited { code: None, signal: Some(signal), .. } if signal == "SIGTERM")
    );
    assert!(
        events
            .iter()
            .all(|event| event.source.to_string() == "run.1")
    );
    assert!(events.is_sorted_by_key(|event| event.at));
    let deeds = deeds(&events);
    assert!(matches!(deeds[0], Deed::Born { .. }));
    assert!(matches!(deeds[1], Deed::Executed { .. }));
    assert!(
        deeds
            .iter()
            .any(|deed| deed.to_string().starts_with("sent SIGTERM"))
    );
    // What a script would look for.
    let opened = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let paths: Vec<Value> = opened
        .filter(|one| one["event"] == "act" && one["deed"] == "opened")
        .map(|one| one["path"].clone())
        .collect();
    assert!(
        paths
            .iter()
            .any(|path| path.as_str().is_some_and(|path| path.ends_with("/f")))
    );
}

#[test]
fn what_is_only_read_is_told_where_it_is_asked_for() {
    let Some(folder) = folder("what_is_only_read_is_told_where_it_is_asked_for") else {
        return;
    };
    folder.write("config", b"a\n");
    let command = ["--", "sh", "-c", "read a < config"];
    let without = folder.xii(&[&["witness"], &command[..]].concat());
    assert!(!without.err.contains("./config"), "{without:?}");
    let with = folder.xii(&[&["witness", "--reads"], &command[..]].concat());
    assert!(with.err.contains("opened to read ./config"), "{with:?}");
}

#[test]
fn secrets_on_command_lines_are_masked_in_every_format() {
    let Some(folder) = folder("secrets_on_command_lines_are_masked_in_every_format") else {
        return;
    };
    let script = "true --password hunter22; env API_TOKEN=hunter22 true";
    for format in ["human", "json"] {
        let run = folder.xii(&[
            "witness",
            "--format",
            format,
            "--",
            "sh",
            "-c",
            script,
            "sh",
            "--token=hunter22",
        ]);
        assert_eq!(run.code, Some(0));
        assert!(run.err.contains("API_TOKEN=***"), "{run:?}");
        // The script itself is one word of no known form, and stays as the user wrote it.
        let rest = run.err.replace(script, "");
        assert!(!rest.contains("--token=hunter22"), "{run:?}");
        assert!(
            !rest.contains("\"hunter22\"") && !rest.contains("TOKEN=hunter22 true\n"),
            "{run:?}"
        );
    }
}

#[test]
fn what_cannot_be_run_has_the_exit_code_of_a_shell() {
    let Some(folder) = folder("what_cannot_be_run_has_the_exit_code_of_a_shell") else {
        return;
    };
    let run = folder.xii(&["witness", "--", "no-such-program"]);
    assert_eq!(run.code, Some(127));
    assert!(
        run.err
            .starts_with("xii: cannot run `no-such-program`: there is no such program\n")
    );
    folder.write("text", b"no program");
    assert_eq!(folder.xii(&["witness", "--", "./text"]).code, Some(126));
}

#[test]
fn wrong_usage_is_told_before_anything_runs() {
    let Some(folder) = folder("wrong_usage_is_told_before_anything_runs") else {
        return;
    };
    let touch = ["--", "touch", "ran"];
    let none = folder.xii(&[&["witness", "-o", "no/such/file"], &touch[..]].concat());
    assert_eq!(none.code, Some(2));
    assert_eq!(
        none.err,
        "xii: cannot write no/such/file: there is no folder no/such\n"
    );
    let taken = folder.xii(&[&["witness", "-o", "."], &touch[..]].concat());
    assert_eq!(taken.code, Some(2));
    assert_eq!(folder.xii(&["witness"]).code, Some(2));
    assert!(!folder.join("ran").exists());
}

#[test]
fn a_recorder_inside_of_another_says_that_it_cannot_be() {
    let Some(folder) = folder("a_recorder_inside_of_another_says_that_it_cannot_be") else {
        return;
    };
    let inner = env!("CARGO_BIN_EXE_xii");
    let run = folder.xii(&["witness", "--", inner, "witness", "--", "touch", "ran"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(
        run.err.contains("this process is recorded itself already"),
        "{run:?}"
    );
    assert!(!folder.join("ran").exists());
}

/// The command, with pipes, whose first line of output has come.
fn started(
    folder: &Folder,
    words: &[&str],
) -> (Child, String, BufReader<std::process::ChildStdout>) {
    let mut child = xii()
        .args(["witness", "--format", "json", "--"])
        .args(words)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    out.read_line(&mut line).expect("it lives");
    (child, line.trim().to_owned(), out)
}

fn send(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(child.id().cast_signed()).expect("a process");
    rustix::process::kill_process(pid, signal).expect("it lives");
}

#[test]
fn signals_are_handed_on() {
    let test = "signals_are_handed_on";
    let (Some(folder), Some(python)) = (folder(test), python(test)) else {
        return;
    };
    let script = "import signal, sys\n\
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))\n\
        signal.signal(signal.SIGINT, lambda *_: sys.exit(4))\n\
        print('ready', flush=True)\n\
        while True: signal.pause()";
    for (signal, code) in [(Signal::TERM, 3), (Signal::INT, 4)] {
        let (mut child, _, _out) = started(&folder, &[python, "-c", script]);
        send(&child, signal);
        assert_eq!(end(&mut child).code(), Some(code));
    }
}

#[test]
fn what_lives_on_is_waited_for_and_ended_by_a_signal() {
    let test = "what_lives_on_is_waited_for_and_ended_by_a_signal";
    let (Some(folder), Some(python)) = (folder(test), python(test)) else {
        return;
    };
    // The daemon leaves its session and its parent, and keeps no stream but standard output.
    let script = "import os, signal\n\
        if os.fork(): os._exit(6)\n\
        os.setsid()\n\
        if os.fork(): os._exit(0)\n\
        print(os.getpid(), flush=True)\n\
        while True: signal.pause()";
    let (mut child, daemon, _out) = started(&folder, &[python, "-c", script]);
    let err = child.stderr.take().expect("a pipe");
    let mut err = BufReader::new(err);
    let mut line = String::new();
    err.read_line(&mut line).expect("it speaks of the daemon");
    assert!(
        line.starts_with(&format!(
            "xii: the command has ended with 6, and what it started lives on (process {daemon})"
        )),
        "{line}"
    );
    send(&child, Signal::INT);
    let mut record = String::new();
    err.read_to_string(&mut record).expect("the record");
    assert_eq!(end(&mut child).code(), Some(6));
    let events = events(&record);
    let session = events
        .iter()
        .any(|event| event.what.is_act("left its session"));
    assert!(session, "{record}");
    let daemon = Pid::from_raw(daemon.parse().expect("its id")).expect("a process");
    assert!(rustix::process::test_kill_process(daemon).is_err());
}

trait IsAct {
    fn is_act(&self, words: &str) -> bool;
}

impl IsAct for What {
    fn is_act(&self, words: &str) -> bool {
        matches!(self, What::Act(act) if act.deed.to_string() == words)
    }
}

#[test]
fn a_command_does_not_outlive_a_recorder_that_is_killed() {
    let Some(folder) = folder("a_command_does_not_outlive_a_recorder_that_is_killed") else {
        return;
    };
    let (mut child, _, mut out) = started(&folder, &["sh", "-c", "echo $$; exec sleep 1000"]);
    send(&child, Signal::KILL);
    end(&mut child);
    // The pipe ends when the last who holds it has ended.
    let mut rest = Vec::new();
    out.read_to_end(&mut rest).expect("it ends");
}

#[test]
fn help_has_examples() {
    let run = Run::of(Command::new(env!("CARGO_BIN_EXE_xii")).args(["witness", "--help"]));
    assert_eq!(run.code, Some(0));
    assert!(run.out.contains("xii witness -- npm start"), "{run:?}");
    let all = Run::of(Command::new(env!("CARGO_BIN_EXE_xii")).arg("--help"));
    assert!(
        all.out.contains("witness") && !all.out.contains("witnessed"),
        "{all:?}"
    );
}

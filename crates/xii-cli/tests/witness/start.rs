//! How a process becomes a program that is watched.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use xii_witness::Options;

use crate::harness::{LONG, end, python, stage};
use crate::workbench::{Run, skipped, xii};

fn output(command: &mut Command) -> Run {
    Run::of(command)
}

#[test]
fn a_program_keeps_its_folder_variables_arguments_and_exit_code() {
    let Some((watch, folder, path)) =
        stage("a_program_keeps_its_folder_variables_arguments_and_exit_code")
    else {
        return;
    };
    let words = [
        "sh",
        "-c",
        "pwd; echo \"$A\" \"$1\"; exit 9",
        "sh",
        "--user",
    ];
    let mut command = watch.command("web.1", &Options::default(), &words);
    let run = output(command.current_dir(folder.path()).env("A", "a b"));
    assert_eq!(
        (run.code, run.out),
        (Some(9), format!("{path}\na b --user\n"))
    );
    assert_eq!(run.err, "");
}

#[test]
fn what_cannot_be_run_is_told_as_a_shell_would() {
    let Some((watch, folder, _)) = stage("what_cannot_be_run_is_told_as_a_shell_would") else {
        return;
    };
    folder.write("text", b"no program");
    let run = |words: &[&str]| {
        let mut command = watch.command("web.1", &Options::default(), words);
        output(command.current_dir(folder.path()))
    };
    let none = run(&["no-such-program"]);
    assert_eq!(none.code, Some(127));
    assert_eq!(
        none.err,
        "xii: cannot run `no-such-program`: there is no such program\n"
    );
    let refused = run(&["./text"]);
    assert_eq!(refused.code, Some(126), "{refused:?}");
    assert!(watch.witness.wait(Some(LONG)));
}

#[test]
fn a_script_that_names_no_interpreter_is_for_the_shell() {
    let Some((watch, folder, _)) = stage("a_script_that_names_no_interpreter_is_for_the_shell")
    else {
        return;
    };
    folder.write("script", b"echo $1; exit 4\n");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.join("script"), mode).expect("it is ours");
    let mut command = watch.command("web.1", &Options::default(), &["./script", "hello"]);
    let run = output(command.current_dir(folder.path()));
    assert_eq!((run.code, run.out.as_str()), (Some(4), "hello\n"));
}

#[test]
fn a_reader_that_is_gone_ends_a_program_as_ever() {
    let Some((watch, folder, _)) = stage("a_reader_that_is_gone_ends_a_program_as_ever") else {
        return;
    };
    let ran = watch.run(folder.path(), &["sh", "-c", "kill -s PIPE $$; exit 7"]);
    assert_eq!(ran.status.code(), None);
}

#[test]
fn a_program_can_gain_no_privileges() {
    let Some((watch, folder, _)) = stage("a_program_can_gain_no_privileges") else {
        return;
    };
    let words = ["grep", "NoNewPrivs", "/proc/self/status"];
    let mut command = watch.command("web.1", &Options::default(), &words);
    let run = output(command.current_dir(folder.path()));
    assert_eq!(run.out, "NoNewPrivs:\t1\n");
}

#[test]
fn another_user_is_taken_with_no_groups_left() {
    let test = "another_user_is_taken_with_no_groups_left";
    let (Some((watch, folder, path)), Some(_)) = (stage(test), python(test)) else {
        return;
    };
    if !rustix::process::geteuid().is_root() {
        skipped(test, "only root may become another user");
        return;
    }
    let options = Options {
        user: Some(65534),
        ..Options::default()
    };
    let words = ["sh", "-c", "id -u; id -g; id -G; echo > refused"];
    let mut command = watch.command("web.1", &options, &words);
    let run = output(command.current_dir(folder.path()));
    assert_eq!(run.out, "65534\n65534\n65534\n");
    assert!(!folder.join("refused").exists());
    // It was asked for, and so it is told, whatever came of it.
    let asked = format!("made or emptied {path}/refused");
    assert!(
        watch
            .seen()
            .iter()
            .any(|seen| seen.act.deed.to_string() == asked)
    );
}

#[test]
fn a_watched_process_cannot_watch() {
    let Some((watch, folder, _)) = stage("a_watched_process_cannot_watch") else {
        return;
    };
    // The inner one is handed the socket of the outer one, as a nested run would be.
    let inner: Vec<_> = watch.witness.prefix("inner", &Options::default());
    let inner: Vec<&str> = inner[1..]
        .iter()
        .map(|word| word.to_str().expect("text"))
        .collect();
    let words = [&[env!("CARGO_BIN_EXE_xii")], inner.as_slice(), &["true"]].concat();
    let mut command = watch.command("web.1", &Options::default(), &words);
    let run = output(command.current_dir(folder.path()));
    assert_eq!(run.code, Some(125), "{run:?}");
    assert!(run.err.contains("recorded already"), "{run:?}");
}

#[test]
fn a_stranger_at_the_door_is_not_let_in() {
    let test = "a_stranger_at_the_door_is_not_let_in";
    let (Some((watch, folder, path)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    let prefix = watch.witness.prefix("web.1", &Options::default());
    let socket = prefix[3].to_str().expect("text");
    let mode = |path: &std::path::Path| {
        let about = std::fs::metadata(path).expect("it is there");
        about.permissions().mode() & 0o777
    };
    let at = std::path::Path::new(socket);
    assert_eq!(mode(at), 0o600);
    assert_eq!(mode(at.parent().expect("a folder")), 0o700);
    // Nonsense, a descriptor that is no listener, and more connections than are kept.
    let script = format!(
        "import array, os, socket\n\
         def door():\n\
         \x20   one = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n\
         \x20   one.connect('{socket}')\n\
         \x20   return one\n\
         quiet = [door() for _ in range(100)]\n\
         one = door(); one.send(b'nonsense'); assert one.recv(1) == b''\n\
         one = door(); one.send(b'xii1\\0web'); assert one.recv(1) == b''\n\
         one = door()\n\
         right = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0, 1]))]\n\
         one.sendmsg([b'xii1\\0web'], right); assert one.recv(1) == b''"
    );
    let mut stranger = Command::new(python)
        .args(["-c", &script])
        .spawn()
        .expect("it starts");
    assert!(end(&mut stranger).success());
    let ran = watch.run(folder.path(), &["sh", "-c", "echo > f"]);
    ran.has(&format!("made or emptied {path}/f"));
}

#[test]
fn nothing_is_left_behind() {
    let Some((watch, folder, _)) = stage("nothing_is_left_behind") else {
        return;
    };
    watch.run(folder.path(), &["true"]);
    let prefix = watch.witness.prefix("web.1", &Options::default());
    let socket = std::path::PathBuf::from(&prefix[3]);
    assert!(socket.exists());
    drop(watch);
    assert!(!socket.parent().expect("a folder").exists());
    // Who comes later is told so.
    let run = output(xii().args(&prefix[1..]).arg("true"));
    assert_eq!(run.code, Some(125));
    assert!(run.err.contains("cannot reach the recorder"), "{run:?}");
}

#[test]
fn the_command_is_not_for_people() {
    let run = output(xii().args(["witnessed", "--help"]));
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("xii witness -- COMMAND"), "{run:?}");
}

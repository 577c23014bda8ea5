//! A proof that is ended before it is done.

use std::fs::File;
use std::io::Read;
use std::process::Stdio;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::{Pid, Signal, kill_process};

use crate::harness::{App, Proof};
use crate::workbench::{Folder, Run};

#[test]
fn what_was_told_by_then_is_reported() {
    for sent in [Signal::INT, Signal::TERM] {
        // Opening it waits for the other side: so the test knows that the app runs.
        let meeting = Folder::empty();
        let pipe = meeting.join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
        let app = App::python(&format!(
            "open({:?}, 'w').write('here')\nserve()",
            pipe.display().to_string()
        ));
        let child = app
            .prove(&[
                "--criterion",
                "VII.1",
                "--criterion",
                "IX.2",
                "--criterion",
                "IX.4",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("xii runs");
        let mut said = String::new();
        let mut pipe = File::open(&pipe).expect("the app opened it");
        pipe.read_to_string(&mut said).expect("it was written");
        assert_eq!(said, "here");
        let pid = Pid::from_raw(child.id().cast_signed()).expect("it has one");
        kill_process(pid, sent).expect("it runs");
        let output = child.wait_with_output().expect("it ends");
        let run = Run {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("the output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("the errors are UTF-8"),
        };
        assert_eq!(run.code, Some(130), "{run:?}");
        assert!(run.err.contains("interrupted"), "{run:?}");
        app.nothing_left();
        let proof = Proof {
            report: run.json(),
            run,
        };
        proof.says("IX.4", "could_not_tell", "interrupted");
    }
}

//! Apps that do not stop, and that say more than anybody reads.

use crate::harness::App;

#[test]
fn an_app_that_ignores_signals() {
    let lines = "[signal.signal(one, signal.SIG_IGN) for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)]\nserve()";
    let proof = App::python(lines).proved(&["IX.2"]);
    proof.says(
        "IX.2",
        "broken",
        "still ran when its grace of 30 s was over",
    );
    assert_eq!(proof.run.code, Some(1), "{:?}", proof.run);
}

#[test]
fn an_app_that_prints_without_end() {
    let lines = "def talk():\n    line = b'0123456789' * 100 + b'\\n'\n    while True: os.write(1, line)\n\
                 threading.Thread(target=talk, daemon=True).start()\nserve()";
    let proof = App::python(lines).proved(&["VII.1", "IX.1"]);
    proof.says("VII.1", "holds", "");
}

#[test]
fn a_line_without_an_end() {
    let lines = "def talk():\n    while True: os.write(1, b'0123456789' * 100)\n\
                 threading.Thread(target=talk, daemon=True).start()\nserve()";
    App::python(lines)
        .proved(&["VII.1"])
        .says("VII.1", "holds", "");
}
